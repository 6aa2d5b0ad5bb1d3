import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { freePort } from '../support/free-port.js';
import { ROOT } from './markdown.js';

/**
 * An app that was written somewhere else, run by plain Node beside a package made from `lib`: what
 * a reader of the documents gets after `npm install`, without a build before the tests.
 */
export class BuiltApp {
  /** What it has printed. */
  output = '';

  private constructor(
    private readonly folder: string,
    private readonly child: ChildProcess,
    readonly url: string,
  ) {
    const keep = (chunk: Buffer) => (this.output += chunk.toString());
    child.stdout!.on('data', keep);
    child.stderr!.on('data', keep);
  }

  /**
   * @param sources TypeScript by file name; `main.ts` is started, with a free `PORT`
   * @param env beside what Node itself needs
   */
  static async start(
    sources: ReadonlyMap<string, string>,
    env: (url: string) => Record<string, string>,
  ): Promise<BuiltApp> {
    const cache = join(ROOT, 'node_modules/.cache');
    mkdirSync(cache, { recursive: true });
    const folder = mkdtempSync(join(cache, 'docs-app-'));
    write(join(folder, 'package.json'), '{ "type": "module" }');
    for (const [name, text] of sources)
      write(join(folder, toJs(name)), transpile(text, ts.ModuleKind.ESNext));
    installPackage(join(folder, 'node_modules/nestjs-email-tracking'));

    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const child = spawn(process.execPath, ['main.js'], {
      cwd: folder,
      env: { PATH: process.env.PATH, NO_COLOR: '1', PORT: String(port), ...env(url) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const app = new BuiltApp(folder, child, url);
    try {
      await app.printed(/successfully started/);
      // Nest says so before it listens.
      await listening(port);
    } catch (error) {
      await app.stop();
      throw error;
    }
    return app;
  }

  /** Waits until the app has printed something. */
  async printed(pattern: RegExp): Promise<void> {
    for (let tries = 0; !pattern.test(this.output); tries++) {
      if (tries > 400 || this.child.exitCode !== null) {
        throw new Error(`The app did not print ${String(pattern)} but:\n${this.output}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null) {
      const exited = new Promise((resolve) => this.child.once('exit', resolve));
      this.child.kill('SIGKILL');
      await exited;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Lays the package out as npm would: its manifest, and `lib` where `exports` says it is. */
function installPackage(folder: string): void {
  write(join(folder, 'package.json'), readFileSync(join(ROOT, 'package.json'), 'utf8'));
  for (const name of readdirSync(join(ROOT, 'lib'), { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.ts')) continue;
    const text = readFileSync(join(ROOT, 'lib', name), 'utf8');
    write(join(folder, 'dist', toJs(name)), transpile(text, ts.ModuleKind.CommonJS));
  }
}

function transpile(text: string, module: ts.ModuleKind): string {
  return ts.transpileModule(text, {
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module,
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
      esModuleInterop: true,
    },
  }).outputText;
}

function toJs(name: string): string {
  return name.replace(/\.ts$/, '.js');
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

async function listening(port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true));
      socket.on('error', () => resolve(false));
      socket.on('connect', () => socket.destroy());
    });
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('The app does not listen.');
}
