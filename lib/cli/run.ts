import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { isTrackingError } from '../index.js';
import { VERSION } from '../util/version.js';
import { type Command, UsageError } from './command.js';
import { DOCTOR } from './doctor.js';
import { INSPECT } from './inspect.js';
import { LINK } from './link.js';

const KEY: Command = {
  help: `Usage: nestjs-email-tracking key

Prints a new encryption key: 32 random bytes in base64. Keep it where your other
secrets are, for example as TRACKING_ENCRYPTION_KEY. To rotate, append the new key
to the list of all processes first, and move it to the front in a second deploy.
`,
  run(args) {
    parseArgs({ args, options: {}, allowPositionals: false });
    return `${randomBytes(32).toString('base64')}\n`;
  },
};

export const COMMANDS: Record<string, Command> = {
  key: KEY,
  inspect: INSPECT,
  link: LINK,
  doctor: DOCTOR,
};

const HELP = `Usage: nestjs-email-tracking <command>

  key             make an encryption key
  inspect <url>   say what a tracking or unsubscribe link carries
  link <url>      make a tracking link by hand
  doctor          find what is wrong between readers and the app

<command> --help says more; --version prints the version. Keys are read from TRACKING_ENCRYPTION_KEY.
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 warnings only (doctor).
`;

/** What a command sees of the process that it runs in. */
interface Surroundings {
  environment: NodeJS.ProcessEnv;
  out: (text: string) => void;
  err: (text: string) => void;
}

const DONE = 0;
const FAILED = 1;
const WRONG_USAGE = 2;

/**
 * Runs one command.
 *
 * @param args without the program's name
 * @returns the exit code
 */
export async function run(
  [name, ...args]: string[],
  { environment, out, err }: Surroundings,
): Promise<number> {
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    (name === undefined ? err : out)(HELP);
    return name === undefined ? WRONG_USAGE : DONE;
  }
  if (name === '--version' || name === '-v') {
    out(`${VERSION}\n`);
    return DONE;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) {
    err(
      `Unknown command '${name}'. The commands are ${Object.keys(COMMANDS).join(', ')}; --help lists them.\n`,
    );
    return WRONG_USAGE;
  }
  if (args.includes('--help') || args.includes('-h')) {
    out(command.help);
    return DONE;
  }
  try {
    const outcome = await command.run(args, environment);
    if (typeof outcome === 'string') {
      out(outcome);
      return DONE;
    }
    out(outcome.text);
    return outcome.code;
  } catch (error) {
    if (isUsageError(error)) {
      err(`${error.message}\n\n${command.help}`);
      return WRONG_USAGE;
    }
    if (!isTrackingError(error)) throw error;
    err(`${error.code}: ${error.message}\n`);
    return FAILED;
  }
}

/** The errors of `parseArgs` name the option that they are about. */
function isUsageError(error: unknown): error is Error {
  if (error instanceof UsageError) return true;
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && code.startsWith('ERR_PARSE_ARGS');
}
