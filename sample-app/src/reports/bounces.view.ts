import type { BounceList, BounceReason, RecordedEvent } from 'nestjs-email-tracking/stats';
import { renderExport } from '../dashboard/export.view.js';
import { renderFilters, type Field } from '../dashboard/filters.view.js';
import { ago, number, text } from '../dashboard/format.js';
import { renderFrame } from '../dashboard/frame.view.js';
import { renderPeriodsOrAll } from '../dashboard/periods.view.js';
import { renderPager, renderTable, type Column } from '../dashboard/table.view.js';
import { who } from '../dashboard/who.js';
import { BOUNCE_TYPES, eventName, REJECT_REASONS, rejectionName } from '../words.js';
import { campaignLink, mailLink, nameOf, type ListData } from './events.view.js';
import { withoutPeriod, type Query } from '../dashboard/address.js';

export const BOUNCES_A_PAGE = 25;
const PATH = '/bounces';

const FIELDS: Field[] = [
  { name: 'type', label: 'Event', options: BOUNCE_TYPES.map((type) => [type, eventName(type)]) },
  {
    ...{ name: 'reason', label: 'Reason' },
    options: [
      ...REJECT_REASONS.map((name) => [name, rejectionName(name)] as const),
      ['none', 'No reason given'],
    ],
  },
  {
    ...{ name: 'permanent', label: 'Kind' },
    options: [
      ['yes', 'Permanent'],
      ['no', 'Temporary'],
      ['unknown', 'Not said'],
    ],
  },
  { name: 'campaign', label: 'Campaign' },
  { name: 'domain', label: 'Domain' },
];

/** What did not arrive, or was not wanted: the reasons, and each report in the provider's words. */
export function renderBounces({ list, query, period, page }: ListData<BounceList>): string {
  const filters = withoutPeriod(query);
  return renderFrame(
    'Bounces',
    `<div class="page-head"><div><h1>Bounces</h1>
    <p class="hint">Mails that did not arrive, and mails that were marked as spam, as providers report them.</p></div>
    ${renderPeriodsOrAll(PATH, period, filters)}</div>
  <section class="panel" aria-labelledby="reasons-title"><h2 id="reasons-title">Reasons</h2>
    ${renderFilters(PATH, FIELDS, query, { tag: query.tag, mail: query.mail, of: query.of, ...period?.query })}
    <div id="reasons" data-live>${renderReasons(list.reasons, query)}</div>
  </section>
  <section class="panel" aria-labelledby="list-title"><h2 id="list-title">Reports <small>the latest first</small></h2>
    <div id="bounces" data-live>${renderList(list.bounces)}
    ${renderPager({ path: PATH, query, page, size: BOUNCES_A_PAGE, of: list.total, noun: 'report' })}</div>
    ${renderExport('bounces', query)}
  </section>`,
  );
}

function renderReasons(reasons: BounceReason[], query: Query): string {
  if (reasons.length === 0) return '<p class="empty">Nothing was reported.</p>';
  return renderTable(
    'Reasons, with how many reports and mails each has',
    [
      { title: 'Reason' },
      { title: 'Event' },
      { title: 'Mails', isNumber: true },
      { title: 'Reports', isNumber: true },
    ],
    reasons.map(({ eventType, rejectReason, permanent, total, unique }) => [
      reasonOf(rejectReason, permanent),
      eventName(eventType),
      number(unique),
      who(total, PATH, {
        ...{ ...query, type: eventType, reason: rejectReason ?? 'none' },
        permanent: permanent === null ? 'unknown' : permanent ? 'yes' : 'no',
      }),
    ]),
  );
}

/** Why, in words: "Permanent: no such mailbox". */
function reasonOf(reason: BounceReason['rejectReason'], permanent: boolean | null): string {
  const words = [
    permanent === null ? null : permanent ? 'Permanent' : 'Temporary',
    reason && rejectionName(reason),
  ].filter(Boolean);
  return text(words.join(': ')) || 'No reason given';
}

const COLUMNS: Column[] = [
  { title: 'Recipient' },
  { title: 'Event' },
  { title: 'Reason' },
  { title: 'The provider says' },
  { title: 'Campaign' },
  { title: 'When', isAside: true },
];

function renderList(bounces: RecordedEvent[]): string {
  if (bounces.length === 0) return '<p class="empty">No such reports.</p>';
  return renderTable(
    'Reports of providers',
    COLUMNS,
    bounces.map((event) => [
      nameOf(event.recipient),
      mailLink(event, eventName(event.eventType)),
      reasonOf(event.rejectReason, event.permanent),
      wordsOf(event),
      campaignLink(event.campaign),
      ago(event.timestamp),
    ]),
  );
}

/** What the provider and the mail server of the recipient said, as they said it. */
function wordsOf({ description, mtaResponse, espName }: RecordedEvent): string {
  const said = [...new Set([description, mtaResponse])].filter(Boolean);
  const words = said.map((one) => `<code>${text(one!)}</code>`).join(' ');
  const by = espName ? ` <small>${text(espName)}</small>` : '';
  return words || by ? `<span>${words}${by}</span>` : '–';
}
