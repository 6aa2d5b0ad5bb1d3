import { createHmac } from 'node:crypto';
import { isTrackingError, type LinkPayload, type Metadata } from 'nestjs-email-tracking';
import { sealFernet } from '../../lib/link/codecs/fernet.codec.js';
import { PlainCodec } from '../../lib/link/codecs/plain.codec.js';
import { writePytrackingPayload } from '../../lib/link/codecs/pytracking-payload.js';
import { decodeKey, TrackingKey } from '../../lib/link/key-ring.js';
import {
  optionsFrom,
  type PyConfiguration,
  type PyResult,
  toPython,
} from '../support/pytracking.js';
import { serviceWith } from '../support/service.js';
import { readVectors } from '../support/vectors.js';

interface LinkInput {
  kind: 'open' | 'click';
  url: string | null;
  metadata: Metadata | null;
  metadata_py?: string;
  configuration: PyConfiguration;
  decode: {
    configuration: PyConfiguration;
    request_data: { user_agent: string; user_ip: string } | null;
  };
  key?: string;
  decode_key?: string;
  time?: number;
}

interface LinkOutput {
  tracking_url: string;
  token: string;
  payload_json: string;
  decode_input: string;
  fernet?: { timestamp: number; iv_hex: string };
  result?: PyResult;
  decode_error?: unknown;
  js: { exact_encode_from_this_input: boolean };
}

interface InvalidInput {
  token: string;
  configuration: PyConfiguration;
}

interface InvalidOutput {
  library: Record<'open' | 'click', { result?: PyResult; error?: unknown }>;
}

const UNSAFE = 'the redirect policy checks destinations, here and at the route';
const JS_NUMBERS = 'JavaScript cannot tell 1.0 from 1, nor keep digits beyond 2^53';

/** Every case in which writing or reading a good link differs from pytracking, and why. */
const LINK_DEVIATIONS: Record<string, string> = {
  'open/float-integral': JS_NUMBERS,
  'open/big-int': JS_NUMBERS,
  'open/int-keys': 'the case’s input is Python only (integer keys)',
  'open/duplicate-keys-after-str': 'the case’s input is Python only (integer keys)',
  'open/tuple-value': 'the case’s input is Python only (a tuple)',
  'open/integer-like-key-order': 'JavaScript objects put integer-like keys first',
  'click/url-port-userinfo': UNSAFE,
  'click/url-scheme-relative': UNSAFE,
  'click/url-tel': UNSAFE,
  'click/url-relative': UNSAFE,
  'click/url-newline': UNSAFE,
  'click/url-data-uri': UNSAFE,
  'click/url-nul': UNSAFE,
  'click/url-empty': UNSAFE,
  'click/url-none-no-metadata': UNSAFE,
  'click/base-no-trailing-slash-full': 'the token is found although the base has no slash',
  'open/open-append-slash-full-undecodable': 'the slash that was appended is taken off again',
};

const TYPES = 'types are checked: a number is no URL, and metadata is an object';
const STRICT = 'a token has one spelling: other characters and bits are refused';
const REPAIRED = 'what mail clients do to URLs is undone';

/** Every case in which an odd token is read differently, and why. */
const INVALID_DEVIATIONS: Record<string, string> = {
  'fernet-truncated-1': REPAIRED,
  'missing-padding-partial': REPAIRED,
  'query-string-attached': REPAIRED,
  'fernet-missing-padding-2': REPAIRED,
  'standard-alphabet': STRICT,
  'inner-non-ascii': STRICT,
  'trailing-junk-after-padding': STRICT,
  'non-canonical-bits': STRICT,
  'fernet-inner-garbage': STRICT,
  'json-huge-number': 'an infinity is no JSON value',
  'json-proto': 'a key named __proto__ is refused',
  'type-url-number': TYPES,
  'type-url-true': TYPES,
  'type-url-array': TYPES,
  'type-url-object': TYPES,
  'type-metadata-pairs': TYPES,
  'type-webhook-number': TYPES,
  'url-scheme-relative': UNSAFE,
  'url-javascript-mixed-case': UNSAFE,
  'url-javascript-tab': UNSAFE,
  'url-vbscript': UNSAFE,
  'url-mailto': UNSAFE,
  'url-ftp': UNSAFE,
  'url-relative': UNSAFE,
  'url-backslashes': UNSAFE,
  'url-userinfo': UNSAFE,
  'url-nul': UNSAFE,
  'url-loopback': UNSAFE,
  'fernet-url-javascript': UNSAFE,
};

const NOW = 1_700_000_000_250;

/** What a call gives, or the code of its error. */
function outcome<T>(call: () => T): T | string {
  try {
    return call();
  } catch (error) {
    if (isTrackingError(error)) return error.code;
    throw error;
  }
}

function write({ kind, url, metadata, configuration, key }: LinkInput): string {
  const service = serviceWith(optionsFrom(configuration, key));
  return kind === 'open'
    ? service.getOpenTrackingUrl(metadata ?? undefined)
    : service.getClickTrackingUrl(url ?? '', metadata ?? undefined);
}

