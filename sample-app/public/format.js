const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
const calendar = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

/** The time of today, or the day and time of another day. */
export function time(date) {
  const at = new Date(date);
  return (at.toDateString() === new Date().toDateString() ? clock : calendar).format(at);
}
export const dateAndTime = (date) => calendar.format(new Date(date));

export function bytes(count) {
  return count < 1024 ? `${count} B` : `${(count / 1024).toFixed(1)} KB`;
}

export const plural = (count, noun) => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** A URL as people read it: without what is always the same. */
export function shortUrl(url) {
  const { origin } = window.location;
  if (url.startsWith(`${origin}/`)) return url.slice(origin.length);
  return url.replace(/^https?:\/\//, '').replace(/\/$/, '');
}

// Browsers name each other in their user agents, so the order decides.
const CLIENTS = [
  [/GoogleImageProxy/, 'Gmail image proxy'],
  [/Thunderbird\/(\d+)/, 'Thunderbird'],
  [/Edg\/(\d+)/, 'Edge'],
  [/OPR\/(\d+)/, 'Opera'],
  [/Firefox\/(\d+)/, 'Firefox'],
  [/(?:Headless)?Chrome\/(\d+)/, 'Chrome'],
  [/Version\/(\d+).*Safari/, 'Safari'],
  [/curl\/([\d.]+)/, 'curl'],
];
const SYSTEMS = [
  [/iPhone|iPad/, 'iOS'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Mac OS X/, 'macOS'],
  [/Linux/, 'Linux'],
];

/** Good enough to read; the event holds the string itself. */
export function client(userAgent) {
  if (!userAgent) return 'not given';
  const known = CLIENTS.find(([pattern]) => pattern.test(userAgent));
  if (!known) return userAgent;
  const version = known[0].exec(userAgent)[1];
  const system = SYSTEMS.find(([pattern]) => pattern.test(userAgent));
  return [known[1], version, system && `on ${system[1]}`].filter(Boolean).join(' ');
}
