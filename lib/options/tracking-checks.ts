import { validateHeaderName, validateHeaderValue } from 'node:http';
import { types } from 'node:util';
import { checkMetadata } from '../link/json-value.js';
import { decodeKey, KEY_PROBLEM } from '../link/key-ring.js';
import { isLinkCodec } from '../link/link-codec.js';
import { hostOfPattern, NEVER_ALLOWED_SCHEMES, schemeName } from '../link/redirect-policy.js';
import { isObject, isPlainObject } from '../util/is-object.js';
import { parseUrl } from '../util/parse-url.js';
import { isLoopback } from '../util/private-host.js';
import { json, list, none, number, patterns, text } from '../util/readers.js';
import { checkedBy, isListOf } from '../util/validate.js';
import { isSigningSecret } from '../webhook/webhook-request.js';

const BASE_URL = 'must be an absolute http(s) URL such as https://t.example.com/open/';

export const BaseUrl = checkedBy(text, (value, options) => {
  // pytracking takes a base of any shape, and so does its way of joining.
  if (options.urlJoin === 'python') return typeof value === 'string' ? undefined : BASE_URL;
  return baseProblem(value);
});

/** RFC 8058 knows `https:` only. */
export const SecureBaseUrl = checkedBy(text, (value) => {
  const url = typeof value === 'string' ? parseUrl(value) : undefined;
  return (
    baseProblem(value) ??
    (url?.protocol === 'https:' || isLoopback(url!.hostname)
      ? undefined
      : 'must start with https: (http: is allowed on loopback addresses only)')
  );
});

