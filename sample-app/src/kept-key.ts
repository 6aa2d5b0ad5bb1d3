import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from './settings.js';

const KEY_FILE = 'link-key';

/**
 * Takes the key of an earlier run where none is set, so that its links still work. Keeps the key of
 * the first run for later ones.
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
