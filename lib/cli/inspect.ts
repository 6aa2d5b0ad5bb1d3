import { parseArgs } from 'node:util';
import {
  isTrackingError,
  TrackingError,
  TrackingResponder,
  TrackingService,
  type LinkCodec,
  type LinkFormat,
  type TrackingResult,
} from '../index.js';
import { type Command, keysFrom, UsageError, withTracking } from './command.js';

export const INSPECT: Command = {
  help: `Usage: nestjs-email-tracking inspect <url> [options]

Prints what a tracking or unsubscribe link contains: a full URL, its path, or the bare
token; of unsubscribe links also a mailto: URL or the subject of a mail. Tries the formats
packed, fernet and plain, with the keys of TRACKING_ENCRYPTION_KEY (several with commas),
and for unsubscribe links also those of TRACKING_RETIRED_KEYS. Sends no request, counts no
click, and unsubscribes nobody.

  --json                      print a JSON object instead of text
  --context <context>         the context that the link was sealed under, for example a tenant
  --ptrack-secret-env <name>  also try django-ptrack's format, with the secret in this environment
                              variable, for example PTRACK_SECRET (needs @noble/ciphers)
`,
  async run(args, environment) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        json: { type: 'boolean' },
        context: { type: 'string' },
        'ptrack-secret-env': { type: 'string' },
      },
    });
    const [url, ...more] = positionals;
    if (url === undefined || more.length > 0) throw new UsageError('inspect takes one URL.');
    const keys = keysFrom(environment);
    const retired = keysFrom(environment, 'TRACKING_RETIRED_KEYS');
    const formats: LinkFormat[] = keys.length > 0 ? ['packed', 'fernet', 'plain'] : ['plain'];
    const variable = values['ptrack-secret-env'];
    if (variable !== undefined) formats.unshift(await ptrack(variable, environment));
    const options = {
      format: formats[0]!,
      accept: formats.slice(1),
      includeWebhookUrl: true,
      ...(keys.length > 0 && { encryptionKey: keys }),
      ...(retired.length > 0 && { retiredKeys: retired }),
      ...(values.context !== undefined && { context: values.context }),
    };
    const result = await withTracking(options, (app) =>
      read(url, app.get(TrackingResponder), app.get(TrackingService)),
    );
    if (result instanceof Error) throw keys.length > 0 ? result : withoutKeys(result);
    return values.json ? `${JSON.stringify(toJson(result), null, 2)}\n` : inWords(result);
  },
};

/** Loads the codec only here, because `@noble/ciphers` is optional. */
async function ptrack(variable: string, environment: NodeJS.ProcessEnv): Promise<LinkCodec> {
  const secret = environment[variable];
  if (!secret)
    throw new UsageError('--ptrack-secret-env must name an environment variable that is set.');
  const { PtrackCodec } = await import('../ptrack/index.js').catch((error: unknown) => {
    if (!isMissing(error)) throw error;
    throw new UsageError('--ptrack-secret-env needs a package: npm install @noble/ciphers');
  });
  return new PtrackCodec(secret);
}

function isMissing(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
}

type Purpose = TrackingResult['purpose'];

/** Only `packed` knows its purpose; the others say less as opens than as clicks. */
const PURPOSES: readonly Purpose[] = ['click', 'open', 'unsubscribe'];

/** Only unsubscribe links are read from these, so only their error says what is wrong. */
const MAIL = /^mailto:|\s/i;

function read(
  url: string,
  responder: TrackingResponder,
  tracking: TrackingService,
): TrackingResult | TrackingError {
  const request = { method: 'GET', url, headers: {} };
  let failure: TrackingError | undefined;
  for (const purpose of MAIL.test(url) ? PURPOSES.toReversed() : PURPOSES) {
    try {
      if (purpose === 'unsubscribe') return tracking.getUnsubscribeResult(url);
      const result = responder.readLink(url, purpose, request);
      if (purpose === 'click' && result.trackedUrl === null) continue;
      return result;
    } catch (error) {
      if (!isTrackingError(error)) throw error;
      failure ??= error.code === 'WRONG_PURPOSE' ? undefined : error;
    }
  }
  return failure ?? new TrackingError('INVALID_TOKEN', 'This link cannot be read.');
}

function withoutKeys(error: TrackingError): TrackingError {
  return new TrackingError(
    error.code,
    `${error.message} TRACKING_ENCRYPTION_KEY is not set, so packed and fernet links cannot be ` +
      'read: set it to the keys of the app that sent the mail.',
  );
}

/** Leaves the request out, because it is not a hit. */
function toJson(result: TrackingResult): object {
  const { requestData, timestamp, ...read } = result;
  void [requestData, timestamp];
  const carried = Object.entries(read).filter(([name]) => !/^is[A-Z]/.test(name));
  return Object.fromEntries(carried);
}

const MADE_FOR: Readonly<Record<Purpose, string>> = {
  open: 'opens (a pixel)',
  click: 'clicks',
  unsubscribe: 'unsubscribing',
};

function inWords(result: TrackingResult): string {
  const { linkIndex, linkCount, metadata } = result;
  const lines: [string, string | null][] = [
    ['Made for', MADE_FOR[result.purpose]],
    ['Leads to', result.trackedUrl],
    ['Message', result.messageId],
    ['Recipient', result.recipient],
    ['List', result.list],
    ['Tags', result.tags.length > 0 ? result.tags.join(', ') : null],
    ['Link', linkIndex === null ? null : `number ${linkIndex + 1} of ${linkCount ?? '?'}`],
    ['Label', result.linkLabel],
    ['Part', result.part],
    ['Mode', result.mode ?? null],
    ['Sealed at', result.sentAt?.toISOString() ?? null],
    ['Sealed on', result.sentOn ?? null],
    ['Format', result.format === 'plain' ? 'plain, not sealed' : result.format],
    ['Key', result.keyId],
    ['Webhook', result.webhookUrl],
    ['Metadata', Object.keys(metadata).length > 0 ? JSON.stringify(metadata) : null],
  ];
  return lines
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name.padEnd(10)} ${printable(value!)}\n`)
    .join('');
}

/** A link may come from anyone, and a terminal obeys control characters. */
function printable(text: string): string {
  return text
    .replace(/\p{C}/gu, (character) => JSON.stringify(character).slice(1, -1))
    .replace(
      // JSON leaves DEL and format characters as they are.
      /\p{C}/gu,
      (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`,
    );
}
