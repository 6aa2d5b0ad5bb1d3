import { spawnSync } from 'node:child_process';
import { Compiled } from '../support/compiled.js';

const FOLDER = 'test/webhook/processes';

describe('without @nestjs/axios and axios', () => {
  let outcome: Record<string, unknown>;
  beforeAll(() => {
    const compiled = Compiled.make([FOLDER], { without: ['@nestjs/axios', 'axios'] });
    try {
      const file = compiled.pathOf(`${FOLDER}/without-axios.ts`);
      const { stdout, stderr } = spawnSync('node', [file], { encoding: 'utf8', timeout: 60_000 });
      if (stdout === '') throw new Error(stderr);
      outcome = JSON.parse(stdout) as typeof outcome;
    } finally {
      compiled.remove();
    }
  });

  test('loads every entry point and answers clicks', () => {
    expect(outcome.click).toBe(302);
    expect(outcome.entries).toEqual(Array(7).fill('function'));
  });

  test.each(['webhookUrl', 'webhooks', 'includeWebhookUrl', 'webhookAllowHosts'])(
    'does not start with %s, and says what to install',
    (option) => {
      expect(outcome[option]).toEqual({
        name: 'TrackingError',
        code: 'INVALID_OPTIONS',
        message: expect.stringMatching(
          new RegExp(`${option}.*MODULE_NOT_FOUND.*npm install @nestjs/axios axios`),
        ),
      });
    },
  );

  test('sendWebhook() rejects and says what to install', () => {
    expect(outcome.sendWebhook).toEqual({
      name: 'TrackingError',
      code: 'INVALID_OPTIONS',
      message: expect.stringMatching(/^sendWebhook\(\):.*npm install @nestjs\/axios axios/),
    });
  });
});
