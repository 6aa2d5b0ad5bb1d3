import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TrackingModuleOptions } from 'nestjs-email-tracking';
import {
  pgClient,
  SuppressionService,
  TrackingSuppressionModule,
} from 'nestjs-email-tracking/suppression';
import { Pool } from 'pg';
import { OPTIONS, TestApp } from '../support/app.js';
import { Compiled } from '../support/compiled.js';
import { forkApp } from '../support/forked-app.js';
import { type Answer, request } from '../support/http.js';
import { serviceFor } from '../support/service.js';
import type { AppSettings } from './processes/app.js';
import { multipart, UNSUBSCRIBING } from './unsubscribe-app.js';

const FOLDER = 'test/unsubscribe/processes';

/** Writes links that the apps can read. */
const links = serviceFor(UNSUBSCRIBING);

/** The unsubscribe link of a reader of the list "news". */
export function linkOf(recipient: string): string {
  return links.getUnsubscribeUrl({ recipient, list: 'news' });
}

/** So many readers. */
export function readers(count: number, name = 'reader'): string[] {
  return Array.from({ length: count }, (_, n) => `${name}-${n}@example.com`);
}

/** An app in a process of its own. */
export class LeavingApp {
  constructor(
    private readonly child: ChildProcess,
    private readonly port: number,
    private readonly logFile: string,
  ) {}

  get log(): string {
    return readFileSync(this.logFile, 'utf8');
  }

  /** Posts to a link as a mail program does. */
  leave(link: string): Promise<Answer> {
    const { pathname } = new URL(link);
    const { body, headers } = multipart('One-Click');
    const url = `http://127.0.0.1:${this.port}${pathname}`;
    return request(url, { method: 'POST', body, headers });
  }

  /** @returns how long the process took to end, in milliseconds */
  async end(signal: NodeJS.Signals = 'SIGKILL'): Promise<number> {
    const { exitCode, signalCode } = this.child;
    if (exitCode !== null || signalCode !== null) return 0;
    const started = performance.now();
    const gone = once(this.child, 'exit');
    this.child.kill(signal);
    await gone;
    return performance.now() - started;
  }
}

/** Gives each test of a `describe` apps, and ends them after it. */
export function leavingApps() {
  let compiled: Compiled;
  let folder: string;
  const apps: LeavingApp[] = [];
  const ends: (() => Promise<unknown>)[] = [];
  beforeAll(() => {
    compiled = Compiled.make([FOLDER]);
    folder = mkdtempSync(join(tmpdir(), 'tracking-leaving-'));
  });
  afterEach(async () => {
    await Promise.all(apps.splice(0).map((app) => app.end()));
    for (const end of ends.splice(0)) await end();
  });
  afterAll(() => {
    compiled.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  return {
    /** A new folder for a spool. */
    spoolDir: () => mkdtempSync(join(folder, 'spool-')),

    async start(settings: Omit<AppSettings, 'tracking'> & { tracking?: TrackingModuleOptions }) {
      const tracking = { ...OPTIONS, ...UNSUBSCRIBING, ...settings.tracking };
      const logFile = join(folder, `log-${performance.now()}`);
      const path = compiled.pathOf(`${FOLDER}/app.ts`);
      const { child, port } = await forkApp(path, { ...settings, tracking }, logFile);
      const app = new LeavingApp(child, port, logFile);
      apps.push(app);
      return app;
    },

    /** The suppression list of a database, as another process sees it. */
    async suppressionIn(connectionString: string): Promise<SuppressionService> {
      const pool = new Pool({ connectionString, max: 2 });
      pool.on('error', () => undefined);
      const app = await TestApp.start('express', {
        metadata: { imports: [TrackingSuppressionModule.forRoot({ client: pgClient(pool) })] },
      });
      ends.push(() => app.close().then(() => pool.end()));
      return app.app.get(SuppressionService);
    },
  };
}

/** Which of some readers the list "news" may not be sent to. */
export async function leftOf(
  suppression: SuppressionService,
  recipients: readonly string[],
): Promise<string[]> {
  const left: string[] = [];
  const onSuppressed = (recipient: string) => void left.push(recipient);
  await suppression.filter(recipients, (address) => address, { list: 'news', onSuppressed });
  return left;
}
