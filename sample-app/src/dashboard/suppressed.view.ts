import type { Suppression, SuppressionList } from 'nestjs-email-tracking/suppression';
import { scopeName, suppressionName } from '../words.js';
import { ago, text } from './format.js';
import { renderFrame } from './frame.view.js';
import { renderPager, renderTable, type Column } from './table.view.js';

export const SUPPRESSED_A_PAGE = 25;
const PATH = '/suppressed';

export interface SuppressedData {
  list: SuppressionList;
  search: string;
  page: number;
}

/** The page of those who must not be written to. */
export function renderSuppressed({ list, search, page }: SuppressedData): string {
  return renderFrame(
    'Suppressed',
    `<div class="page-head"><div><h1>Suppressed</h1>
    <p class="hint">Who must not be written to, and in which mails. Bounces, complaints and unsubscribes
      bring people here. Receipts and password resets still reach those who left a list.</p></div></div>
  <section class="panel" aria-labelledby="suppressed-title">
    <h2 id="suppressed-title">Recipients</h2>
    <form class="search" action="${PATH}" method="get" role="search">
      <label for="search">Search by the start of the address</label>
      <input id="search" name="search" maxlength="254" value="${text(search)}">
      <button class="button" type="submit">Search</button></form>
    <div id="suppressed" data-live>${renderRecipients(list.suppressions, search)}
    ${renderPager({ path: PATH, query: { search }, page, size: SUPPRESSED_A_PAGE, of: list, noun: 'recipient' })}</div>
  </section>
  ${LIFT_DIALOG}`,
  );
}

/** The latest suppressions, for the dashboard. */
export function renderLatestSuppressed({ suppressions }: SuppressionList): string {
  if (suppressions.length === 0) return nobody('');
  return `${renderTable('Who must not be written to', COLUMNS, suppressions.map(cellsOf))}
    <p class="more"><a href="${PATH}">All suppressed recipients</a></p>`;
}

const COLUMNS: Column[] = [
  { title: 'Recipient' },
  { title: 'No longer gets' },
  { title: 'Reason' },
  { title: 'Since', isAside: true },
];

function renderRecipients(suppressions: readonly Suppression[], search: string): string {
  if (suppressions.length === 0) return nobody(search);
  return renderTable(
    'Who must not be written to, with a way to lift it',
    [...COLUMNS, { title: 'Lift' }],
    // Somebody who was erased is kept as a hash: nobody knows whom a button would lift.
    suppressions.map((one) => [...cellsOf(one), one.address ? liftButton(one) : '–']),
  );
}

const nobody = (search: string): string =>
  search
    ? `<p class="empty">Nobody here has an address that begins with “${text(search)}”.</p>`
    : '<p class="empty">Nobody is suppressed.</p>';

function cellsOf({ address, scope, reason, at, ...more }: Suppression): string[] {
  return [
    address ? text(address) : 'an erased person',
    text(scopeName(scope)),
    `<span>${suppressionName(reason)}${detailsOf(more)}</span>`,
    ago(at),
  ];
}

function detailsOf({
  reportedBy,
  why,
  by,
  until,
}: Pick<Suppression, 'reportedBy' | 'why' | 'by' | 'until'>): string {
  const details = [
    reportedBy && `reported by ${text(reportedBy)}`,
    why && `“${text(why)}”`,
    by && `by ${text(by)}`,
    until && `until ${ago(until)}`,
  ].filter(Boolean);
  return details.length > 0 ? ` <small>${details.join(', ')}</small>` : '';
}

/** The script opens the dialog, and puts in who it is about. */
function liftButton({ address, scope }: Suppression): string {
  const name = `Lift: ${text(address)}, ${text(scopeName(scope))}`;
  return `<button class="quiet" type="button" data-lift data-address="${text(address)}"
    data-scope="${text(scope)}" aria-label="${name}">Lift</button>`;
}

const LIFT_DIALOG = `<dialog class="ask" id="lift" aria-labelledby="lift-title">
    <form id="lift-form" method="dialog">
      <h2 id="lift-title">Write to them again?</h2>
      <p id="lift-who"></p>
      <label class="field" for="lift-why">Why
        <input id="lift-why" name="why" required maxlength="500" autocomplete="off"
          placeholder="Subscribed again on the phone"></label>
      <p class="problem" id="lift-problem" role="alert" hidden></p>
      <p class="buttons"><button class="quiet" type="button" id="lift-cancel">Cancel</button>
        <button class="button" type="submit">Lift</button></p>
    </form>
  </dialog>`;
