import { INSPECT } from './inspect.js';
import { KEY } from './key.js';
import { LINK } from './link.js';

/** One command: what it says of itself, and what it does. */
export interface Command {
  help: string;
  /** @returns what to print */
  run(args: string[], environment: NodeJS.ProcessEnv): string | Promise<string>;
}

export const COMMANDS: Record<string, Command> = { key: KEY, inspect: INSPECT, link: LINK };

export const HELP = `Usage: nestjs-email-tracking <command>

  key             make an encryption key
  inspect <url>   say what a tracking link carries
  link <url>      make a tracking link by hand

<command> --help says more; --version prints the version. Keys are read from TRACKING_ENCRYPTION_KEY.
Exit codes: 0 done, 1 failed, 2 wrong usage.
`;
