import type { ConsentRecord } from 'nestjs-email-tracking/privacy';
import type { Known } from '../privacy/person.js';
import { modeName } from '../words.js';
import { text, time } from './format.js';
import { renderFrame } from './frame.view.js';
import { renderKept } from './kept.view.js';
import { renderMailContents } from './mail-contents.view.js';
import { renderTable, type Column } from './table.view.js';

const PATH = '/privacy';

export interface PrivacyData {
  /** What was searched for. */
  asked: string;
  /** Null where that is no address. */
  known: Known | null;
  /** Whom the app has lately written to. */
  recipients: string[];
}

/** The page of what people agreed to, and what is kept about them. */
export function renderPrivacy({ asked, known, recipients }: PrivacyData): string {
  return renderFrame(
    'Privacy',
    `<div class="page-head"><div><h1>Privacy</h1>
    <p class="hint">What a recipient agreed to, what this app keeps about them, and what their mails
      hold.</p></div></div>
  <section class="panel" aria-labelledby="person-title">
    <h2 id="person-title">${known ? text(known.address) : 'Recipient'}</h2>
    ${renderSearch(asked, known === null)}
    ${known ? BUTTONS(known.address) : renderRecipients(recipients)}
  </section>
  ${known ? renderKnown(known) : ''}`,
  );
}

function renderSearch(asked: string, isUnknown: boolean): string {
  const isWrong = isUnknown && asked !== '';
  const problem = isWrong ? ' aria-invalid="true" aria-describedby="address-problem"' : '';
  return `<form class="search" action="${PATH}" method="get" role="search" novalidate>
      <label for="address">Address of the recipient</label>
      <input id="address" name="address" type="email" maxlength="254" autocomplete="off"
        value="${text(asked)}"${problem}>
      <button class="button" type="submit">Show</button>
      ${isWrong ? '<span class="field-problem" id="address-problem">Write a whole address, such as ada@example.com.</span>' : ''}
    </form>`;
}

function renderRecipients(recipients: string[]): string {
  if (recipients.length === 0) {
    return '<p class="empty">No mail was sent yet. <a href="/#compose">Send one</a>.</p>';
  }
  const links = recipients.map(
    (address) =>
      `<li><a href="${PATH}?address=${encodeURIComponent(address)}">${text(address)}</a></li>`,
  );
  return `<h3 id="latest-title">Recipients of the latest mails</h3>
    <ul class="people" aria-labelledby="latest-title">${links.join('')}</ul>`;
}

/** Scripts press them: see `public/privacy.js`. */
const BUTTONS = (address: string): string =>
  `<div class="decide" id="decide" data-address="${text(address)}" role="group"
      aria-label="What this recipient wants">
      <button class="quiet" type="button" data-wish="grant">Agree</button>
      <button class="quiet" type="button" data-wish="withdraw">Withdraw</button>
      <button class="quiet danger" type="button" data-wish="erase">Erase …</button>
    </div>
    <p class="problem" id="privacy-problem" role="alert" hidden></p>`;

function renderKnown({ address, history, kept, mails }: Known): string {
  return `${ERASURE}
  <section class="panel" aria-labelledby="history-title">
    <h2 id="history-title">What they said</h2>
    <div id="history" data-live>${renderHistory(history)}</div>
  </section>
  <section class="panel" aria-labelledby="kept-title">
    <h2 id="kept-title">What is kept about them</h2>
    <div id="kept" data-live>${renderKept(kept)}</div>
  </section>
  <section class="panel" aria-labelledby="mails-title">
    <h2 id="mails-title">What their latest mails hold</h2>
    <div id="contents" data-live>${renderMailContents(mails)}</div>
  </section>
  ${eraseDialog(address)}`;
}

const COLUMNS: Column[] = [
  { title: 'Said' },
  { title: 'Opens' },
  { title: 'Clicks' },
  { title: 'Where' },
  { title: 'When' },
];

function renderHistory(history: ConsentRecord[]): string {
  if (history.length === 0) {
    return `<p class="empty">Nothing: they were not asked. In this app, mails to them are sent as the
      sender chooses; by default, they would be anonymous.</p>`;
  }
  return renderTable('Grants and withdrawals, the latest first', COLUMNS, rowsOf(history));
}

const rowsOf = (history: ConsentRecord[]): string[][] =>
  history
    .toReversed()
    .map(({ what, opens, clicks, source, notice, at }) => [
      what === 'granted' ? 'Agreed' : 'Withdrew',
      opens ? modeName(opens) : 'as before',
      clicks ? modeName(clicks) : 'as before',
      `<span>${whereOf(source)}${notice ? ` <small>“${text(notice)}”</small>` : ''}</span>`,
      time(at),
    ]);

const whereOf = (source: string): string =>
  source === 'page' ? 'On the page of an unsubscribe link' : text(source);

/** The script fills it in: what an erasure did is not kept. */
const ERASURE = `<section class="panel first" id="erasure" aria-labelledby="erasure-title" tabindex="-1" hidden>
    <h2 id="erasure-title"></h2>
    <ul id="erasure-stores"></ul>
    <h3>What it cannot reach</h3>
    <ul class="dots" id="erasure-unreachable"></ul>
  </section>`;

const eraseDialog = (
  address: string,
): string => `<dialog class="ask" id="erase" aria-labelledby="erase-title">
    <h2 id="erase-title">Erase ${text(address)}?</h2>
    <p>What is counted stays, and names nobody. The rest goes. Mails that were sent before go on
      working, and what happens to them names nobody. This cannot be undone.</p>
    <p class="problem" id="erase-problem" role="alert" hidden></p>
    <p class="buttons"><button class="quiet" type="button" id="erase-cancel">Cancel</button>
      <button class="button" type="button" id="erase-go">Erase</button></p>
  </dialog>`;
