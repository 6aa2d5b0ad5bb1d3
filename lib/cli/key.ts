import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import type { Command } from './command.js';

/** `key`: the only secret of a configuration, from the operating system's generator. */
export const KEY: Command = {
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
