import type { Segment } from 'nestjs-email-tracking/stats';
import { hrefTo, type Query } from '../dashboard/address.js';
import { renderExport } from '../dashboard/export.view.js';
import { renderFilters, type Field } from '../dashboard/filters.view.js';
import { text } from '../dashboard/format.js';
import { renderFrame } from '../dashboard/frame.view.js';
import { renderMembers } from '../dashboard/members.view.js';
import { LIST_NAMES, titleOf } from '../lists.js';

export const MEMBERS_A_PAGE = 25;
const PATH = '/segments';

const FIELDS: Field[] = [
  { name: 'campaign', label: 'Campaign' },
  { name: 'domain', label: 'Domain' },
  { name: 'recipient', label: 'Address begins with' },
  {
    ...{ name: 'never', label: 'Never' },
    options: [
      ['opened', 'opened a mail'],
      ['clicked', 'clicked'],
    ],
  },
  { name: 'openedFrom', label: 'Last opened from', isDay: true },
  { name: 'openedTo', label: 'Last opened to', isDay: true },
  { name: 'clickedFrom', label: 'Last clicked from', isDay: true },
  { name: 'clickedTo', label: 'Last clicked to', isDay: true },
  { name: 'list', label: 'For the list', options: LIST_NAMES.map((one) => [one, titleOf(one)]) },
  { name: 'suppressed', label: 'Suppressed', isMany: true, options: [['yes', 'with them']] },
];

/** Recipients by what people among them did: whom one writes to, or no longer. */
export function renderSegments({ members, next }: Segment, query: Query): string {
  const more = next
    ? `<nav class="pager" aria-label="Pages"><a href="${hrefTo(PATH, { ...query, after: next })}">Next</a></nav>`
    : '';
  return renderFrame(
    'Segments',
    `<div class="page-head"><div><h1>Segments</h1>
    <p class="hint">Recipients by what people did: opens and clicks of machines and unknown readers do not count.
      ${leftOutOf(query)}</p></div></div>
  <section class="panel" aria-labelledby="filters-title"><h2 id="filters-title">Who</h2>
    ${renderFilters(PATH, FIELDS, query, { tag: query.tag })}
  </section>
  <section class="panel" aria-labelledby="list-title"><h2 id="list-title">Recipients <small>by address</small></h2>
    <div id="segment" data-live>${renderMembers(members)}${more}</div>
    ${renderExport('segment', query)}
  </section>`,
  );
}

/** Who left one list may be written to about others. */
function leftOutOf({ list, suppressed }: Query): string {
  if (suppressed !== undefined) return 'Suppressed recipients are among them.';
  if (typeof list !== 'string')
    return 'Recipients who may get no mails, or none of any list, are left out. To leave out those of one list, choose it.';
  return `Recipients who must not get “${text(titleOf(list))}” are left out.`;
}
