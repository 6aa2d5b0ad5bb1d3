import type { Verdict } from 'nestjs-email-tracking';
import type { RecordedEvent, Story } from 'nestjs-email-tracking/stats';
import type { StoredMail } from '../mail/sent-mails.js';
import { MACHINES } from '../play/machine-visit.js';
import { REPORTS } from '../play/provider-replay.js';
import { eventName, headlineOf, modeName, readerVerdictOf, whoOf } from '../words.js';
import { campaignPath, colourOf, messagePath, plural, text, time } from './format.js';
import { renderFrame } from './frame.view.js';
import type { LinkNumbers } from './links.js';
import { renderFirstLinks } from './links.view.js';
import { renderOverlay } from './overlay.view.js';
import { sentenceOf } from './reasons.js';
import { taughtRuleOf } from './taught-rule.js';

export interface MessageData {
  messageId: string;
  /** What this app kept of it, if it sent it. */
  mail: StoredMail | null;
  story: Story;
  links: LinkNumbers[];
}

export function renderMessage({ messageId, mail, story, links }: MessageData): string {
  const title = text(mail?.subject || 'Mail without a subject');
  return renderFrame(
    title,
    `<div class="page-head"><div>${renderCrumbs(story, mail)}<h1>${title}</h1>
    <p class="hint">${aboutOf(story, mail)}</p></div></div>
  <div class="halves even">
    <section class="panel" aria-labelledby="story-title">
      <h2 id="story-title">Timeline</h2>
      <div id="story" data-live>${renderStory(story, mail)}</div>
      ${RULE_BOX}
    </section>
    <div class="column">
      ${mail ? renderPlay(messageId) : ''}
      <section class="panel" aria-labelledby="links-title">
        <h2 id="links-title">Links</h2>
        <div id="links" data-live>${renderFirstLinks(links, { mail: messageId })}</div>
      </section>
      <section class="panel" aria-labelledby="mail-title">
        <h2 id="mail-title">Clicks on the mail</h2>
        ${renderOverlay(mail?.html ? `${messagePath(messageId)}/mail` : null, mail?.subject)}
      </section>
    </div>
  </div>`,
  );
}

function renderCrumbs({ mails }: Story, mail: StoredMail | null): string {
  const campaign = mail?.campaign ?? mails[0]?.campaign;
  return `<p class="crumbs"><a href="/dashboard">Dashboard</a>${
    campaign ? ` / <a href="${campaignPath(campaign)}">${text(campaign)}</a>` : ''
  } / Mail</p>`;
}

function aboutOf({ mails }: Story, mail: StoredMail | null): string {
  const recipients =
    mails.length > 0 ? mails.map(({ recipient }) => recipient ?? 'an unknown recipient') : [];
  const to = recipients.length > 0 ? recipients : [mail?.recipient ?? 'an unknown recipient'];
  const more = to.length > 3 ? ` and ${plural(to.length - 3, 'other')}` : '';
  return `To ${text(to.slice(0, 3).join(', '))}${more}`;
}

function renderStory({ mails, events, isCut }: Story, mail: StoredMail | null): string {
  const sent = mails[0]?.preparedAt ?? mail?.sentAt;
  const counts = mails[0];
  const first = sent
    ? `<li class="of-none"><p class="event-line"><b>${eventName('sent')}</b> ${time(sent)}</p>
        <p>${counts ? `${plural(counts.trackedLinks, 'tracked link')}, ${counts.hasPixel ? 'a pixel' : 'no pixel'}.` : ''}</p></li>`
    : '';
  const nothing = events.length === 0 ? `<p class="empty">${nothingOf(mail)}</p>` : '';
  const cut = isCut ? '<p class="hint">Only the latest events are shown.</p>' : '';
  return `${cut}<ol class="story">${first}${events.map(renderEvent).join('')}</ol>${nothing}`;
}

/** Why there are no events: only mails that let everything be recorded name themselves in them. */
function nothingOf(mail: StoredMail | null): string {
  if (mail && mail.pixelUrl === null && mail.links.length === 0) {
    return 'It has plain links and no pixel, so nobody sees whether it is opened or clicked.';
  }
  if (!mail || mail.privacy === 'identified') return 'Nothing has happened to it yet.';
  return `What may be recorded: ${modeName(mail.privacy)}. So opens and clicks do not say that they
    are of this mail.`;
}

