import { isTrackingError } from '../index.js';
import type { Command } from './command.js';
import { INSPECT } from './inspect.js';
import { KEY } from './key.js';
import { LINK } from './link.js';
import { isUsageError } from './usage-error.js';
import { versionOf } from './version.js';

export const COMMANDS: Record<string, Command> = { key: KEY, inspect: INSPECT, link: LINK };

const HELP = `Usage: nestjs-email-tracking <command>

  key             make an encryption key
  inspect <url>   say what a tracking link carries
  link <url>      make a tracking link by hand

<command> --help says more; --version prints the version. Keys are read from TRACKING_ENCRYPTION_KEY.
Exit codes: 0 done, 1 failed, 2 wrong usage.
`;

/** What a command sees of the process that it runs in. */
export interface Surroundings {
  environment: NodeJS.ProcessEnv;
  /** The file that Node was started with. */
  program: string;
  out: (text: string) => void;
  err: (text: string) => void;
}

const DONE = 0;
/** The command is right, but it could not be done. */
const FAILED = 1;
/** The command is wrong. */
const USAGE = 2;

/**
 * Runs one command.
 *
 * @param args without the program's name
 * @returns the exit code: 0 done, 1 failed, 2 wrong usage
 */
export async function run(args: string[], surroundings: Surroundings): Promise<number> {
  const { out, err } = surroundings;
  const [name, ...rest] = args;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    (name === undefined ? err : out)(HELP);
    return name === undefined ? USAGE : DONE;
  }
  if (name === '--version' || name === '-v') {
    out(`${versionOf(surroundings.program)}\n`);
    return DONE;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) {
    err(
      `Unknown command '${name}'. The commands are ${Object.keys(COMMANDS).join(', ')}; --help lists them.\n`,
    );
    return USAGE;
  }
  if (rest.includes('--help') || rest.includes('-h')) {
    out(command.help);
    return DONE;
  }
  try {
    out(await command.run(rest, surroundings.environment));
    return DONE;
  } catch (error) {
    if (isUsageError(error)) {
      err(`${error.message}\n\n${command.help}`);
      return USAGE;
    }
    if (isTrackingError(error)) {
      err(`${error.code}: ${error.message}\n`);
      return FAILED;
    }
    throw error;
  }
}
