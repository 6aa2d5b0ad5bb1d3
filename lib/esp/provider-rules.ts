import type { Problem } from '../tracking.error.js';
import { parseUrl } from '../util/parse-url.js';
import type { ConfiguredEspProvider, EspOptionRule, EspProviderOptions } from './esp-provider.js';
import type { RawObject } from './values.js';

/** The rules for the options that every provider has. */
export const COMMON_RULES: Readonly<Record<keyof EspProviderOptions, EspOptionRule>> = {
  basicAuth: {
    type: 'secret',
    check: (value) =>
      /^[^:]+:./s.test(value) ? undefined : "must be 'user:password', or a list of such strings",
  },
  publicUrl: {
    type: 'url',
    check: (value) =>
      isPublicUrl(value)
        ? undefined
        : 'must be an absolute URL without credentials, query or fragment, such as https://example.com',
  },
  insecure: { type: 'boolean' },
};

function isPublicUrl(value: string): boolean {
  const url = /^https?:\/\/[^?#]+$/.test(value) ? parseUrl(value) : undefined;
  return url?.username === '' && url.password === '';
}

/** Returns what is wrong with the options of a provider. */
export function problemsOf({ provider, options }: ConfiguredEspProvider): Problem[] {
  const place = `providers.${provider.key}`;
  const rules: Readonly<Record<string, EspOptionRule>> = { ...COMMON_RULES, ...provider.options };
  const given = options as RawObject;
  const problems: Problem[] = Object.keys(given)
    .filter((name) => !Object.hasOwn(rules, name))
    .map((name) => ({
      option: `${place}.${name}`,
      remedy: 'is not an option; check its spelling',
    }));
  for (const [name, rule] of Object.entries(rules)) {
    const remedy = given[name] === undefined ? undefined : problemOf(given[name], rule);
    if (remedy !== undefined) problems.push({ option: `${place}.${name}`, remedy });
  }
  return problems;
}

/** Returns what a value must be instead, or `undefined` if it meets the rule. */
export function problemOf(value: unknown, { type, check }: EspOptionRule): string | undefined {
  switch (type) {
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'must be true or false';
    case 'seconds':
      return value === false || (typeof value === 'number' && value > 0)
        ? undefined
        : 'must be a number of seconds above 0, or false';
    case 'url':
      return typeof value === 'string' ? check?.(value) : 'must be a URL';
    default: {
      const texts = type === 'secret' && typeof value === 'string' ? [value] : value;
      if (!Array.isArray(texts) || texts.length === 0 || !texts.every(isFilled)) {
        const list = 'a list of strings that are not empty';
        return `must be ${type === 'secret' ? `a string that is not empty, or ${list}` : list}`;
      }
      return texts.map((text) => check?.(text)).find((remedy) => remedy !== undefined);
    }
  }
}

function isFilled(text: unknown): text is string {
  return typeof text === 'string' && text.trim() !== '';
}
