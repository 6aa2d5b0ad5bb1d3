import { createHash } from 'node:crypto';
import { CATALOGUE } from 'nestjs-email-tracking';
import type { RecordedEvent } from 'nestjs-email-tracking/stats';
import { readerVerdictOf } from '../words.js';

/** What classifying reads of a `User-Agent`. */
const MAX_AGENT_LENGTH = 1024;

const MACHINES: readonly string[] = ['scanner', 'prefetch', 'privacy-proxy'];

/** Codes by which a machine is known for certain: no other rule outweighs them. */
const CERTAIN = new Set(
  CATALOGUE.filter(({ kind, certainty }) => MACHINES.includes(kind) && certainty === 'certain').map(
    ({ code }) => code,
  ),
);

/** A line for the option `verdict`, and what it makes of hits like this one. */
export interface TaughtRule {
  /** TypeScript in one line: members of `verdict`. */
  line: string;
  kind: 'human' | 'scanner';
  /** Codes that the line switches off. */
  disabled: string[];
}

type Hit = Pick<RecordedEvent, 'eventType' | 'verdict' | 'via' | 'userAgent' | 'userIp'>;

/**
 * Writes the rule that gives hits like this one the other verdict: about the agent, else about the
 * address. Null where neither is known, or where no rule can do it: what a provider is certain of.
 */
export function taughtRuleOf(hit: Hit): TaughtRule | null {
  const verdict = readerVerdictOf(hit);
  if (!verdict) return null;
  const kind = MACHINES.includes(verdict.kind) ? 'human' : 'scanner';
  const isCertain = kind === 'human' && verdict.certainty === 'certain';
  const disabled = isCertain ? verdict.reasons.filter((code) => CERTAIN.has(code)) : [];
  if (isCertain && disabled.length === 0) return null;
  const effect = hit.eventType === 'opened' ? 'opens' : 'clicks';
  const rule = ruleOf(
    hit,
    `code: 'TAUGHT', kind: '${kind}', certainty: 'certain', effect: '${effect}'`,
  );
  if (rule === null) return null;
  const off = disabled.length > 0 ? ` disable: [${disabled.map(literal).join(', ')}],` : '';
  return { line: `${rule},${off}`, kind, disabled };
}

function ruleOf({ userAgent, userIp }: Hit, what: string): string | null {
  const agent = userAgent?.slice(0, MAX_AGENT_LENGTH).trim();
  if (agent) {
    const id = idOf(`${what} ${agent}`);
    return `rules: [{ id: '${id}', on: 'agent', ${what}, agent: { is: ${literal(agent)} } }]`;
  }
  if (!userIp) return null;
  return `networks: [{ id: '${idOf(`${what} ${userIp}`)}', ${what}, networks: [${literal(userIp)}] }]`;
}

/** The same for the same rule, so that a line that was added twice is noticed at start-up. */
const idOf = (rule: string): string =>
  `taught-${createHash('sha256').update(rule).digest('hex').slice(0, 12)}`;

/**
 * A text from outside as a literal: nothing in it ends the literal, the line or the script around it,
 * or is shown in another order than it is read.
 */
const literal = (value: string): string =>
  `'${value.replace(/[^ -~]|['\\<]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)}'`;
