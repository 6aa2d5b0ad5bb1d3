import { byId, el } from './dom.js';
import { bytes, plural, shortUrl } from './format.js';

/** Why a link stays as it is, by the codes of the package's `SkipReason`. */
const REASONS = {
  empty: 'It leads nowhere.',
  fragment: 'It leads to a place in the same mail.',
  relative: 'It has no host, so no mail program could follow it.',
  scheme: 'It is not a web address.',
  placeholder: 'A template still has to fill something in.',
  undecodable: 'It holds a character reference that is not known.',
  'already-tracked': 'It is a tracking link already.',
  'no-track': 'Its author wrote data-no-track.',
  'provider-opt-out': 'Its author told a provider not to track it.',
  unsubscribe: 'It ends a subscription; nobody should be counted on the way out.',
  'is-unsubscribe': 'It ends a subscription to this list.',
  'refused-by-policy': 'The redirect policy does not allow its destination.',
  'too-long': 'Its tracking link would be too long.',
  'privacy-off': 'Nothing may be recorded of clicks on it.',
  'format-without-modes': 'Links of this format cannot keep to what may be recorded.',
  'click-tracking-off': 'Click tracking is off for this mail.',
};

/** Shows which links of the mail are tracked, and why others are not. */
export function showReport({ links, pixel, bytes: size, warnings }) {
  const tracked = links.filter((link) => link.tracked).length;
  byId('report-summary').textContent = [
    `${tracked} of ${plural(links.length, 'link')} tracked`,
    pixel === 'none' ? 'no pixel' : `pixel at the ${pixel}`,
    `${bytes(size.before)} became ${bytes(size.after)}`,
  ].join(' · ');
  byId('report-warnings').replaceChildren(
    ...warnings.map(({ code, message }) => el('li', { title: code }, message)),
  );
  byId('report-links').replaceChildren(...links.map(row));
}

function row({ url, label, part, tracked, reason, trackingUrl }) {
  const state = tracked
    ? el('a', { href: trackingUrl, target: '_blank', rel: 'noreferrer' }, 'tracked')
    : el('span', {}, 'left alone');
  return el(
    'li',
    { 'data-tracked': String(tracked) },
    el('span', { class: 'link-label', title: url }, label || shortUrl(url)),
    el('span', { class: 'link-state' }, state),
    label ? el('span', { class: 'link-url', title: url }, shortUrl(url)) : null,
    tracked ? null : el('span', { class: 'link-reason' }, REASONS[reason] ?? reason),
    part === 'text' ? el('span', { class: 'link-reason' }, 'in the text part') : null,
  );
}
