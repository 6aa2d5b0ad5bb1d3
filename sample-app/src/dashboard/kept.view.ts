import type { Kept } from '../privacy/person.js';
import { plural, text } from './format.js';

/** What the stores of an export hold, in words. */
const STORES: Readonly<Record<string, string>> = {
  consents: 'Consents, under a hash of the address',
  stats: 'Statistics',
  suppression: 'Suppression',
  'verdict windows': 'Hits of the last 15 minutes, in memory',
  'sent mails': 'Mails that this app has sent',
  'event list': 'The list of events, in memory',
};

/** Longer values, such as the HTML of a mail, are cut. */
const MAX_LENGTH = 100;

/** What each store keeps about a person. */
export function renderKept(kept: Kept[]): string {
  if (kept.length === 0) return '<p class="empty">Nothing is kept about this address.</p>';
  return kept.map(renderStore).join('');
}

function renderStore({ store, records, total }: Kept): string {
  const more = total - records.length;
  return `<section class="store" data-store="${text(store)}">
    <h3>${text(STORES[store] ?? store)} <small>${plural(total, 'record')}</small></h3>
    <ol class="records">${records.map(renderRecord).join('')}</ol>
    ${more > 0 ? `<p class="hint">And ${plural(more, 'record')} more.</p>` : ''}
  </section>`;
}

/** Members that say nothing are left out. */
function renderRecord(record: Record<string, unknown>): string {
  const rows = Object.entries(record)
    .map(([name, value]): [string, string] => [name, wordsOf(value)])
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `<div><dt>${text(name)}</dt><dd>${text(value)}</dd></div>`);
  return `<li><dl>${rows.join('')}</dl></li>`;
}

function wordsOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  const words = typeof value === 'string' ? value : JSON.stringify(value);
  if (words === '[]' || words === '{}') return '';
  return words.length > MAX_LENGTH ? `${words.slice(0, MAX_LENGTH).toWellFormed()} …` : words;
}
