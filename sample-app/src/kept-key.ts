import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeDkimKey } from './mail/dkim-key.js';
import type { Settings } from './settings.js';

/**
 * Takes the keys of an earlier run: that of the links where none is set, so that its links still
 * work, and that of the signatures. Keeps those of the first run for later ones.
 */
export function withKeptKeys(settings: Settings): Settings {
  const { dataDir, keyIsFresh, encryptionKeys } = settings;
  const linkKey = keyIsFresh ? kept(dataDir, 'link-key', () => encryptionKeys[0]!) : null;
  return {
    ...settings,
    ...(linkKey !== null && { encryptionKeys: [linkKey], keyIsFresh: false }),
    dkimKey: kept(dataDir, 'dkim-key.pem', makeDkimKey),
  };
}

/** What a file holds, or what is made and written into it; null where it cannot be written. */
function kept(folder: string, name: string, make: () => string): string | null {
  const file = join(folder, name);
  try {
    const found = readFileSync(file, 'utf8').trim();
    if (found) return found;
  } catch {
    // There was no earlier run.
  }
  try {
    const made = make();
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, `${made.trim()}\n`, { mode: 0o600 });
    return made;
  } catch {
    return null;
  }
}
