const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const [MINUTE, HOUR, DAY] = [60, 3600, 86_400];
/** Older times are written out. */
const LONGEST = 30 * DAY;

/** Makes of each time on a page, or in a part of it, how long ago it was. */
export function relate(root = document, now = new Date()) {
  for (const element of root.querySelectorAll('time[data-ago]')) {
    const words = wordsOf(element.dateTime, now) ?? element.title;
    if (element.textContent !== words) element.textContent = words;
  }
}

/** Null where the time itself says more. */
function wordsOf(text, now) {
  if (text.length === 'yyyy-mm-dd'.length) {
    const today = new Date(now.getFullYear(), now.getMonth(), now.getDate());
    const [year, month, day] = text.split('-').map(Number);
    const days = Math.round((new Date(year, month - 1, day) - today) / 1000 / DAY);
    return Math.abs(days) * DAY > LONGEST ? null : relative.format(days, 'day');
  }
  const ago = (now - Date.parse(text)) / 1000;
  if (Math.abs(ago) > LONGEST) return null;
  if (Math.abs(ago) < MINUTE) return 'just now';
  const [unit, length] =
    ago < HOUR ? ['minute', MINUTE] : ago < DAY ? ['hour', HOUR] : ['day', DAY];
  return relative.format(-Math.trunc(ago / length), unit);
}
