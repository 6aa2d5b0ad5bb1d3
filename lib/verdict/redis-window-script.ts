import { createHash } from 'node:crypto';

/**
 * A window is one string: `<when it changed> <delivery or nothing>`, and a line for each hit, each
 * with its `\n`. Whatever else stands in the key is taken for nothing and written over. Read with a
 * bound, so that a key of any size costs the same.
 *
 * KEYS: the window. ARGV: now, the age in milliseconds, hits and bytes at most; the id as it
 * stands in a line, the line, and the delivery, each empty where there is none.
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
