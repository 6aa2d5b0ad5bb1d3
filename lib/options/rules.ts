import { validateHeaderName, validateHeaderValue } from 'node:http';
import { types } from 'node:util';
import { ValidateBy } from 'class-validator';
import { checkMetadata } from '../link/json-value.js';
import { isObject, isPlainObject } from '../util/is-object.js';
import { decodeKey, KEY_PROBLEM } from '../link/key-ring.js';
import { isLinkCodec } from '../link/link-codec.js';
import { parseUrl } from '../util/parse-url.js';
import { hostOfPattern, NEVER_ALLOWED_SCHEMES, schemeName } from '../link/redirect-policy.js';
import { isSigningSecret } from '../webhook/webhook-signature.js';

/**
 * The rules of the options, as class-validator decorators. Each message says what the value must be.
 * It never repeats the value, which may be a secret.
 */
type Rule = (value: unknown, options: Record<string, unknown>) => string | undefined;

function rule(name: string, problem: Rule): () => PropertyDecorator {
  return () =>
    ValidateBy({
      name,
      validator: {
        validate: (value, args) => problem(value, args!.object as never) === undefined,
        defaultMessage: (args) => problem(args!.value, args!.object as never) ?? '',
      },
    });
}

const BASE_URL = 'must be an absolute http(s) URL such as https://t.example.com/open/';

