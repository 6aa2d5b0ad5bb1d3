import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Returns the version in the manifest of this package. npm starts programs through a link, and the
 * manifest is in one of the folders above the file that the link points to.
 *
 * @param program the file that Node was started with
 */
export function versionOf(program: string): string {
  let folder = dirname(realpathSync(program));
  for (;;) {
    const manifest = readManifest(join(folder, 'package.json'));
    if (manifest?.name === 'nestjs-email-tracking') return String(manifest.version);
    const parent = dirname(folder);
    if (parent === folder) throw new Error('The package.json of nestjs-email-tracking is missing.');
    folder = parent;
  }
}

function readManifest(file: string): { name?: unknown; version?: unknown } | undefined {
  if (!existsSync(file)) return undefined;
  return JSON.parse(readFileSync(file, 'utf8')) as { name?: unknown; version?: unknown };
}