function renderEvent(event: RecordedEvent): string {
  const { eventType, timestamp } = event;
  const verdict = readerVerdictOf(event);
  const correctedFrom = verdict && event.correctedFrom;
  return `<li class="of-${colourOf(verdict)}" data-type="${text(eventType)}">
    <p class="event-line"><b>${text(headlineOf(event))}</b>${placeOf(event)} ${time(timestamp)}</p>
    ${verdict ? renderVerdict(verdict) : ''}
    ${renderTeaching(event)}
    ${correctedFrom ? `<p class="corrected"><b>Corrected.</b> First verdict: ${whoOf(correctedFrom).toLowerCase()}. ${reasonsOf(correctedFrom)}</p>` : ''}
    ${reportOf(event)}
    ${event.userAgent ? `<p class="agent"><code>${text(event.userAgent)}</code></p>` : ''}
  </li>`;
}

function renderVerdict(verdict: Verdict): string {
  return `<p class="who">${whoOf(verdict)}</p>
    <ul class="reasons">${verdict.reasons
      .map((code) => `<li>${text(sentenceOf(code))} <code>${text(code)}</code></li>`)
      .join('')}</ul>`;
}

/** Copies the rule that would have given the other verdict. */
function renderTeaching(event: RecordedEvent): string {
  const rule = taughtRuleOf(event);
  if (!rule) return '';
  const who = rule.kind === 'human' ? 'a person' : 'a machine';
  const off = rule.disabled.length > 0 ? ` data-off="${rule.disabled.join(', ')}"` : '';
  return `<p><button class="quiet" type="button" id="rule-${text(event.eventId)}"
      data-rule="${text(rule.line)}" data-who="${who}"${off}
      aria-label="Copy a rule: this is ${who}">Copy a rule</button></p>`;
}

/** Shows the rule that was copied, also where a browser refuses to copy. */
const RULE_BOX = `<div class="rule" id="rule" hidden>
        <p id="rule-said"></p>
        <pre tabindex="0" role="region" aria-label="The rule"><code id="rule-line"></code></pre>
        <button class="quiet" type="button" id="rule-close">Close</button>
      </div>`;

const reasonsOf = ({ reasons }: Verdict): string =>
  reasons.map((code) => text(sentenceOf(code))).join(' ');

const placeOf = ({ eventType, linkIndex }: RecordedEvent): string =>
  eventType === 'clicked' && linkIndex !== null ? ` (link ${linkIndex + 1})` : '';

/** What a provider says about it. */
function reportOf({ eventType, ...report }: RecordedEvent): string {
  const { rejectReason, permanent, description, mtaResponse } = report;
  const what = eventType === 'bounced' ? 'bounce' : 'failure';
  const parts = [
    permanent === null ? null : `${permanent ? 'Permanent' : 'Temporary'} ${what}.`,
    rejectReason && `Reason: ${rejectReason}.`,
    description,
  ].filter(Boolean);
  const words = parts.length > 0 ? `<p>${text(parts.join(' '))}</p>` : '';
  return `${words}${mtaResponse ? `<p class="agent"><code>${text(mtaResponse)}</code></p>` : ''}`;
}

/** What is added to the name of the event. */
const REPORT_DETAILS: Partial<Record<(typeof REPORTS)[number], string>> = {
  bounced: ': no such mailbox',
};

function renderPlay(messageId: string): string {
  const path = `/api${messagePath(messageId)}`;
  return `<section class="panel" aria-labelledby="play-title">
        <h2 id="play-title">Try it</h2>
        <form class="play" data-path="${path}/visits">
          <label for="machine">A machine visits</label>
          <select id="machine" name="machine">${Object.entries(MACHINES)
            .map(([name, { title }]) => `<option value="${name}">${text(title)}</option>`)
            .join('')}</select>
          <button class="button" type="submit">A machine visits</button>
        </form>
        <form class="play" data-path="${path}/provider-events">
          <label for="report">SendGrid reports</label>
          <select id="report" name="report">${REPORTS.map(
            (name) =>
              `<option value="${name}">${eventName(name)}${REPORT_DETAILS[name] ?? ''}</option>`,
          ).join('')}</select>
          <button class="button" type="submit">Replay a provider’s webhook</button>
        </form>
        <p class="hint">A machine that acts like a browser is only known by its burst of clicks. Its
          first hits look like those of a person, and are corrected then.</p>
        <p class="problem" id="play-problem" role="alert" hidden></p>
      </section>`;
}