export const BaseUrl = rule('baseUrl', (value, options) => {
  // pytracking takes a base of any shape, and so does its way of joining.
  if (options.urlJoin === 'python') return typeof value === 'string' ? undefined : BASE_URL;
  const url = typeof value === 'string' ? parseUrl(value) : undefined;
  if (!url || !isWeb(url)) return BASE_URL;
  if (url.username || url.password) return `${BASE_URL}, without a user name or password`;
  if (/[?#]/.test(value as string)) return `${BASE_URL}, without a query or fragment`;
  return undefined;
});

export const AbsoluteUrl = rule('absoluteUrl', (value) => {
  const url = typeof value === 'string' ? parseUrl(value) : undefined;
  return url && isWeb(url) ? undefined : 'must be an absolute http(s) URL';
});

function isWeb(url: URL): boolean {
  return url.protocol === 'https:' || url.protocol === 'http:';
}

export const RoutePath = rule('routePath', (value) =>
  typeof value === 'string' && /^\/?[\w~.-]+(?:\/[\w~.-]+)*\/?$|^\/?$/.test(value)
    ? undefined
    : 'must be a path such as /open, of letters, digits and .-_~',
);

export const HostName = rule('hostName', (value) =>
  typeof value === 'string' && !value.startsWith('*.') && hostOfPattern(value) !== undefined
    ? undefined
    : 'must be a host name such as t.example.com, without scheme and port',
);

export const HostPatterns = rule('hostPatterns', (value) =>
  isListOf(value, (item) => typeof item === 'string' && hostOfPattern(item) !== undefined)
    ? undefined
    : 'must be a list of hosts such as example.com or *.example.com, without scheme and port',
);

export const Patterns = rule('patterns', (value) =>
  isListOf(value, types.isRegExp)
    ? undefined
    : 'must be a list of regular expressions such as /:\\w+:/',
);

export const Schemes = rule('schemes', (value) => {
  if (!isListOf(value, (item) => typeof item === 'string' && /^[a-z][a-z0-9+.-]*:?$/i.test(item))) {
    return "must be a list of schemes such as ['https']";
  }
  return (value as string[]).some((scheme) => NEVER_ALLOWED_SCHEMES.includes(schemeName(scheme)))
    ? `must not name ${NEVER_ALLOWED_SCHEMES.join(', ')}: these run code in the reader's browser`
    : undefined;
});

export const EncryptionKey = rule('encryptionKey', (value) => {
  const keys = Array.isArray(value) ? (value as unknown[]) : [value];
  if (keys.length === 0) return KEY_PROBLEM;
  const isKey = (key: unknown) => typeof key === 'string' && decodeKey(key) !== undefined;
  const broken = keys.findIndex((key) => !isKey(key));
  if (broken === -1) return undefined;
  return keys.length === 1 ? KEY_PROBLEM : `(number ${broken + 1} of the list) ${KEY_PROBLEM}`;
});

const FORMATS = ['packed', 'fernet', 'plain'];
const FORMAT = "'packed', 'fernet', 'plain' or a LinkCodec (name, encode, decode)";

function isFormat(value: unknown): boolean {
  if (typeof value === 'string') return FORMATS.includes(value);
  // `result.format` must tell a codec of the user's own from ours.
  return isLinkCodec(value) && !FORMATS.includes(value.name);
}

export const Format = rule('format', (value) =>
  isFormat(value) ? undefined : `must be ${FORMAT}`,
);

export const Formats = rule('formats', (value) =>
  isListOf(value, isFormat) ? undefined : `must be a list of ${FORMAT}`,
);

export const Context = rule('context', (value) =>
  typeof value === 'string' && value.length > 0 && value.length <= 256 && value.isWellFormed()
    ? undefined
    : 'must be a text of 1 to 256 characters',
);

export const JsonObject = rule('jsonObject', (value) => {
  try {
    checkMetadata(value);
    return undefined;
  } catch {
    return 'must be a plain object that JSON can carry';
  }
});

export const RedirectObject = rule('redirectObject', (value) =>
  isObject(value) ? undefined : "must be an object such as { allowHosts: ['example.com'] }",
);

export const WebhookList = rule('webhookList', (value) =>
  isListOf(value, isObject)
    ? undefined
    : "must be a list of objects such as { url: 'https://hooks.example.com/mail' }",
);

const EVENT_KINDS = ['open', 'click'];

export const EventKinds = rule('eventKinds', (value) =>
  isListOf(value, (item) => EVENT_KINDS.includes(item as string)) && (value as []).length > 0
    ? undefined
    : "must be a list of 'open' and 'click', or be left out for both",
);

const SIGNING_SECRET =
  'must be base64 of at least 24 bytes, with or without whsec_ before it (make one: node -e ' +
  "\"console.log('whsec_' + require('node:crypto').randomBytes(32).toString('base64'))\")";

export const SigningSecret = rule('signingSecret', (value) => {
  const secrets = Array.isArray(value) ? (value as unknown[]) : [value];
  const broken = secrets.findIndex((secret) => !isSigningSecret(secret));
  if (secrets.length > 0 && broken === -1) return undefined;
  return secrets.length > 1
    ? `(number ${broken + 1} of the list) ${SIGNING_SECRET}`
    : SIGNING_SECRET;
});

/** What the request is made of, and what its receiver trusts. */
const OUR_HEADERS =
  /^(?:host|content-length|content-type|transfer-encoding|connection|keep-alive|expect|te|trailer|upgrade|webhook-(?:id|timestamp|signature))$/i;

export const Headers = rule('headers', (value) => {
  if (!isPlainObject(value)) return "must be an object such as { 'X-Tenant': 'acme' }";
  for (const [i, [name, text]] of Object.entries(value).entries()) {
    if (!isHeaderName(name))
      return `(number ${i + 1}) must have the name of a header: letters, digits and hyphens`;
    if (OUR_HEADERS.test(name)) return `must not set ${name}: it is set for each request`;
    if (!isHeaderValue(name, text)) {
      return `${name} must be a text without line breaks and other control characters`;
    }
  }
  return undefined;
});

function isHeaderName(name: string): boolean {
  try {
    validateHeaderName(name);
    return true;
  } catch {
    return false;
  }
}

function isHeaderValue(name: string, value: unknown): boolean {
  if (typeof value !== 'string') return false;
  try {
    validateHeaderValue(name, value);
    return true;
  } catch {
    return false;
  }
}

export const VerdictObject = rule('verdictObject', (value) =>
  isObject(value) ? undefined : "must be false or an object such as { disable: ['MANY_NETWORKS'] }",
);

export const WindowStoreObject = rule('windowStoreObject', (value) =>
  isObject(value) && ['add', 'deliver'].every((name) => typeof value[name as never] === 'function')
    ? undefined
    : 'must be a WindowStore (add, deliver), such as new RedisWindowStore(client)',
);

export const BatchObject = rule('batchObject', (value) =>
  isObject(value) ? undefined : 'must be an object such as { size: 100, waitMs: 1000 }',
);

export const FunctionValue = rule('functionValue', (value) =>
  typeof value === 'function' ? undefined : 'must be a function',
);

export function WholeNumber(min: number, max: number): PropertyDecorator {
  return rule('wholeNumber', (value) =>
    Number.isInteger(value) && (value as number) >= min && (value as number) <= max
      ? undefined
      : `must be a whole number from ${min} to ${max}`,
  )();
}

/** @param max in seconds; fractions of a second count too, as in pytracking */
export function Seconds(max: number): PropertyDecorator {
  return rule('seconds', (value) =>
    typeof value === 'number' && value > 0 && value <= max
      ? undefined
      : `must be a number of seconds above 0, up to ${max}`,
  )();
}

function isListOf(value: unknown, isItem: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isItem);
}