function baseProblem(value: unknown): string | undefined {
  const url = typeof value === 'string' ? parseUrl(value) : undefined;
  if (!url || !isWeb(url)) return BASE_URL;
  if (url.username || url.password) return `${BASE_URL}, without a user name or password`;
  if (/[?#]/.test(value as string)) return `${BASE_URL}, without a query or fragment`;
  return undefined;
}

export const AbsoluteUrl = checkedBy(text, (value) => {
  const url = typeof value === 'string' ? parseUrl(value) : undefined;
  return url && isWeb(url) ? undefined : 'must be an absolute http(s) URL';
});

function isWeb(url: URL): boolean {
  return url.protocol === 'https:' || url.protocol === 'http:';
}

export const RoutePath = checkedBy(text, (value) =>
  typeof value === 'string' && /^\/?[\w~.-]+(?:\/[\w~.-]+)*\/?$|^\/?$/.test(value)
    ? undefined
    : 'must be a path such as /open, of letters, digits and .-_~',
);

export const HostName = checkedBy(text, (value) =>
  typeof value === 'string' && !value.startsWith('*.') && hostOfPattern(value) !== undefined
    ? undefined
    : 'must be a host name such as t.example.com, without scheme and port',
);

export const HostPatterns = checkedBy(list, (value) =>
  isListOf(value, (item) => typeof item === 'string' && hostOfPattern(item) !== undefined)
    ? undefined
    : 'must be a list of hosts such as example.com or *.example.com, without scheme and port',
);

export const Patterns = checkedBy(patterns, (value) =>
  isListOf(value, types.isRegExp)
    ? undefined
    : 'must be a list of regular expressions such as /:\\w+:/',
);

export const Schemes = checkedBy(list, (value) => {
  if (!isListOf(value, (item) => typeof item === 'string' && /^[a-z][a-z0-9+.-]*:?$/i.test(item))) {
    return "must be a list of schemes such as ['https']";
  }
  return (value as string[]).some((scheme) => NEVER_ALLOWED_SCHEMES.includes(schemeName(scheme)))
    ? `must not name ${NEVER_ALLOWED_SCHEMES.join(', ')}: these run code in the reader's browser`
    : undefined;
});

export const EncryptionKey = checkedBy(list, (value) =>
  Array.isArray(value) && value.length === 0 ? KEY_PROBLEM : keyProblem(value),
);

/** A tenant may have none where the module has some. */
export const RetiredKeys = checkedBy(list, keyProblem);

function keyProblem(value: unknown): string | undefined {
  const keys = Array.isArray(value) ? (value as unknown[]) : [value];
  const isKey = (key: unknown) => typeof key === 'string' && decodeKey(key) !== undefined;
  const broken = keys.findIndex((key) => !isKey(key));
  if (broken === -1) return undefined;
  return keys.length === 1 ? KEY_PROBLEM : `(number ${broken + 1} of the list) ${KEY_PROBLEM}`;
}

const FORMATS = ['packed', 'fernet', 'plain'];
const FORMAT = "'packed', 'fernet', 'plain' or a LinkCodec (name, encode, decode)";

function isFormat(value: unknown): boolean {
  if (typeof value === 'string') return FORMATS.includes(value);
  // `result.format` must tell a codec of the user's own from ours.
  return isLinkCodec(value) && !FORMATS.includes(value.name);
}

export const Format = checkedBy(text, (value) =>
  isFormat(value) ? undefined : `must be ${FORMAT}`,
);

export const Formats = checkedBy(list, (value) =>
  isListOf(value, isFormat) ? undefined : `must be a list of ${FORMAT}`,
);

export const Context = checkedBy(text, (value) =>
  typeof value === 'string' && value.length > 0 && value.length <= 256 && value.isWellFormed()
    ? undefined
    : 'must be a text of 1 to 256 characters',
);

export const JsonObject = checkedBy(json, (value) => {
  try {
    checkMetadata(value);
    return undefined;
  } catch {
    return 'must be a plain object that JSON can carry';
  }
});

const EVENT_KINDS = ['open', 'click', 'unsubscribe'];

export const EventKinds = checkedBy(list, (value) =>
  isListOf(value, (item) => EVENT_KINDS.includes(item as string)) && (value as []).length > 0
    ? undefined
    : "must be a list of 'open', 'click' and 'unsubscribe', or be left out for opens and clicks",
);

const SIGNING_SECRET =
  'must be base64 of at least 24 bytes, with or without whsec_ before it (make one: node -e ' +
  "\"console.log('whsec_' + require('node:crypto').randomBytes(32).toString('base64'))\")";

export const SigningSecret = checkedBy(list, (value) => {
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

export const Headers = checkedBy(json, (value) => {
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

export const ParameterNames = checkedBy(list, (value) =>
  isListOf(value, (item) => typeof item === 'string' && item !== '')
    ? undefined
    : "must be a list of names of parameters such as ['token']",
);

const MAX_PASSED = 50;
const MAX_NAME_LENGTH = 64;

/** What another server, or a log, could read as something else has no place in a name. */
function isParameterName(value: unknown): boolean {
  return (
    typeof value === 'string' && /^[^\p{C}\p{Z}]+$/u.test(value) && value.length <= MAX_NAME_LENGTH
  );
}

export const PassedNames = checkedBy(list, (value) =>
  isListOf(value, isParameterName) && (value as string[]).length <= MAX_PASSED
    ? undefined
    : `must be a list of at most ${MAX_PASSED} names of parameters such as ['gclid'], each of 1 to ` +
      `${MAX_NAME_LENGTH} characters without spaces and control characters`,
);

export const ParameterName = checkedBy(text, (value) =>
  isParameterName(value)
    ? undefined
    : `must be the name of a parameter such as 'click_id', of 1 to ${MAX_NAME_LENGTH} characters ` +
      'without spaces and control characters',
);

export const MetadataKeys = checkedBy(list, (value) =>
  isListOf(value, (item) => typeof item === 'string' && item !== '')
    ? undefined
    : "must be a list of keys of metadata such as ['campaign']",
);

export const RuleNames = checkedBy(list, (value) =>
  isListOf(value, (item) => typeof item === 'string')
    ? undefined
    : "must be a list of ids or codes of rules such as ['MANY_NETWORKS']",
);

export const WindowStoreObject = checkedBy(none, (value) =>
  isObject(value) && ['add', 'deliver'].every((name) => typeof value[name as never] === 'function')
    ? undefined
    : 'must be a WindowStore (add, deliver), such as new RedisWindowStore(client)',
);

/** @param max in seconds; fractions of a second count too, as in pytracking */
export function Seconds(max: number): PropertyDecorator {
  return checkedBy(number, (value) =>
    typeof value === 'number' && value > 0 && value <= max
      ? undefined
      : `must be a number of seconds above 0, up to ${max}`,
  )();
}
