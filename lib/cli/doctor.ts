import { createReadStream } from 'node:fs';
import { isIP } from 'node:net';
import { parseArgs } from 'node:util';
import { DOCTOR_CODES } from '../doctor/finding.js';
import { MAIL_CODES } from '../doctor/mail-codes.js';
import { NETWORK_CODES } from '../doctor/network-codes.js';
import { MAX_MAIL_BYTES } from '../doctor/read-mail.js';
import { readEnvironment } from '../options/read-environment.js';
import { codeOf } from '../util/error-code.js';
import {
  type DoctorCode,
  type DoctorReport,
  TrackingDoctor,
  type TrackingModuleOptions,
} from '../index.js';
import { type Command, type CommandOutcome, UsageError, withTracking } from './command.js';

const FAILED = 1;
const WARNINGS_ONLY = 3;

export const DOCTOR: Command = {
  help: `Usage: nestjs-email-tracking doctor [options]
       nestjs-email-tracking doctor --eml <file> [options]

Asks the hosts of the base URLs, and nobody else, how links arrive: finds proxies, caches,
certificates and keys that are wrong. Its probes count as nothing and change nothing. Takes the
options of the app from environment variables, as trackingConfig does: TRACKING_ENCRYPTION_KEY, at
least one of TRACKING_BASE_OPEN_TRACKING_URL, TRACKING_BASE_CLICK_TRACKING_URL and
TRACKING_BASE_UNSUBSCRIBE_URL, and all others that the app sets.

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
    const codes = values.eml === undefined ? NETWORK_CODES : MAIL_CODES;
    if (only && !only.some((code) => Object.hasOwn(codes, code))) {
      throw new UsageError(
        '--only: codes of mails are looked for with --eml, and all others without.',
      );
    }
    if (values.eml !== undefined && (values['allow-private'] || clientAddress !== undefined)) {
      throw new UsageError(
        '--eml asks nobody, so it takes no --allow-private or --client-address.',
      );
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
  const { options } = readEnvironment(environment);
  if (options.encryptionKey === undefined) {
    throw new UsageError('Set TRACKING_ENCRYPTION_KEY to the keys of the app.');
  }
  if (!Object.keys(options).some((option) => option.startsWith('base'))) {
    throw new UsageError(
      'Set the base URLs of the app, for example TRACKING_BASE_OPEN_TRACKING_URL.',
    );
  }
  return options;
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
