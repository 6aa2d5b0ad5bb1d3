import type { PrivacyMode } from '../plugin.js';
import { addressKey, bare } from '../util/address-key.js';
import { canBeJson } from '../util/can-be-json.js';
import { cleanText } from '../util/clean-text.js';
import { invalid, membersOf } from '../util/query-checks.js';
import type { ConsentRow } from './consent-store.js';

/** All modes; a withdrawal knows those before the last. */
const MODES: readonly PrivacyMode[] = ['off', 'anonymous', 'deliverability', 'identified'];

/** The longest name of where something was said. */
const SOURCE_LENGTH = 200;

/** The longest text that was shown. */
const NOTICE_LENGTH = 10_000;

/** The largest proof, in bytes of JSON. */
const PROOF_BYTES = 16_384;

/** How far the clock of whoever says when may be ahead, in milliseconds. */
const CLOCKS_MS = 60_000;

/** What was said, and whether it was said now. */
export interface Said {
  row: ConsentRow;
  isNow: boolean;
}

/**
 * Returns an address as it is compared and as it was written.
 *
 * @throws TrackingError `INVALID_OPTIONS` for what cannot be one
 */
export function checkRecipient(
  query: string,
  recipient: unknown,
): { address: string; written: string } {
  const address = typeof recipient === 'string' ? addressKey(recipient) : undefined;
  if (address !== undefined) return { address, written: bare(recipient as string)! };
  throw invalid(query, ['recipient: must be an address, a text of 1 to 320 characters']);
}

/** Checks a grant. @throws TrackingError `INVALID_OPTIONS`, listing every problem and no value */
export function checkGrant(grant: unknown, now: number): Said {
  const said = read('grant', grant, now, MODES);
  if (said.opens === null && said.clicks === null) {
    need(said, 'opens', `or clicks is needed: ${namesOf(MODES)}`);
  }
  if (said.source === null) need(said, 'source', 'is needed: where it was said');
  if (said.notice === null) need(said, 'notice', 'is needed: the text that was shown');
  return toSaid('grant', 'granted', said, now);
}

/** Checks a withdrawal. @throws TrackingError `INVALID_OPTIONS`, listing every problem and no value */
export function checkWithdrawal(withdrawal: unknown, now: number): Said {
  const said = read('withdraw', withdrawal, now, MODES.slice(0, -1));
  const isAll = said.opens === null && said.clicks === null;
  return toSaid('withdraw', 'withdrawn', { ...said, ...(isAll && OFF) }, now);
}

const OFF = { opens: 'off', clicks: 'off' } as const;

/** What the page of an unsubscribe link says. */
export function saidByPage(tenant: string | null, now: number): Said {
  const row = { what: 'withdrawn', ...OFF, source: 'page', notice: null, proof: null } as const;
  return { row: { ...row, tenant: tenant && cleanText(tenant), at: now }, isNow: true };
}

interface Reading extends Pick<ConsentRow, 'opens' | 'clicks' | 'notice' | 'proof'> {
  source: string | null;
  at: number | null;
  problems: string[];
}

function read(query: string, given: unknown, now: number, modes: readonly PrivacyMode[]): Reading {
  const known = ['opens', 'clicks', 'source', 'notice', 'proof', 'at'];
  const members = new Map(membersOf(query, given, known));
  const problems: string[] = [];
  const take = <T>(name: string, remedy: string, check: (value: unknown) => T | undefined) => {
    const value = members.get(name);
    if (value === undefined || value === null) return null;
    const checked = check(value);
    if (checked === undefined) problems.push(`${name}: ${remedy}`);
    return checked ?? null;
  };
  const modeOf = (value: unknown) => modes.find((mode) => mode === value);
  const text = (name: string, length: number) =>
    take(name, `must be a text of 1 to ${length} characters`, (value) => textOf(value, length));
  return {
    problems,
    opens: take('opens', `must be ${namesOf(modes)}`, modeOf),
    clicks: take('clicks', `must be ${namesOf(modes)}`, modeOf),
    source: text('source', SOURCE_LENGTH),
    notice: text('notice', NOTICE_LENGTH),
    proof: take('proof', `must be JSON of at most ${PROOF_BYTES} bytes`, jsonOf),
    at: take('at', 'must be a Date that is not in the future', (value) => timeOf(value, now)),
  };
}

/** Says that a member is needed, if it was left out. */
function need({ problems }: Reading, name: string, remedy: string): void {
  const isGiven = problems.some((problem) => problem.startsWith(`${name}: `));
  if (!isGiven) problems.push(`${name}: ${remedy}`);
}

function toSaid(query: string, what: ConsentRow['what'], reading: Reading, now: number): Said {
  const { problems, at, source, ...rest } = reading;
  if (problems.length > 0) throw invalid(query, problems);
  const row = { ...rest, what, source: source ?? 'app', tenant: null, at: at ?? now };
  return { row, isNow: at === null };
}

function namesOf(modes: readonly string[]): string {
  return `${modes
    .slice(0, -1)
    .map((mode) => `'${mode}'`)
    .join(', ')} or '${modes.at(-1)}'`;
}

function textOf(value: unknown, length: number): string | undefined {
  const isText = typeof value === 'string' && value.trim() !== '' && value.length <= length;
  return isText ? cleanText(value) : undefined;
}

function jsonOf(value: unknown): string | undefined {
  const json = canBeJson(value) ? (JSON.stringify(value) as string | undefined) : undefined;
  return json !== undefined && Buffer.byteLength(json) <= PROOF_BYTES ? json : undefined;
}

function timeOf(value: unknown, now: number): number | undefined {
  const at = value instanceof Date ? value.getTime() : Number.NaN;
  return at >= 0 && at <= now + CLOCKS_MS ? Math.min(at, now) : undefined;
}
