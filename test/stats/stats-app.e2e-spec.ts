import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { isTrackingError } from 'nestjs-email-tracking';
import {
  pgliteClient,
  TrackingStatsModule,
  type TrackingStatsOptions,
} from 'nestjs-email-tracking/stats';
import { TestApp } from '../support/app.js';
import { copyEmptyDatabase } from '../support/pglite.js';
import { mailCase } from './stats-app.js';

let folder: string;
let db: PGlite;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'stats-app-'));
  await copyEmptyDatabase(folder);
  db = await PGlite.create(folder);
});
afterAll(async () => {
  await db.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('the store in an app on express', () => mailCase('express', () => db));

test('options that cannot be used are all named, and no value is', async () => {
  const options = {
    schema: 'Drop Table',
    flushMs: -1,
    clint: 1,
  } as unknown as TrackingStatsOptions;
  const started = TestApp.start('express', {
    metadata: { imports: [TrackingStatsModule.forRoot(options)] },
  });
  const error: unknown = await started.catch((thrown: unknown) => thrown);
  expect(isTrackingError(error) && error.code).toBe('INVALID_OPTIONS');
  const { message } = error as Error;
  for (const name of ['client', 'schema', 'flushMs', 'clint']) {
    expect(message).toContain(`  - ${name}: `);
  }
  expect(message).not.toContain('Drop');
});

test('refuses to start without TrackingModule', async () => {
  const started = TestApp.start('express', {
    trackingModule: class Nothing {},
    metadata: { imports: [TrackingStatsModule.forRoot({ client: pgliteClient(db) })] },
  });
  await expect(started).rejects.toThrow('TrackingModule.forRoot()');
});
