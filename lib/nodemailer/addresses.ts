import { isBag } from './mail-data.js';

/**
 * The addresses of a field such as `to`, in every form that Nodemailer takes. This is not a parser
 * of RFC 5322: who received a mail must not be guessed, so what is not plain (groups, comments,
 * quoted local parts) is left undecided.
 *
 * @returns `undefined` if it cannot be told for certain
 */
export function addressesOf(value: unknown): string[] | undefined {
  if (!value) return [];
  if (Array.isArray(value)) return combine(value.map(addressesOf));
  if (typeof value === 'string') return combine(split(value).map(addressIn));
  return isBag(value) && typeof value.address === 'string' ? addressIn(value.address) : undefined;
}

const ADDRESS = /^[^\s"<>()[\]:;@\\,\p{Cc}]+@[^\s"<>()[\]:;@\\,\p{Cc}]+$/u;

/** A name in front of `<address>`: all in quotes, or without what has a meaning of its own. */
const NAME = /^(?:"(?:[^"\\]|\\.)*"|[^"<>()[\]:;\\,]*)$/s;

function addressIn(text: string): string[] | undefined {
  const trimmed = text.trim();
  if (trimmed === '' || trimmed === '<>') return [];
  if (!trimmed.endsWith('>')) return ADDRESS.test(trimmed) ? [trimmed] : undefined;
  const at = trimmed.lastIndexOf('<');
  if (at === -1 || !NAME.test(trimmed.slice(0, at).trim())) return undefined;
  const address = trimmed.slice(at + 1, -1).trim();
  return ADDRESS.test(address) ? [address] : undefined;
}

/** Splits at the commas and semicolons outside of quotes. */
function split(list: string): string[] {
  const pieces: string[] = [];
  let isQuoted = false;
  let start = 0;
  for (let at = 0; at < list.length; at++) {
    const character = list[at]!;
    if (isQuoted && character === '\\') at++;
    else if (character === '"') isQuoted = !isQuoted;
    else if (!isQuoted && (character === ',' || character === ';')) {
      pieces.push(list.slice(start, at));
      start = at + 1;
    }
  }
  return [...pieces, list.slice(start)];
}

function combine(lists: (string[] | undefined)[]): string[] | undefined {
  const all: string[] = [];
  for (const list of lists) {
    if (list === undefined) return undefined;
    for (const address of list) all.push(address);
  }
  return all;
}
