import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from './settings.js';

const KEY_FILE = 'link-key';

/**
 * Where no key was set: the one that an earlier run made, so that the links of its mails go on to
 * work; or the one of this run, kept for the next.
 */
export function withKeptKey(settings: Settings): Settings {
  if (!settings.keyIsFresh) return settings;
  const file = join(settings.dataDir, KEY_FILE);
  try {
    const key = readFileSync(file, 'utf8').trim();
    if (key) return { ...settings, encryptionKeys: [key], keyIsFresh: false };
  } catch {
    // There was no earlier run.
  }
  try {
    mkdirSync(settings.dataDir, { recursive: true });
    writeFileSync(file, `${settings.encryptionKeys[0]}\n`, { mode: 0o600 });
    return { ...settings, keyIsFresh: false };
  } catch {
    return settings;
  }
}
