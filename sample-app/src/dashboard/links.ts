import type { LinkStats } from 'nestjs-email-tracking/stats';
import type { StoredMail } from '../mail/sent-mails.js';

/** The clicks on a link of a mail. */
export interface LinkNumbers {
  /** Which link of its part it is, from 0; null where only a provider saw it. */
  index: number | null;
  part: string | null;
  label: string | null;
  url: string | null;
  people: { total: number; unique: number };
  unknown: number;
  /** Clicks by machines and privacy proxies. The latter hardly ever click. */
  machines: number;
}

/** The links of a mail with their clicks, also those without; then all others. */
export function linksOf(mail: StoredMail | null, clicked: LinkStats[]): LinkNumbers[] {
  const rest = new Map(clicked.map((link) => [keyOf(link), link]));
  const known = (mail?.links ?? []).map((link) => {
    const key = keyOf({ ...link, label: link.label ?? null });
    const found = rest.get(key);
    rest.delete(key);
    return toNumbers({ ...link, label: link.label ?? null }, found);
  });
  return [...known, ...[...rest.values()].map((link) => toNumbers(link, link))];
}

type Place = Pick<LinkStats, 'part' | 'index' | 'label' | 'url'>;

/** As the store tells links apart. */
function keyOf({ part, index, label, url }: Place): string {
  return JSON.stringify(index === null ? [url] : [part, index, label]);
}

function toNumbers({ part, index, label, url }: Place, found?: LinkStats): LinkNumbers {
  const { people, unknown, privacyProxies, machines } = found?.clicks ?? {};
  return {
    index,
    part,
    label,
    url,
    people: people ?? { total: 0, unique: 0 },
    unknown: unknown?.total ?? 0,
    machines: (machines?.total ?? 0) + (privacyProxies?.total ?? 0),
  };
}
