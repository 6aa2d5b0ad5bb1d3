import { TestApp } from '../support/app.js';
import { ANN, multipart, post, UNSUBSCRIBING, urlencoded } from './unsubscribe-app.js';

describe('the verdict of a wish to leave', () => {
  let app: TestApp;
  beforeAll(async () => (app = await TestApp.start('express', { tracking: UNSUBSCRIBING })));
  afterAll(() => app.close());

  const AGENT = { 'User-Agent': 'curl/8.5.0' };
  const verdictOf = async ({ body, headers }: ReturnType<typeof multipart>, messageId: string) => {
    const url = app.tracking.getUnsubscribeUrl({ ...ANN, messageId });
    await post(app, url, { body, headers: { ...headers, ...AGENT } });
    return app.recorder.events.at(-1)!.verdict;
  };

  it('is that of a program where a program presses the button of the page', async () => {
    const verdict = await verdictOf(urlencoded('Page'), '<page@example.com>');
    expect(verdict!.kind).toBe('scanner');
    expect(verdict!.reasons).toContain('HTTP_CLIENT');
  });

  it('does not come from the server of a mail program, which asks for its reader', async () => {
    const verdict = await verdictOf(multipart('One-Click'), '<one-click@example.com>');
    expect(verdict!.kind).not.toBe('scanner');
    expect(verdict!.reasons).not.toContain('HTTP_CLIENT');
    expect(app.recorder.events.at(-1)).toMatchObject({ userAgent: 'curl/8.5.0' });
  });
});
