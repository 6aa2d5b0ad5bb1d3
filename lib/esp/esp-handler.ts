import { LRUCache } from 'lru-cache';
import { LATE, withDeadline } from '../util/deadline.js';
import { type EspMessage, TRACKING_CHANNELS } from '../util/diagnostics.js';
import {
  type EventPublisher,
  type HitHints,
  identityOf,
  type Published,
  type TrackingEvent,
} from '../plugin.js';
import { LimitedLog } from '../util/limited-log.js';
import type { LineLog } from '../util/log.js';
import { isTrackingError } from '../tracking.error.js';
import { toTrackingEvent } from './esp-event.js';
import type { EspAnswer, EspEvent, EspProvider } from './esp-provider.js';
import { type EspRefusal, inboundPayload, unreadable } from './esp-refusal.js';
import { EspRequest, type ReceivedRequest } from './esp-request.js';
import { EspTrackingService } from './esp-tracking.service.js';
import type { ReadyProvider } from './esp-settings.js';
import { requireObject } from './values.js';

/** How long handlers may delay an answer. Some providers wait for 3 seconds in all. */
const PATIENCE_MS = 2_000;

const EMPTY: EspReply = { status: 200, body: '', headers: {} };

/** An answer to a provider. */
export interface EspReply {
  status: number;
  body: string;
  headers: Readonly<Record<string, string>>;
}

/** The part of the publisher that the handler uses. */
export type EspPublisher = Pick<EventPublisher, 'publish'>;

/** Answers a provider's request: checks its proofs, reads its events and publishes them. */
export class EspHandler {
  /**
   * The last events that were taken, of this process only. Whoever stores events must skip repeats
   * by `identityOf` as well.
   */
  private readonly repeats = new LRUCache<string, SeenEvent>({ max: 50_000 });
  private readonly limited: LimitedLog<'EspTracking'>;

  constructor(
    private readonly publisher: EspPublisher,
    private readonly log: LineLog<'EspTracking'>,
    private readonly now: () => number = Date.now,
    private readonly service = new EspTrackingService(),
  ) {
    this.limited = new LimitedLog(log);
  }

  /** Answers a request. Never rejects. */
  async handle(ready: ReadyProvider, received: ReceivedRequest): Promise<EspReply> {
    const begun = TRACKING_CHANNELS.esp.begin();
    const events: ReadEvent[] = [];
    try {
      const answer = await this.answer(ready, received, events);
      const reply = inWordsOf(ready, answer);
      if (begun !== undefined) tell(begun, ready, outcomeOf(answer), reply, events);
      return reply;
    } catch (error) {
      return this.refuse(ready, error, begun, events);
    }
  }

  /** Answers and logs a refusal. */
  refuse(
    ready: ReadyProvider,
    error: unknown,
    begun = TRACKING_CHANNELS.esp.begin(),
    events: readonly ReadEvent[] = [],
  ): EspReply {
    const reply = this.refusalOf(ready, error);
    const outcome = isRefusal(error) ? 'refused' : 'failed';
    if (begun !== undefined) tell(begun, ready, outcome, reply, events);
    return reply;
  }

  private refusalOf(ready: ReadyProvider, error: unknown): EspReply {
    const refusal = isRefusal(error) ? error : unreadable('The body has an unknown shape.');
    this.report(ready.provider, error, 'a request could not be read.');
    const { status, message, headers } = refusal;
    return inWordsOf(ready, { status, body: `${message}\n`, headers });
  }

  private async answer(
    ready: ReadyProvider,
    received: ReceivedRequest,
    events: ReadEvent[],
  ): Promise<EspReply> {
    const request = new EspRequest(received, this.now(), ready.provider.limits?.members);
    if (received.method === 'POST') return this.take(ready, request, events);
    return (await answerOptions(ready, request)) ?? answerMethod(ready, received.method);
  }

  private async take(
    ready: ReadyProvider,
    request: EspRequest,
    events: ReadEvent[],
  ): Promise<EspReply> {
    const { provider, options, context } = ready;
    const shaken = provider.handshake?.(request, options, context);
    if (shaken) return replyOf(shaken);
    await authenticate(ready, request);
    const checked = provider.urlCheck?.(request, options, context);
    if (checked) return replyOf(checked);
    const raws = provider.parse
      ? await provider.parse(request, options, context)
      : [requireObject(request.json())];
    const { inbound, espName } = provider;
    if (inbound && raws.length > 0 && raws.every((raw) => inbound.is(raw))) {
      throw inboundPayload(espName, inbound.advice);
    }
    for (const raw of raws) this.read(ready, request, raw, events);
    return this.publish(provider, events);
  }

  /** Reads one raw event. An error in it does not stop the others of its batch. */
  private read(
    { provider, options, authentications }: ReadyProvider,
    request: EspRequest,
    raw: unknown,
    events: ReadEvent[],
  ): void {
    const { espName, inbound } = provider;
    const origin = { espName, now: request.now, insecure: authentications.length === 0 };
    try {
      if (inbound?.is(raw)) throw inboundPayload(espName, inbound.advice);
      const read = provider.toEvent(raw, request, options);
      if (read === null) return;
      const several = Array.isArray(read) ? (read as readonly EspEvent[]) : [read as EspEvent];
      for (const [index, each] of several.entries()) {
        const event = toTrackingEvent(each, raw, index, origin);
        events.push({ event, name: each.name, hints: { headers: each.headers } });
      }
    } catch (error) {
      this.report(provider, error, 'an event could not be read.');
    }
  }

