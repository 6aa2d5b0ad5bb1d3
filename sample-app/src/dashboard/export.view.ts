import type { StatsExport } from 'nestjs-email-tracking/stats';
import { hiddenFields, type Query } from './address.js';

/** Buttons that download a list, all of it. Addresses are in it only if one asks for them. */
export function renderExport(what: StatsExport, query: Query, hasAddresses = true): string {
  const box = `<label><input type="checkbox" name="addresses" value="yes"> with addresses</label>`;
  return `<form class="export" action="/export/${what}" method="get" aria-label="Export of ${what}">
    ${hiddenFields(query)}<span>Export</span>
    <button class="quiet" name="format" value="csv">CSV</button>
    <button class="quiet" name="format" value="ndjson">NDJSON</button>${hasAddresses ? box : ''}</form>`;
}
