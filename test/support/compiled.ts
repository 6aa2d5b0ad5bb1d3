import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { transformSync } from '@swc/core';

/**
 * The package and some files of the suite as JavaScript, for processes of their own: Node 20 runs no
 * TypeScript, and the suite needs no build.
 */
export class Compiled {
  private constructor(private readonly folder: string) {}

  /** @param also folders beside lib/ */
  static make(...also: string[]): Compiled {
    const folder = mkdtempSync(join(tmpdir(), 'tracking-compiled-'));
    for (const root of ['lib', ...also]) {
      for (const file of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
        if (file.endsWith('.ts')) compile(join(root, file), join(folder, root, file));
      }
    }
    symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
    // A package may import itself by its name.
    const exports = { '.': './lib/index.js', './bullmq': './lib/bullmq/index.js' };
    const manifest = { name: 'nestjs-email-tracking', type: 'module', exports };
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
    return new Compiled(folder);
  }

  /** Where a TypeScript file of the suite is now. */
  pathOf(file: string): string {
    return join(this.folder, file.replace(/\.ts$/, '.js'));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function compile(from: string, to: string): void {
  const { code } = transformSync(readFileSync(from, 'utf8'), {
    filename: from,
    swcrc: false,
    module: { type: 'es6' },
    jsc: {
      target: 'es2022',
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true },
      keepClassNames: true,
    },
  });
  mkdirSync(dirname(to), { recursive: true });
  writeFileSync(to.replace(/\.ts$/, '.js'), code);
}
