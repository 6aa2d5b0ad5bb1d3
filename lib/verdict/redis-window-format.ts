import { createHash } from 'node:crypto';
import { CERTAINTIES, KINDS, MAX_HIT_CHARACTERS, rememberedHit } from './window-hit.js';
import { MAX_HITS_PER_KEY, type WindowHit, type WindowState } from './window-store.js';

/**
 * How a hit is written: the inside of a JSON array, with a tab before and behind the id,
 *
 *     1764000000000,⇥"0198c5a2-…",⇥0,57,"3","html",12,"203.0.113.0/24",708451
 *
 * when it was added, id, when it happened (from then), flags, link, part, tracked links, network,
 * agent. What comes behind is for later versions; lines of earlier ones have no agent.
 * JSON is what tells the texts apart, whatever is in them; and as it writes tabs and line ends
 * inside of texts in another way, the script finds ids and lines without reading JSON.
 */
interface WrittenHit {
  line: string;
  /** What of the line is in no line of another id. */
  id: string;
}

/** What is not text in a line, with room to spare. */
const OVERHEAD = 128;
/** JSON writes one character in six bytes at most. */
const MAX_LINE_BYTES = MAX_HIT_CHARACTERS * 6 + OVERHEAD;

/** What a window can take at most; where there is more, somebody else has written it. */
export const MAX_WINDOW_BYTES = (MAX_HITS_PER_KEY + 1) * MAX_LINE_BYTES;

/** @param hit one that `rememberedHit` gave */
export function writeHit(hit: WindowHit, now: number): WrittenHit {
  const { at, link, part, trackedLinks, network, agent } = hit;
  const id = `\t${JSON.stringify(hit.id)},\t`;
  const rest = JSON.stringify([at - now, flagsOf(hit), link, part, trackedLinks, network, agent]);
  return { id, line: `${now},${id}${rest.slice(1, -1)}` };
}

/**
 * Reads what the script gave: a line with the delivery or nothing, and a line for each hit. Redis
 * may hold anything, so that lines which cannot be read are left out.
 */
export function readWindow(reply: unknown): WindowState {
  if (typeof reply !== 'string') return { hits: [], deliveredAt: null };
  const [delivery, ...lines] = reply.split('\n', MAX_HITS_PER_KEY + 1);
  const deliveredAt = delivery ? Number(delivery) : NaN;
  return {
    hits: lines.map(readHit).filter((hit) => hit !== null),
    deliveredAt: Number.isSafeInteger(deliveredAt) ? deliveredAt : null,
  };
}

function readHit(line: string): WindowHit | null {
  if (line === '' || line.length > MAX_LINE_BYTES) return null;
  let values: unknown[];
  try {
    values = JSON.parse(`[${line}]`) as unknown[];
  } catch {
    return null;
  }
  const [added, id, after, flags, link, part, trackedLinks, network, agent = null] = values;
  if (typeof added !== 'number' || typeof id !== 'string' || typeof after !== 'number') return null;
  if (!isTextOrNull(link) || !isTextOrNull(part) || !isTextOrNull(network)) return null;
  if (typeof flags !== 'number' || !isNumberOrNull(trackedLinks)) return null;
  if (!isNumberOrNull(agent)) return null;
  const read = readFlags(flags);
  return (
    read &&
    rememberedHit({ id, at: added + after, link, part, trackedLinks, network, agent, ...read })
  );
}

/** From the lowest bit: a click, an unsubscribe link, the certainty (2), the kind (3). */
function flagsOf({ type, isUnsubscribe, certainty, kind }: WindowHit): number {
  return (
    (type === 'clicked' ? 1 : 0) |
    (isUnsubscribe ? 2 : 0) |
    (CERTAINTIES.indexOf(certainty) << 2) |
    (KINDS.indexOf(kind) << 4)
  );
}

function readFlags(
  flags: number,
): Pick<WindowHit, 'type' | 'isUnsubscribe' | 'certainty' | 'kind'> | null {
  const certainty = CERTAINTIES[(flags >> 2) & 3];
  const kind = KINDS[flags >> 4];
  if (!certainty || !kind || !Number.isInteger(flags)) return null;
  const isUnsubscribe = (flags & 2) !== 0;
  return { type: (flags & 1) === 0 ? 'opened' : 'clicked', isUnsubscribe, certainty, kind };
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === 'string';
}

function isNumberOrNull(value: unknown): value is number | null {
  return value === null || typeof value === 'number';
}

/**
 * A window is one string: `<when it changed> <delivery or nothing>`, and a line for each hit, each
 * with its `\n`. Anything else in the key counts as an empty window and is overwritten. Read with a
 * bound, so that a key of any size costs the same.
 *
 * KEYS: the window. ARGV: now, the age in milliseconds, hits and bytes at most; the id as it
 * is in a line, the line, and the delivery, each empty where there is none.
 *
 * Gives the delivery and the lines as they were before.
 */
export const WINDOW_SCRIPT = `
local oldest = tonumber(ARGV[1]) - tonumber(ARGV[2])
local max_hits, max_bytes = tonumber(ARGV[3]), tonumber(ARGV[4])
local id, hit, delivery = ARGV[5], ARGV[6], ARGV[7]

local delivered, hits, count = '', '', 0
local found = redis.pcall('GETRANGE', KEYS[1], 0, max_bytes)
if type(found) == 'string' and #found <= max_bytes and found:sub(-1) == '\\n' then
  local changed, earlier, start = found:match('^(%-?%d+) (%-?%d*)\\n()')
  if changed and #changed <= 17 and #earlier <= 17 and tonumber(changed) >= oldest
    and (earlier == '' or tonumber(earlier)) then
    local _, lines = found:gsub('\\n', '')
    if lines <= max_hits + 1 then
      delivered, hits, count = earlier, found:sub(start), lines - 1
    end
  end
end

local from = 1
while from <= #hits do
  local added = tonumber(hits:match('^%-?%d+', from) or '')
  if added and added >= oldest then break end
  from = hits:find('\\n', from, true) + 1
  count = count - 1
end
hits = hits:sub(from)

local known, is_news = delivered .. '\\n' .. hits, false
if hit ~= '' and not hits:find(id, 1, true) then
  if count >= max_hits then hits = hits:sub(hits:find('\\n', 1, true) + 1) end
  hits, is_news = hits .. hit .. '\\n', true
end
if delivery ~= '' and (delivered == '' or tonumber(delivery) < tonumber(delivered)) then
  delivered, is_news = delivery, true
end
if is_news then
  redis.call('SET', KEYS[1], ARGV[1] .. ' ' .. delivered .. '\\n' .. hits, 'PX', ARGV[2])
end
return known
`.trim();

/** By which Redis knows the script. */
export const WINDOW_SCRIPT_SHA1 = createHash('sha1').update(WINDOW_SCRIPT).digest('hex');
