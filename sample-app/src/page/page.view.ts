import type { MailTemplate } from '../mail/mail-templates.js';
import { escapeHtml } from '../web/escape-html.js';
import { LISTS } from '../lists.js';
import { MODE_NAMES, MODES } from '../words.js';
import { renderBar } from './bar.view.js';
import { renderLayout } from './layout.view.js';

interface PageData {
  templates: readonly MailTemplate[];
  /** The SMTP server that mails go to, where it is not the one of this process. */
  relay: string | null;
  /** Whether mails can have unsubscribe links. */
  hasLists: boolean;
}

/** Renders the page without its data, which the scripts in `public/` load. */
export function renderPage({ templates, relay, hasLists }: PageData): string {
  return renderLayout(
    'Email tracking sample app',
    `<body>
  ${renderBar('Mail', 'Skip to the mail')}
  <nav class="jump" aria-label="Sections">
    <a href="#compose">Send</a>
    <a href="#inbox">Inbox <span id="inbox-count">0</span></a>
    <a href="#events">Events <span id="event-count">0</span></a>
  </nav>
  <main id="main" tabindex="-1">
    <div class="column">
      ${composeSection(templates, relay, hasLists)}
      ${REPORT_SECTION}
    </div>
    ${inboxSection(relay)}
    ${EVENTS_SECTION}
  </main>
  ${LEAVE_DIALOG}
  <p class="visually-hidden" id="announcer" aria-live="polite"></p>
</body>`,
    '/assets/app.js',
  );
}

function composeSection(
  templates: readonly MailTemplate[],
  relay: string | null,
  hasLists: boolean,
): string {
  const notice = relay
    ? `<p class="notice">Mails are really sent, through <strong>${escapeHtml(relay)}</strong>.</p>`
    : '';
  return `<section class="panel" id="compose" aria-labelledby="compose-title">
        <h2 id="compose-title"><span class="step">1</span> Send a mail</h2>
        ${notice}
        <form id="compose-form" novalidate>
          <fieldset>
            <legend>Mail</legend>
            <div class="choices">
              ${templates.map(choice).join('')}
              <label class="choice">
                <input type="radio" name="template" value="" data-subject="A mail of my own" data-list="">
                <span><b>Your own</b><small>Write the HTML yourself</small></span>
              </label>
            </div>
          </fieldset>
          <label class="field" for="to">To
            <input id="to" name="to" type="email" autocomplete="off" value="ada@example.com">
          </label>
          ${hasLists ? LIST_FIELD : ''}
          ${PRIVACY_FIELD}
          <label class="field" for="subject">Subject
            <input id="subject" name="subject" autocomplete="off" maxlength="200">
          </label>
          <label class="field" for="html" hidden>HTML
            <textarea id="html" name="html" rows="9" spellcheck="false"></textarea>
          </label>
          <label class="field" for="metadata">Metadata, carried in every link
            <textarea id="metadata" name="metadata" rows="2" spellcheck="false"></textarea>
          </label>
          <label class="check" for="textTracking">
            <input id="textTracking" name="textTracking" type="checkbox">
            Track the links of the text part, too
          </label>
          <div class="problem" id="compose-problem" role="alert" hidden></div>
          <button class="button" type="submit">Send</button>
        </form>
      </section>`;
}

const LIST_FIELD = `<div class="field"><label for="list">List</label>
            <select id="list" name="list" aria-describedby="list-hint">
              <option value="">None: a mail that nobody subscribes to</option>
              ${Object.entries(LISTS)
                .map(([name, { title }]) => `<option value="${name}">${escapeHtml(title)}</option>`)
                .join('')}
            </select>
            <small id="list-hint">Mails of a list have <code>List-Unsubscribe</code>.</small>
          </div>`;

/** The script shows what the chosen one means. */
const PRIVACY_FIELD = `<div class="field"><label for="privacy">What may be recorded</label>
            <select id="privacy" name="privacy" aria-describedby="privacy-hint">
              ${MODE_NAMES.map((mode) => {
                const { name, opens, clicks } = MODES[mode];
                const hint = `Opens: ${opens}. Clicks: ${clicks}.`;
                return `<option value="${mode}" data-hint="${hint}">${name}</option>`;
              }).join('')}
            </select>
            <small id="privacy-hint" aria-live="polite"></small>
          </div>`;

function choice(template: MailTemplate, index: number): string {
  return `<label class="choice">
                <input type="radio" name="template" value="${escapeHtml(template.name)}"
                  data-subject="${escapeHtml(template.subject)}"
                  data-list="${template.list ?? ''}" ${index === 0 ? 'checked' : ''}>
                <span><b>${escapeHtml(template.title)}</b>
                  <small>${escapeHtml(template.summary)}</small></span>
              </label>`;
}

const REPORT_SECTION = `<section class="panel" id="report" aria-labelledby="report-title" hidden>
        <h2 id="report-title">What was rewritten</h2>
        <p class="summary" id="report-summary"></p>
        <ul class="warnings" id="report-warnings"></ul>
        <ol class="links" id="report-links"></ol>
      </section>`;

function inboxSection(relay: string | null): string {
  const empty = relay
    ? `Mails go out through ${escapeHtml(relay)} and are read there; events still arrive here.`
    : 'No mail yet. Choose one and press <strong>Send</strong>: it arrives here over SMTP. Then open it.';
  return `<section class="panel" id="inbox" aria-labelledby="inbox-title">
      <h2 id="inbox-title"><span class="step">2</span> Read it</h2>
      <p class="empty" id="inbox-empty">${empty}</p>
      <ul class="mails" id="mails" hidden></ul>
      <p class="hint" id="reader-hint" hidden>Open a mail to read it.</p>
      <article class="reader" id="reader" aria-labelledby="reader-subject" hidden>
        <header>
          <h3 id="reader-subject"></h3>
          <p id="reader-from"></p>
          <p id="reader-meta"></p>
          <div class="tabs" role="tablist" aria-label="Parts of the mail" id="reader-tabs"></div>
        </header>
        <div class="pane" id="reader-pane" role="tabpanel" tabindex="0"></div>
      </article>
    </section>`;
}

/** What Gmail asks before it unsubscribes its reader. */
const LEAVE_DIALOG = `<dialog class="ask" id="leave" aria-labelledby="leave-title">
    <h2 id="leave-title">Unsubscribe</h2>
    <p>Stop getting mails like this from <b id="leave-from"></b>?</p>
    <p class="problem" id="leave-problem" role="alert" hidden></p>
    <p class="buttons"><button class="quiet" type="button" id="leave-cancel">Cancel</button>
      <button class="button" type="button" id="leave-go">Unsubscribe</button></p>
  </dialog>`;

const EVENTS_SECTION = `<section class="panel" id="events" aria-labelledby="events-title">
      <h2 id="events-title"><span class="step">3</span> Watch the events
        <a href="/api/events" target="_blank">JSON</a></h2>
      <p class="empty" id="events-empty">No events since the app was started. Opening a mail
        loads its pixel, which makes an <strong>open</strong>; clicking a link in it makes a
        <strong>click</strong>. Earlier events are on the <a href="/dashboard">dashboard</a>.</p>
      <ol class="events" id="event-list" hidden></ol>
      <p class="all-events"><button class="quiet" id="all-events" type="button">Show all</button></p>
    </section>`;
