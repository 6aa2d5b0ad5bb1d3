import type { Problem } from '../tracking.error.js';
import { several } from './auth/constant-time.js';
import type { ConfiguredEspProvider, EspOptionRule, EspProviderOptions } from './esp-provider.js';
import { PROVIDERS } from './providers/index.js';
import { isObject, type RawObject } from './values.js';

const credentials: EspOptionRule = {
  type: 'secret',
  check: (value) =>
    /^[^:]+:./s.test(value) ? undefined : "must be 'user:password', or a list of such strings",
};

const publicUrl: EspOptionRule = {
  type: 'url',
  check: (value) =>
    isPublicUrl(value)
      ? undefined
      : 'must be an absolute URL without credentials, query or fragment, such as https://example.com',
};

function isPublicUrl(value: string): boolean {
  if (!URL.canParse(value) || !/^https?:\/\/[^?#]+$/.test(value)) return false;
  const { username, password } = new URL(value);
  return username === '' && password === '';
}

/** The rules of what every provider takes. */
export const COMMON_RULES: Readonly<Record<keyof EspProviderOptions, EspOptionRule>> = {
  basicAuth: credentials,
  publicUrl,
  insecure: { type: 'boolean' },
};

/** Finds the providers that are asked for. */
export function findProviders(given: object, problems: Problem[]): ConfiguredEspProvider[] {
  const found = Object.entries(given).flatMap(([key, value]) => {
    if (value === undefined) return [];
    const option = `providers.${key}`;
    if (!isObject(value)) {
      problems.push({ option, remedy: 'must be an object with the options of the provider' });
      return [];
    }
    if (isConfigured(value)) return [value];
    if (Object.hasOwn(PROVIDERS, key)) {
      return [{ provider: PROVIDERS[key as keyof typeof PROVIDERS], options: value }];
    }
    problems.push({
      option,
      remedy:
        `is not a provider; use ${Object.keys(PROVIDERS).join(', ')}, or one that ` +
        'defineEspProvider() returned',
    });
    return [];
  });
  if (found.length === 0 && problems.length === 0) {
    problems.push({ option: 'providers', remedy: 'must name at least one provider' });
  }
  return [...found];
}

function isConfigured(value: RawObject): value is RawObject & ConfiguredEspProvider {
  return isObject(value.provider) && typeof value.provider.toEvent === 'function';
}

/** Looks at the options of a provider. */
export function providerProblems({ provider, options }: ConfiguredEspProvider): Problem[] {
  const place = `providers.${provider.key}`;
  const rules = { ...COMMON_RULES, ...provider.options } as Readonly<Record<string, EspOptionRule>>;
  const given = options as RawObject;
  const problems = [
    ...unknownOptions(given, Object.keys(rules)),
    ...Object.entries(rules).flatMap(([name, rule]) => valueProblems(name, given[name], rule)),
  ];
  const further = problems.length === 0 ? provider.problem?.(given) : undefined;
  if (further !== undefined) problems.push({ option: '', remedy: further });
  return problems.map(({ option, remedy }) => ({
    option: option === '' ? place : `${place}.${option}`,
    remedy,
  }));
}

function unknownOptions(given: RawObject, known: readonly string[]): Problem[] {
  return Object.keys(given)
    .filter((option) => !known.includes(option))
    .map((option) => ({ option, remedy: 'is not an option; check its spelling' }));
}

function valueProblems(option: string, value: unknown, rule: EspOptionRule): Problem[] {
  if (value === undefined) return [];
  const remedy = problemOf(value, rule);
  return remedy === undefined ? [] : [{ option, remedy }];
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
      return several(texts)
        .map((text) => check?.(text))
        .find((remedy) => remedy !== undefined);
    }
  }
}

function isFilled(text: unknown): text is string {
  return typeof text === 'string' && text.trim() !== '';
}
