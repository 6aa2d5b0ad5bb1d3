import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Corrections, HitType, TrackingEvent, Verdict } from 'nestjs-email-tracking';
import { VerdictClassifier } from '../../lib/verdict/verdict-classifier.js';
import { RuleBook } from '../../lib/verdict/rule-book.js';
import { weigh } from '../../lib/verdict/evidence.js';
import { eventWith } from '../support/event.js';
import { hit as factsOf, NOON } from './facts.js';

/** Who makes a hit in truth. */
export type Who = 'person' | 'machine';

interface Hit {
  at: number;
  by: string;
  from: string;
  open?: true;
  link?: number | 'unsubscribe';
  who?: Who;
}

/** Hits of one mail and recipient. */
export interface Sequence {
  name: string;
  who: Who;
  /** A machine of which nothing sure enough is known. */
  missed?: true;
  links: number;
  /** Where the hits are known from; our own links, unless a provider reports them. */
  source?: 'esp';
  /** When the mail was delivered, if a provider says so. */
  delivered?: number;
  hits: Hit[];
}

interface Sequences {
  programs: Record<string, Record<'open' | 'click', Record<string, string>> & { agent: string }>;
  networks: Record<string, string>;
  sequences: Sequence[];
}

/** A line of the table: how many cases there are, and what they are taken for. */
export interface Row {
  cases: string;
  who: Who;
  count: number;
  /** Taken for a machine, and more than possibly. */
  machines: number;
  /** People among them. */
  wrong: string[];
}

function read<T>(...path: string[]): T {
  return JSON.parse(readFileSync(join(process.cwd(), ...path), 'utf8')) as T;
}

const vectors = read<Sequences>('test', 'vectors', 'verdict', 'sequences.json');
export const { sequences } = vectors;

const made = read<Record<'people' | 'machines', string[]>>(
  'test',
  'vectors',
  'verdict',
  'agents.json',
);

/** Folders of `random-useragent` in which are no people. */
const NOT_PEOPLE = /Spiders|Downloaders|Libraries|Validators|Feed Readers|Services|Misc\w+\/Misc/;

/** Agents of packages, and our own, by where they are from. */
export function agents(): { cases: string; who: Who; agents: string[] }[] {
  const people = read<{ userAgent: string }[]>('node_modules/user-agents/dist/user-agents.json');
  const old = read<{ userAgent: string; folder: string }[]>(
    'node_modules/random-useragent/useragent-data.json',
  );
  const robots = read<{ instances: string[] }[]>(
    'node_modules/crawler-user-agents/crawler-user-agents.json',
  );
  const sets: [string, Who, string[]][] = [
    ['user-agents', 'person', people.map(({ userAgent }) => userAgent)],
    [
      'random-useragent',
      'person',
      old.filter(({ folder }) => !NOT_PEOPLE.test(folder)).map(({ userAgent }) => userAgent),
    ],
    ['agents of people, made here', 'person', made.people],
    ['crawler-user-agents', 'machine', robots.flatMap(({ instances }) => instances)],
    ['agents of machines, made here', 'machine', made.machines],
  ];
  return sets.map(([cases, who, all]) => ({ cases, who, agents: [...new Set(all)] }));
}

const book = new RuleBook();

/** What an agent by itself is taken for, as a click or as an open: the worse for a person. */
export function classifyAgent(agent: string, type: HitType): Verdict {
  const facts = factsOf(type, { userAgent: agent });
  return weigh(book.evidenceOf(facts), book.version);
}

/** Whether a verdict says that it was a machine, and more than possibly. */
export function saysMachine({ kind, certainty }: Verdict): boolean {
  return (kind === 'scanner' || kind === 'prefetch') && certainty !== 'possible';
}

/** Lets a sequence happen, and tells what each of its hits is taken for in the end. */
export function play({ name, links, hits, source, delivered }: Sequence): Verdict[] {
  const classifier = new VerdictClassifier({}, () => NOON);
  const verdicts = new Map<string, Verdict>();
  const tell = (event: TrackingEvent) => {
    // In memory, a classifier answers at once.
    const corrections = classifier.decide(event) as Corrections;
    if (event.verdict) verdicts.set(event.eventId, event.verdict);
    for (const { eventIds, verdict } of corrections ?? []) {
      for (const id of eventIds) verdicts.set(id, verdict);
    }
  };
  const mail = { messageId: name, recipient: 'ann@example.com', sentAt: new Date(NOON) };
  const hasUnsubscribe = hits.some(({ link }) => link === 'unsubscribe');
  const steps = hits.map((hit, i) => ({
    at: hit.at,
    event: toEvent(hit, `${i}`, links + (hasUnsubscribe ? 1 : 0), source === 'esp'),
  }));
  if (delivered !== undefined) {
    steps.push({ at: delivered, event: eventWith({ eventType: 'delivered', source: 'esp' }) });
  }
  for (const { at, event } of steps.toSorted((a, b) => a.at - b.at)) {
    tell({ ...event, ...mail, timestamp: new Date(NOON + at * 1000) });
  }
  return hits.map((_, i) => verdicts.get(`${i}`)!);
}

function toEvent(hit: Hit, eventId: string, count: number, isReported: boolean): TrackingEvent {
  const type = hit.open ? 'open' : 'click';
  const program = vectors.programs[hit.by]!;
  const isUnsubscribeLink = hit.link === 'unsubscribe';
  const linkIndex = isUnsubscribeLink ? count - 1 : ((hit.link as number | undefined) ?? null);
  const userIp = vectors.networks[hit.from]!;
  const event = eventWith({
    eventType: type === 'open' ? 'opened' : 'clicked',
    source: isReported ? 'esp' : 'link',
    eventId,
    userAgent: program.agent === '' ? null : program.agent,
    userIp,
    linkIndex,
    part: 'html',
    clickUrl: type === 'open' ? null : `https://example.com/${linkIndex}`,
  });
  if (isReported) return { ...event, result: null, linkIndex: null };
  const requestData = {
    userAgent: event.userAgent,
    userIp,
    method: 'GET',
    headers: program[type],
  };
  const links = { isUnsubscribeLink, trackedLinkCount: count, linkCount: count };
  return { ...event, result: { requestData, ...links } as unknown as TrackingEvent['result'] };
}

/** The table that the run prints and docs/verdicts.md shows. */
export function table(): Row[] {
  const rows = agents().map(({ cases, who, agents: all }): Row => {
    const called = all.filter((agent) =>
      (['clicked', 'opened'] as const)[who === 'person' ? 'some' : 'every']((type) =>
        saysMachine(classifyAgent(agent, type)),
      ),
    );
    return {
      cases,
      who,
      count: all.length,
      machines: called.length,
      wrong: who === 'person' ? called : [],
    };
  });
  const played = sequences.map((sequence) => ({ sequence, verdicts: play(sequence) }));
  const ofWho = (sequence: Sequence, who: Who, verdicts: Verdict[]) =>
    verdicts.filter((_, i) => (sequence.hits[i]!.who ?? sequence.who) === who);
  for (const who of ['person', 'machine'] as const) {
    const cases = played.filter(({ sequence }) => sequence.who === who);
    const called = cases.filter(({ sequence, verdicts }) => {
      const own = ofWho(sequence, who, verdicts);
      return who === 'person' ? own.some(saysMachine) : own.every(saysMachine);
    });
    rows.push({
      cases: who === 'person' ? 'sequences of people' : 'sequences of machines',
      who,
      count: cases.length,
      machines: called.length,
      wrong: who === 'person' ? called.map(({ sequence }) => sequence.name) : [],
    });
  }
  return rows;
}
