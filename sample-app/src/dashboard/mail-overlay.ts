import { Parser } from 'htmlparser2';
import type { StoredMail } from '../mail/sent-mails.js';
import { escapeHtml } from '../web/escape-html.js';
import { MACHINES_AND_PROXIES, READERS } from '../words.js';
import type { LinkNumbers } from './links.js';

/** A part of the mail, and what replaces it. */
interface Edit {
  start: number;
  end: number;
  with: string;
}

// Comes first, so that the mail's own styles win.
const STYLE = `<style>
:where(a[data-link]) { color: LinkText; text-decoration: underline; }
[data-clicks] { all: initial !important; display: inline-block !important; margin: 0 0 0 4px !important;
  padding: 1px 6px !important; border-radius: 9px !important; vertical-align: middle !important;
  background: #0f6b5c !important; color: #fff !important; white-space: nowrap !important;
  font: 600 11px/16px system-ui, sans-serif !important; }
[data-clicks="0"] { background: #6b7068 !important; }
[data-clicks] i { all: initial !important; color: #ffd9a0 !important; font: inherit !important; }
</style>`;

// A mail without dark colours of its own is shown as mail programs show it in the dark: with its colours
// turned round. What is turned round twice is as it was: pictures and the numbers.
const DARK = `<style>
@media (prefers-color-scheme: dark) {
  html { background: #fff; filter: invert(0.9) hue-rotate(180deg); }
  img, [data-clicks] { filter: invert(1) hue-rotate(180deg) !important; }
}
</style>`;
const HAS_DARK = /(?:prefers-)?color-scheme\b[^;>]*\bdark\b/i;

/**
 * Returns the mail with the clicks on its links. It links nowhere and loads nothing: destinations,
 * tracked or not, and the pixel are removed. Its frame and policy forbid them as well.
 */
export function overlayMail({ html, links }: StoredMail, numbers: LinkNumbers[]): string {
  const source = html ?? '';
  const urls = new Map(
    links.map(({ trackingUrl, part, index }) => [trackingUrl, `${part} ${index}`]),
  );
  const clicks = new Map(numbers.map((link) => [`${link.part} ${link.index}`, link]));
  const edits: Edit[] = [];
  /** Badges of the links that are open: they stand at the end of their text. */
  const open: string[] = [];
  const parser = new Parser(
    {
      onopentag(name, attributes) {
        const { startIndex: start, endIndex } = parser;
        const end = endIndex + 1;
        if (name === 'a') open.push(badge(clicks.get(urls.get(attributes.href ?? '') ?? '')));
        // Where the tag was left out, there is nothing to rewrite.
        if (source[start] !== '<') return;
        if (name === 'a') {
          edits.push({ start, end, with: tag(name, attributes, ' data-link') });
        } else if (GONE.has(name) && attributes.name !== 'color-scheme') {
          edits.push({ start, end, with: '' });
        } else if (name === 'img' && !/^data:/i.test(attributes.src ?? '')) {
          // Room for a picture that is not fetched, none for the pixel.
          edits.push({ start, end, with: isPixel(attributes) ? '' : tag(name, attributes, '') });
        } else if (LOADS.some((attribute) => attribute in attributes)) {
          edits.push({ start, end, with: tag(name, attributes, '') });
        }
      },
      onclosetag(name, isImplied) {
        if (name !== 'a') return;
        const { startIndex } = parser;
        const end = open.pop() ?? '';
        if (end) edits.push({ start: startIndex, end: startIndex, with: isImplied ? '' : end });
      },
    },
    { decodeEntities: true, lowerCaseTags: true, lowerCaseAttributeNames: true },
  );
  parser.end(source);
  const doctype = /^\s*<!doctype[^>]*>/i.exec(source)?.[0].length ?? 0;
  const style = HAS_DARK.test(source) ? STYLE : `${STYLE}${DARK}`;
  return apply(source, [{ start: doctype, end: doctype, with: style }, ...edits]);
}

const LOADS = [
  'href',
  'src',
  'srcset',
  'background',
  'action',
  'formaction',
  'poster',
  'data',
  'ping',
  'xlink:href',
];
const GONE = new Set(['base', 'meta', 'link', 'iframe', 'object', 'embed']);

function isPixel({ width, height, src = '' }: Record<string, string>): boolean {
  return (width === '1' && height === '1') || /\/open\//.test(src);
}

function tag(name: string, attributes: Record<string, string>, more: string): string {
  const kept = Object.entries(attributes).filter(
    ([attribute]) => !LOADS.includes(attribute) && /^[a-z][\w:-]*$/.test(attribute),
  );
  return `<${name}${kept.map(([key, value]) => ` ${key}="${escapeHtml(value)}"`).join('')}${more}>`;
}

function badge(link: LinkNumbers | undefined): string {
  if (!link) return '';
  const { people, unknown, machines } = link;
  const others = unknown + machines;
  const title = [
    `${READERS.people}: ${people.total}`,
    `${READERS.unknown}: ${unknown}`,
    `${MACHINES_AND_PROXIES}: ${machines}`,
  ].join(', ');
  return `<span data-clicks="${people.total}" title="${title}">${people.total}${
    others > 0 ? ` <i>+${others}</i>` : ''
  }</span>`;
}

function apply(source: string, edits: Edit[]): string {
  let result = '';
  let at = 0;
  for (const { start, end, with: text } of edits.sort((one, other) => one.start - other.start)) {
    if (start < at) continue;
    result += source.slice(at, start) + text;
    at = end;
  }
  return result + source.slice(at);
}
