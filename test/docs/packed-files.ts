import { execFileSync } from 'node:child_process';
import { ROOT } from './markdown.js';

/** What npm says of a file that it would pack. */
export interface PackedFile {
  path: string;
  size: number;
}

/** The files that `npm pack` puts into the package. `dist` is among them only after a build. */
export function packedFiles(): PackedFile[] {
  const command = ['pack', '--dry-run', '--json', '--ignore-scripts', '--loglevel=error'];
  const output = execFileSync('npm', command, {
    cwd: ROOT,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  const [{ files }] = JSON.parse(output) as [{ files: PackedFile[] }];
  return files;
}
