import { isPlainObject } from '../util/is-object.js';
import { parseUrl } from '../util/parse-url.js';
import { json, text } from '../util/readers.js';
import { checkedBy } from '../util/validate.js';
import { isKnownLanguage, PAGE_TEXT_NAMES } from '../unsubscribe/page-texts.js';
import { MAX_LIST_LENGTH } from '../unsubscribe/unsubscribe-options.js';

const LISTS = "must be an object such as { news: { title: 'Weekly news' } }";

export const SubscriptionLists = checkedBy(json, (value) => {
  if (!isPlainObject(value) || Object.keys(value).length === 0) return LISTS;
  for (const [i, [name, list]] of Object.entries(value).entries()) {
    const problem = listProblem(name, list);
    if (problem !== undefined) return `(number ${i + 1}) ${problem}`;
  }
  return undefined;
});

function listProblem(name: string, list: unknown): string | undefined {
  if (name.length === 0 || name.length > MAX_LIST_LENGTH || !name.isWellFormed()) {
    return `must have a name of 1 to ${MAX_LIST_LENGTH} characters`;
  }
  if (!isPlainObject(list)) return LISTS;
  const { title, description, ...others } = list;
  if (Object.keys(others).length > 0) return 'knows title and description only';
  if (!isText(title)) return 'needs a title: a text of 1 to 500 characters';
  if (description !== undefined && !isText(description)) {
    return 'has a description that is no text of 1 to 500 characters';
  }
  return undefined;
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.length > 0 && value.length <= 500;
}

/** Nothing that has a meaning in a header or in a URL, so that it can be written as it is. */
const ADDRESS = /^[\w.!+-]{1,64}@(?:[a-z0-9-]{1,63}\.)*[a-z0-9-]{1,63}$/i;

export const MailAddress = checkedBy(text, (value) =>
  typeof value === 'string' && ADDRESS.test(value)
    ? undefined
    : 'must be an address such as leave@example.com, without mailto: and in ASCII',
);

export const Contact = checkedBy(text, (value) => {
  const url = typeof value === 'string' ? parseUrl(value) : undefined;
  return url?.protocol === 'https:' || url?.protocol === 'mailto:'
    ? undefined
    : 'must be a URL that starts with https: or mailto:';
});

const LANGUAGE = /^[a-z]{2,3}(?:-[a-z0-9]{2,8})*$/i;

const TEXTS = "must be an object of texts by language, such as { en: { leave: 'Unsubscribe' } }";

export const Texts = checkedBy(json, (value) => {
  if (!isPlainObject(value)) return TEXTS;
  for (const [language, texts] of Object.entries(value)) {
    if (!LANGUAGE.test(language) || !isPlainObject(texts)) return TEXTS;
    const problem = textsProblem(language, texts);
    if (problem !== undefined) return problem;
  }
  return undefined;
});

function textsProblem(language: string, texts: Record<string, unknown>): string | undefined {
  const names = Object.keys(texts);
  if (!names.every((name) => PAGE_TEXT_NAMES.includes(name) && isText(texts[name]))) {
    return `must hold texts of 1 to 500 characters, by the names ${PAGE_TEXT_NAMES.join(', ')}`;
  }
  const missing = PAGE_TEXT_NAMES.filter((name) => !names.includes(name));
  return isKnownLanguage(language) || missing.length === 0
    ? undefined
    : `must have all texts of ${language}; ${missing.join(', ')} are missing`;
}