  private report({ espName }: EspProvider, error: unknown, what: string): void {
    if (!isRefusal(error)) this.limited.write('ESP_FAILED', `${espName}: ${what}`, error);
    else {
      const code = error.code === 'ESP_SIGNATURE' ? 'ESP_REFUSED' : 'ESP_UNREADABLE';
      this.limited.write(code, `${espName}: ${error.message}`);
    }
  }

  private async publish(provider: EspProvider, events: readonly ReadEvent[]): Promise<EspReply> {
    const { espName } = provider;
    const publishing: Promise<Published>[] = [];
    for (const event of events) {
      const published = this.publishOnce(espName, event);
      if (published) publishing.push(published);
    }
    if (publishing.length === 0) return EMPTY;
    const end = performance.now() + PATIENCE_MS;
    const all = await withDeadline(Promise.all(publishing), PATIENCE_MS);
    if (all === LATE || all.some(({ taken }) => !taken)) return this.unavailable(provider);
    await withDeadline(Promise.all(all.map(({ handled }) => handled)), end - performance.now());
    return EMPTY;
  }

  private unavailable({ espName, statuses }: EspProvider): EspReply {
    const fact = 'A sink, such as the queue, did not accept an event in time.';
    if (statuses?.[503] === undefined) {
      const body = `${fact} ${espName} may send it again.\n`;
      return { status: 503, body, headers: { 'Retry-After': '10' } };
    }
    this.limited.write(
      'ESP_EVENT_LOST',
      `${espName}: an event is lost, it is not sent again. ${fact}`,
    );
    return { status: 503, body: `${fact}\n`, headers: {} };
  }

  /** @returns nothing for a repeat of an event that was taken */
  private publishOnce(espName: string, read: ReadEvent): Promise<Published> | undefined {
    const { event, name } = read;
    const id = identityOf(event);
    const earlier = this.repeats.get(id);
    if (earlier) return earlier.publishing;
    const seen: SeenEvent = { publishing: undefined };
    this.repeats.set(id, seen);
    if (event.eventType === 'unknown') this.noteUnknown(espName, name);
    seen.publishing = this.publishUntilTaken(espName, id, seen, read);
    return seen.publishing;
  }

  /** An event that cannot be published is one that was not taken: the provider sends it again. */
  private async publishUntilTaken(
    espName: string,
    id: string,
    seen: SeenEvent,
    { event, hints }: ReadEvent,
  ): Promise<Published> {
    let published: Published = NOT_TAKEN;
    try {
      published = await this.publisher.publish(event, { hints, untilTaken: true });
    } catch (error) {
      this.limited.write('ESP_FAILED', `${espName}: an event could not be published.`, error);
    }
    seen.publishing = undefined;
    if (!published.taken) this.repeats.delete(id);
    return published;
  }

  /** Warns once for each new name. A renamed event may be an unsubscribe. */
  private noteUnknown(espName: string, given: unknown): void {
    const name = this.service.noteUnknown(espName, given);
    if (name === undefined) return;
    this.log.write(
      'ESP_UNKNOWN_EVENT',
      `${espName} sent an event named ${name}, which is not mapped. Such events are published as ` +
        'tracking.unknown and counted in EspTrackingService.unknownEvents.',
    );
  }
}

const NOT_TAKEN: Published = { taken: false, handled: Promise.resolve() };

/** An event that was seen lately. */
interface SeenEvent {
  /** Until the sinks have answered: a repeat waits for the same outcome. */
  publishing: Promise<Published> | undefined;
}

/** An event, its name at the provider, and further evidence for its verdict. */
interface ReadEvent {
  event: TrackingEvent;
  name: unknown;
  hints: HitHints;
}

async function authenticate(
  { authentications }: ReadyProvider,
  request: EspRequest,
): Promise<void> {
  for (const authentication of authentications) {
    const verified = authentication.verify(request);
    if (verified) await verified;
  }
}

/** An OPTIONS that does not check the URL is answered like any other, without a proof. */
async function answerOptions(
  ready: ReadyProvider,
  request: EspRequest,
): Promise<EspReply | undefined> {
  if (request.method !== 'OPTIONS') return undefined;
  const checked = ready.provider.urlCheck?.(request, ready.options, ready.context);
  if (checked) await authenticate(ready, request);
  return checked && replyOf(checked);
}

/** The answer with the status by which the provider understands it. */
function inWordsOf({ provider }: ReadyProvider, reply: EspReply): EspReply {
  return { ...reply, status: provider.statuses?.[reply.status] ?? reply.status };
}

function replyOf({ status, body = '', headers = {} }: EspAnswer): EspReply {
  return { status, body, headers };
}

function answerMethod({ provider }: ReadyProvider, method: string): EspReply {
  if (method === 'HEAD' || (method === 'GET' && provider.answersGet)) return EMPTY;
  const headers = { Allow: `POST, HEAD, OPTIONS${provider.answersGet ? ', GET' : ''}` };
  return method === 'OPTIONS'
    ? { status: 200, body: '', headers }
    : { status: 405, body: 'This route takes events by POST.\n', headers };
}

function tell(
  begun: number,
  { provider }: ReadyProvider,
  outcome: EspMessage['outcome'],
  { status }: EspReply,
  events: readonly ReadEvent[],
): void {
  const types = events.map(({ event }) => event.eventType);
  TRACKING_CHANNELS.esp.end(begun, { provider: provider.espName, outcome, status, types });
}

/** The outcome of a request in which nothing failed. */
function outcomeOf({ status }: EspReply): EspMessage['outcome'] {
  if (status === 503) return 'unavailable';
  return status === 405 ? 'refused' : 'accepted';
}

/** By shape: providers of an app's own may load the other build of this package. */
function isRefusal(error: unknown): error is EspRefusal {
  return isTrackingError(error) && typeof (error as { status?: unknown }).status === 'number';
}
