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

  /**
   * @param also folders beside lib/
   * @param without packages that are installed here, and must not be there
   */
  static make(also: string[], { without = [] as string[] } = {}): Compiled {
    const folder = mkdtempSync(join(tmpdir(), 'tracking-compiled-'));
    for (const root of ['lib', ...also]) {
      for (const file of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
        if (file.endsWith('.ts')) compile(join(root, file), join(folder, root, file));
      }
    }
    if (without.length > 0) linkPackages(folder, without);
    else symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
    // A package may import itself by its name.
    const exports = {
      '.': './lib/index.js',
      './config': './lib/options/tracking.config.js',
      './*': './lib/*/index.js',
    };
    const manifest = { name: 'nestjs-email-tracking', type: 'commonjs', exports };
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

function linkPackages(folder: string, without: readonly string[]): void {
  for (const entry of readdirSync('node_modules')) {
    const names = entry.startsWith('@')
      ? readdirSync(join('node_modules', entry)).map((name) => `${entry}/${name}`)
      : [entry];
    for (const name of names.filter((name) => !without.includes(name))) {
      const link = join(folder, 'node_modules', name);
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(resolve('node_modules', name), link);
    }
  }
}

function compile(from: string, to: string): void {
  const { code } = transformSync(readFileSync(from, 'utf8'), {
    filename: from,
    swcrc: false,
    // As tsc does: `import()` stays, for packages that are ES modules only.
    module: { type: 'commonjs', ignoreDynamic: true },
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