function read({ kind, decode, decode_key }: LinkInput, text: string): PyResult {
  const service = serviceWith(optionsFrom(decode.configuration, decode_key), () => NOW);
  const requestData = decode.request_data && {
    userAgent: decode.request_data.user_agent,
    userIp: decode.request_data.user_ip,
  };
  return toPython(
    kind === 'open'
      ? service.getOpenTrackingResult(text, requestData)
      : service.getClickTrackingResult(text, requestData),
  );
}

/** The payload as the codec gets it, without the policy in between. */
function payloadOf({ url, metadata, configuration }: LinkInput): LinkPayload {
  const defaults = configuration.include_default_metadata ? configuration.default_metadata : {};
  const payload: LinkPayload = { metadata: { ...defaults, ...metadata } };
  if (url) payload.url = url;
  if (configuration.include_webhook_url) payload.webhookUrl = configuration.webhook_url;
  return payload;
}

const plain = readVectors<LinkInput, LinkOutput>('pytracking/plain.json');
const fernet = readVectors<LinkInput, LinkOutput>('pytracking/fernet.json');
const invalid = readVectors<InvalidInput, InvalidOutput>('pytracking/invalid.json');

describe('pytracking’s plain links', () => {
  test.each(plain)('$name', ({ name, input, output }) => {
    const written = outcome(() => write(input));
    const readBack = outcome(() => read(input, output.decode_input));
    const same =
      written === output.tracking_url &&
      JSON.stringify(readBack) === JSON.stringify(output.result ?? 'INVALID_TOKEN');
    expect([name, !same]).toEqual([name, name in LINK_DEVIATIONS]);
    if (same) expect(readBack).toEqual(output.result);
    // The bytes are Python's even where the policy would not let the link be written.
    if (output.js.exact_encode_from_this_input) {
      expect(new PlainCodec().encode(payloadOf(input))).toBe(output.token);
    }
  });
});

describe('pytracking’s fernet links', () => {
  test.each(fernet)('$name', ({ name, input, output }) => {
    const readBack = outcome(() => read(input, output.decode_input));
    const written = outcome(() => write(input));
    const wasWritten = written !== 'UNSAFE_URL' && output.js.exact_encode_from_this_input;
    const same =
      wasWritten && JSON.stringify(readBack) === JSON.stringify(output.result ?? 'INVALID_TOKEN');
    expect([name, !same]).toEqual([name, name in LINK_DEVIATIONS]);
    if (!output.js.exact_encode_from_this_input) return;
    const json = writePytrackingPayload(payloadOf(input));
    expect(json.toString()).toBe(output.payload_json);
    const { timestamp, iv_hex } = output.fernet!;
    const key = new TrackingKey(decodeKey(input.key!)!);
    const token = sealFernet(key, json, timestamp, Buffer.from(iv_hex, 'hex'));
    expect(token.toString('base64url')).toBe(output.token.replaceAll('=', ''));
  });

  test('a key is 16 bytes for signing, then 16 for encryption', () => {
    const { input, output } = fernet[0]!;
    const secret = Buffer.from(input.key!, 'base64url');
    const bytes = Buffer.from(output.token, 'base64url');
    const hmac = createHmac('sha256', secret.subarray(0, 16)).update(bytes.subarray(0, -32));
    expect(hmac.digest('hex')).toBe(bytes.subarray(-32).toString('hex'));
  });
});

describe('tokens that pytracking was shown', () => {
  test.each(invalid)('$name', ({ name, input, output }) => {
    const options = optionsFrom(input.configuration);
    const service = serviceWith(options, () => NOW);
    const click = outcome(() => toPython(service.getClickTrackingResult(input.token)));
    const open = outcome(() => toPython(service.getOpenTrackingResult(input.token)));
    const isSame = (ours: PyResult | string, theirs: { result?: PyResult }) =>
      typeof ours === 'string'
        ? theirs.result === undefined
        : JSON.stringify(ours) === JSON.stringify(theirs.result);
    const same = isSame(click, output.library.click) && isSame(open, output.library.open);
    expect([name, !same, click, open]).toEqual([name, name in INVALID_DEVIATIONS, click, open]);
  });

  test('nothing of it is executed or relative', () => {
    for (const { input } of invalid) {
      const service = serviceWith(optionsFrom(input.configuration));
      const result = outcome(() => service.getClickTrackingResult(input.token));
      if (typeof result === 'string' || result.trackedUrl === null) continue;
      expect(new URL(result.trackedUrl).protocol).toMatch(/^https?:$/);
    }
  });
});

describe('the tables of deviations', () => {
  test('list nothing that is not a case', () => {
    const names = [...plain, ...fernet].map(({ name }) => name);
    expect(Object.keys(LINK_DEVIATIONS).filter((name) => !names.includes(name))).toEqual([]);
    const odd = invalid.map(({ name }) => name);
    expect(Object.keys(INVALID_DEVIATIONS).filter((name) => !odd.includes(name))).toEqual([]);
  });
});
