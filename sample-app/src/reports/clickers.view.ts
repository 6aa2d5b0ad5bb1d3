import type { Clicker, ClickerList } from 'nestjs-email-tracking/stats';
import { renderExport } from '../dashboard/export.view.js';
import { renderFilters, type Field } from '../dashboard/filters.view.js';
import { ago, number, plural, text } from '../dashboard/format.js';
import { renderFrame } from '../dashboard/frame.view.js';
import { renderPeriodsOrAll } from '../dashboard/periods.view.js';
import { renderPager, renderTable, type Column } from '../dashboard/table.view.js';
import { who } from '../dashboard/who.js';
import { READER_CLASSES, READERS, shortUrl } from '../words.js';
import { nameOf, type ListData } from './events.view.js';
import { withoutPeriod, type Query } from '../dashboard/address.js';

export const CLICKERS_A_PAGE = 25;
const PATH = '/clickers';

const FIELDS: Field[] = [
  { name: 'campaign', label: 'Campaign' },
  { name: 'url', label: 'Destination' },
  { name: 'label', label: 'Name of the link' },
  {
    ...{ name: 'by', label: 'Readers', isMany: true },
    options: READER_CLASSES.map((name) => [name, READERS[name]]),
  },
];

/** Who clicked a link. Without a list, nothing was asked for yet. */
export function renderClickers({
  list,
  query,
  period,
  page,
}: ListData<ClickerList | null>): string {
  const filters = withoutPeriod(query);
  const { part, index, mail, tag } = query;
  return renderFrame(
    'Who clicked',
    `<div class="page-head"><div><p class="crumbs"><a href="/dashboard">Dashboard</a> / Link</p><h1>Who clicked</h1>
    <p class="hint">${linkOf(query)}</p></div>
    ${renderPeriodsOrAll(PATH, period, filters)}</div>
  <section class="panel" aria-labelledby="link-title"><h2 id="link-title">Link</h2>
    ${renderFilters(PATH, FIELDS, query, { part, index, mail, tag, ...period?.query })}
  </section>
  ${list ? renderFound(list, query, page) : '<p class="empty">Name a campaign or a destination.</p>'}`,
  );
}

function renderFound(list: ClickerList, query: Query, page: number): string {
  return `<section class="panel" aria-labelledby="list-title"><h2 id="list-title">Readers <small>the latest click first</small></h2>
    <div id="clickers" data-live>${renderList(list, query)}
    ${renderPager({ path: PATH, query, page, size: CLICKERS_A_PAGE, of: list.total, noun: 'reader' })}</div>
    ${renderExport('clickers', query)}
  </section>`;
}

/** Which link, in words. */
function linkOf({ url, label, index, part }: Query): string {
  const words = [
    typeof index === 'string' && `Link ${Number(index) + 1}`,
    part === 'text' && 'in the text part',
    typeof label === 'string' && `“${text(label)}”`,
    typeof url === 'string' && `<code>${text(shortUrl(url))}</code>`,
  ].filter(Boolean);
  return words.length > 0 ? words.join(' ') : 'Any link';
}

const COLUMNS: Column[] = [
  { title: 'Recipient' },
  { title: 'Clicks', isNumber: true },
  { title: 'Mails', isNumber: true },
  ...READER_CLASSES.map((name) => ({ title: READERS[name], isNumber: true })),
  { title: 'First click' },
  { title: 'Last click', isAside: true },
];

function renderList({ clickers, nameless }: ClickerList, query: Query): string {
  const more =
    nameless > 0
      ? `<p class="hint">${plural(nameless, 'more click')} without a name: the mail only counts, or the name is no longer kept.</p>`
      : '';
  if (clickers.length === 0) return `<p class="empty">Nobody is named.</p>${more}`;
  return `${renderTable(
    'Who clicked, how often, and as what',
    COLUMNS,
    clickers.map((clicker) => cellsOf(clicker, query)),
  )}${more}`;
}

function cellsOf({ recipient, mails, clicks, byClass, firstAt, lastAt }: Clicker, query: Query) {
  const { campaign, tag, mail, by, days, from, to } = query;
  const events = { type: 'clicked', recipient, campaign, tag, mail, days, from, to };
  return [
    nameOf(recipient),
    who(clicks, '/events', { ...events, by }),
    number(mails),
    ...READER_CLASSES.map((name) => who(byClass[name], '/events', { ...events, by: name })),
    ago(firstAt),
    ago(lastAt),
  ];
}
