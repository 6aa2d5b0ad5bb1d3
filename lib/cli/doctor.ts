import { createReadStream } from 'node:fs';
import { isIP } from 'node:net';
import { parseArgs } from 'node:util';
import { DOCTOR_CODES } from '../doctor/finding.js';
import { MAX_MAIL_BYTES } from '../doctor/read-mail.js';
import { codeOf } from '../util/error-code.js';
import {
  type DoctorCode,
  type DoctorReport,
  TrackingDoctor,
  type TrackingModuleOptions,
} from '../index.js';
import {
  type Command,
  type CommandOutcome,
  keysFrom,
  UsageError,
  withTracking,
} from './command.js';

const FAILED = 1;
const WARNINGS_ONLY = 3;

/** The options that decide how links look, as the app reads them from the environment. */
const TEXTS = {
  baseOpenTrackingUrl: 'TRACKING_BASE_OPEN_TRACKING_URL',
  baseClickTrackingUrl: 'TRACKING_BASE_CLICK_TRACKING_URL',
  baseUnsubscribeUrl: 'TRACKING_BASE_UNSUBSCRIBE_URL',
  context: 'TRACKING_CONTEXT',
  urlJoin: 'TRACKING_URL_JOIN',
  pixel: 'TRACKING_PIXEL',
} as const;

export const DOCTOR: Command = {
  help: `Usage: nestjs-email-tracking doctor [options]
       nestjs-email-tracking doctor --eml <file> [options]

Asks the hosts of the base URLs, and nobody else, how links arrive: finds proxies, caches,
certificates and keys that are wrong. Its probes count as nothing and change nothing. Takes the
configuration of the app from its environment variables: TRACKING_ENCRYPTION_KEY, at least one of
TRACKING_BASE_OPEN_TRACKING_URL, TRACKING_BASE_CLICK_TRACKING_URL and
TRACKING_BASE_UNSUBSCRIBE_URL, and where they are set TRACKING_CONTEXT, TRACKING_URL_JOIN,
TRACKING_APPEND_SLASH and TRACKING_PIXEL.

  --eml <file>           examine this mail instead, and ask nobody
  --json                 print a JSON object instead of text
  --only <codes>         look for these codes only (with commas)
  --allow-private        also ask hosts with private addresses
  --client-address <ip>  the public address of this machine, which the app should see

Exit codes: 0 all is well, 1 something is wrong, 2 wrong usage, 3 warnings only.
`,
  async run(args, environment) {
    const { values } = parseArgs({
      args,
      options: {
        eml: { type: 'string' },
        json: { type: 'boolean' },
        only: { type: 'string' },
        'allow-private': { type: 'boolean' },
        'client-address': { type: 'string' },
      },
    });
    const only = values.only?.split(',').map((code) => code.trim()) as DoctorCode[] | undefined;
    const clientAddress = values['client-address'];
    if (only?.some((code) => !Object.hasOwn(DOCTOR_CODES, code))) {
      throw new UsageError('--only takes codes of docs/doctor.md, with commas.');
    }
    if (clientAddress !== undefined && isIP(clientAddress) === 0) {
      throw new UsageError('--client-address takes an IP address.');
    }
    const mail = values.eml === undefined ? undefined : await readMail(values.eml);
    const report = await withTracking(optionsFrom(environment), (app) =>
      mail
        ? app.get(TrackingDoctor).examineMail(mail, only && { only })
        : app.get(TrackingDoctor).examine({
            allowPrivate: values['allow-private'] ?? false,
            ...(only && { only }),
            ...(clientAddress !== undefined && { clientAddress }),
          }),
    );
    const text = values.json ? `${JSON.stringify(report, null, 2)}\n` : inWords(report);
    return { text, code: exitCode(report) };
  },
};

function optionsFrom(environment: NodeJS.ProcessEnv): TrackingModuleOptions {
  const options: Record<string, unknown> = {};
  for (const [option, variable] of Object.entries(TEXTS)) {
    const value = environment[variable]?.trim() ?? '';
    if (value !== '') options[option] = value;
  }
  const keys = keysFrom(environment);
  if (keys.length === 0)
    throw new UsageError('Set TRACKING_ENCRYPTION_KEY to the keys of the app.');
  if (!Object.keys(options).some((option) => option.startsWith('base'))) {
    throw new UsageError(
      'Set the base URLs of the app, for example TRACKING_BASE_OPEN_TRACKING_URL.',
    );
  }
  const appendSlash = /^(?:true|1)$/i.test(environment['TRACKING_APPEND_SLASH']?.trim() ?? '');
  return { ...options, encryptionKey: keys, appendSlash };
}

/** Reads one byte more than the doctor takes, so that it sees which mails are too large. */
async function readMail(path: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of createReadStream(path, { end: MAX_MAIL_BYTES })) {
      chunks.push(chunk as Buffer);
    }
  } catch (error) {
    throw new UsageError(`--eml: the file cannot be read (${codeOf(error)}).`);
  }
  return Buffer.concat(chunks);
}

function exitCode({ findings }: DoctorReport): CommandOutcome['code'] {
  if (findings.length === 0) return 0;
  return findings.some(({ severity }) => severity === 'failed') ? FAILED : WARNINGS_ONLY;
}

function inWords({ findings, examined }: DoctorReport): string {
  if (findings.length === 0) return `All is well: ${examined.length} kinds of faults looked for.\n`;
  return findings
    .map(
      ({ code, severity, seen, expected, remedy, link }) =>
        `${severity === 'failed' ? 'FAILED ' : 'WARNING'} ${code}\n` +
        `  seen      ${seen}\n  expected  ${expected}\n  remedy    ${remedy}\n  more      ${link}\n`,
    )
    .join('\n');
}
