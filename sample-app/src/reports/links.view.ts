import type { Query } from '../dashboard/address.js';
import { renderExport } from '../dashboard/export.view.js';
import { campaignPath, messagePath, text } from '../dashboard/format.js';
import { renderFrame } from '../dashboard/frame.view.js';
import type { LinkNumbers } from '../dashboard/links.js';
import { renderLinks } from '../dashboard/links.view.js';
import { orderOf, renderPager, sortingOf } from '../dashboard/table.view.js';
import type { LinkSort } from '../web/queries.dto.js';

export const LINKS_A_PAGE = 50;
const PATH = '/links';

export interface LinksData {
  links: LinkNumbers[];
  /** The campaign or mail that they are of. */
  mails: { campaign?: string; mail?: string };
  page: number;
  sort: LinkSort;
  isDescending: boolean;
}

/** What links are sorted by; their place is that in the mail. */
const VALUES: Record<LinkSort, (link: LinkNumbers, place: number) => number> = {
  place: (_, place) => place,
  readers: ({ people }) => people.unique,
  clicks: ({ people }) => people.total,
  unknown: ({ unknown }) => unknown,
  machines: ({ machines }) => machines,
};

/** All links of a campaign or mail. */
export function renderAllLinks({ links, mails, page, sort, isDescending }: LinksData): string {
  const { campaign, mail } = mails;
  const path = campaign === undefined ? messagePath(mail ?? '') : campaignPath(campaign);
  const query: Query = { ...mails };
  const sorting = sortingOf(PATH, query, sort, isDescending);
  const sorted = sortLinks(links, sort, isDescending);
  const shown = sorted.slice((page - 1) * LINKS_A_PAGE, page * LINKS_A_PAGE);
  return renderFrame(
    'Links',
    `<div class="page-head"><div><p class="crumbs"><a href="/dashboard">Dashboard</a> /
    <a href="${path}">${text(campaign ?? 'Mail')}</a> / Links</p><h1>Links</h1></div></div>
  <section class="panel" aria-labelledby="links-title"><h2 id="links-title">Links <small>of all time</small></h2>
    <div id="links" data-live>${renderLinks(shown, query, sorting)}
    ${renderPager({
      ...{ path: PATH, query: { ...query, ...orderOf(sorting) }, page },
      ...{ size: LINKS_A_PAGE, of: links.length, noun: 'link' },
    })}</div>
    ${renderExport('links', query, false)}
  </section>`,
  );
}

function sortLinks(links: LinkNumbers[], sort: LinkSort, isDescending: boolean): LinkNumbers[] {
  const sign = isDescending ? -1 : 1;
  return links
    .map((link, place) => ({ link, value: VALUES[sort](link, place) }))
    .sort((one, other) => sign * (one.value - other.value))
    .map(({ link }) => link);
}
