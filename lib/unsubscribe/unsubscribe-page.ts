import { hash } from 'node:crypto';
import { PAGE_ICONS, PAGE_STYLE } from './page-style.js';
import type { UnsubscribePageState } from './page-state.js';

/** The field of the form that says which button was pressed, and its values. */
export const FORM = {
  name: 'List-Unsubscribe',
  one: 'Page',
  all: 'Page-All',
  stay: 'Page-Stay-Unmeasured',
} as const;

/**
 * Returns the page in HTML. Its form has no `action`, so that it posts to the URL that the reader sees,
 * whatever proxies make of it.
 */
export function unsubscribePage(state: UnsubscribePageState): string {
  const { kind, language, texts } = state;
  const fill = (text: string) => filled(text, state);
  const label = (text: string) => escape(plainly(text, state));
  return (
    `<!doctype html><html lang="${escape(language)}" dir="${directionOf(language)}"><head>` +
    '<meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">' +
    `<title>${label(texts[kind])}</title><style>${PAGE_STYLE}</style></head><body>` +
    `<main class="${kind}">${PAGE_ICONS[kind]}<h1>${fill(texts[kind])}</h1>${CONTENT[kind](state, fill, label)}` +
    '</main></body></html>'
  );
}

type Fill = (text: string) => string;

/** @param fill writes a text with elements in it, `label` without: a button holds text only */
type Content = (state: UnsubscribePageState, fill: Fill, label: Fill) => string;

const CONTENT: Readonly<Record<UnsubscribePageState['kind'], Content>> = {
  ask: ({ texts, list, offersAll, offersStay }, fill, label) =>
    `<p>${fill(texts.askText)}</p>` +
    (list?.description ? `<p class="about">${escape(list.description)}</p>` : '') +
    formOf(
      button(FORM.one, label(texts.leave)) +
        (offersAll ? button(FORM.all, label(texts.leaveAll), 'second') : '') +
        (offersStay ? button(FORM.stay, label(texts.stayUnmeasured), 'second') : ''),
    ) +
    `<p class="note">${fill(texts.askNote)}</p>`,
  done: ({ texts, isAll }, fill) =>
    `<p>${fill(isAll ? texts.doneAllText : texts.doneText)}</p>` +
    `<p class="note">${fill(texts.doneNote)}</p>`,
  unmeasured: ({ texts }, fill) => `<p>${fill(texts.unmeasuredText)}</p>`,
  failed: ({ texts, list, isAll, isStaying }, fill, label) =>
    `<p>${fill(texts.failedText)}</p>` +
    (list
      ? formOf(button(isStaying ? FORM.stay : isAll ? FORM.all : FORM.one, label(texts.retry)))
      : ''),
  unreadable: ({ texts, contact }, fill) =>
    `<p>${fill(texts.unreadableText)}</p>` +
    `<p>${fill(contact === null ? texts.noContactText : texts.contactText)}</p>`,
};

function formOf(buttons: string): string {
  return `<form method="post">${buttons}</form>`;
}

function button(value: string, label: string, style?: string): string {
  const attributes = style === undefined ? '' : ` class="${style}"`;
  return `<button type="submit" name="${FORM.name}" value="${value}"${attributes}>${label}</button>`;
}

/** Escapes a text, then puts the names into it. */
function filled(text: string, { list, address, contact }: UnsubscribePageState): string {
  return replaceNames(escape(text), {
    list: list && `<strong><bdi>${escape(list.title)}</bdi></strong>`,
    address: address === null ? null : `<strong><bdi>${escape(address)}</bdi></strong>`,
    contact: contact === null ? null : linkTo(contact),
  });
}

function plainly(text: string, { list, address, contact }: UnsubscribePageState): string {
  return replaceNames(text, {
    list: list?.title ?? null,
    address,
    contact: contact && contact.replace(/^mailto:([^?]*).*$/is, '$1'),
  });
}

function replaceNames(text: string, names: Record<'list' | 'address' | 'contact', string | null>) {
  return text.replace(/\{(list|address|contact)\}/g, (_, name: keyof typeof names) => {
    return names[name] ?? '';
  });
}

function linkTo(contact: string): string {
  if (!/^(?:https|mailto):/i.test(contact)) return escape(contact);
  const text = contact.replace(/^mailto:|^https:\/\/|[?#].*$/gis, '').replace(/\/$/, '');
  return `<a href="${escape(contact)}"><bdi>${escape(text)}</bdi></a>`;
}

/** Returns the page in plain text, for a program that posted a link that cannot be read. */
export function unreadableText(state: UnsubscribePageState): string {
  const { texts, contact } = state;
  const help = contact === null ? texts.noContactText : texts.contactText;
  return `${plainly(`${texts.unreadable}. ${texts.unreadableText} ${help}`, state)}\n`;
}

const RIGHT_TO_LEFT = /^(?:ar|arc|ckb|dv|fa|he|ps|sd|ug|ur|yi)\b/i;

function directionOf(language: string): 'ltr' | 'rtl' {
  return RIGHT_TO_LEFT.test(language) ? 'rtl' : 'ltr';
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Lone surrogates cannot be sent as UTF-8. */
function escape(text: string): string {
  return text.toWellFormed().replace(/[&<>"']/g, (character) => ESCAPES[character]!);
}

/**
 * Returns the Content-Security-Policy of a page: nothing but its own `<style>` elements, and a form
 * that posts to where it came from.
 */
export function contentSecurityPolicy(page: string): string {
  const styles = [...page.matchAll(/<style>([^<]*)<\/style>/g)].map(
    ([, style]) => `'sha256-${hash('sha256', style!, 'base64')}'`,
  );
  return [
    "default-src 'none'",
    `style-src ${styles.length > 0 ? styles.join(' ') : "'none'"}`,
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
