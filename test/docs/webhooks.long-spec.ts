import { spawnSync } from 'node:child_process';
import { USER_AGENT } from '../../lib/webhook/webhook-sender.js';
import { eventBody, pytrackingBody, WebhookSigner } from '../../lib/webhook/webhook-request.js';
import { CONCURRENCY, MAX_ATTEMPTS } from '../../lib/webhook/target-queue.js';
import { QUEUE_SIZE } from '../../lib/webhook/webhook-queue.js';
import { hasPython, PYTHON } from '../support/python.js';
import { eventWith } from '../support/event.js';
import { resultWith } from '../webhook/result.js';
import { membersOf } from './declarations.js';
import { readDocument, tablesOf } from './markdown.js';

const guide = readDocument('docs/webhooks.md');
const inLanguage = (language: string) =>
  guide.blocks.filter((block) => block.language === language).map(({ code }) => code);

test('lists the members of a target with types and defaults', () => {
  const { rows } = tablesOf(guide, 'Targets')[0]!;
  expect(rows.map(([option, type, byDefault]) => [option, type, byDefault])).toEqual(
    membersOf('lib/options/webhook.options.ts', 'WebhookOptions').map((member) => [
      member.name,
      member.type,
      member.byDefault ?? '-',
    ]),
  );
});

test('shows the members of the bodies that are posted', () => {
  const [pytracking, event] = inLanguage('json').map(
    (code) => JSON.parse(code) as Record<string, object>,
  );
  const requestData = { userAgent: 'Mozilla/5.0', userIp: '192.0.2.7', method: 'GET', headers: {} };
  const result = resultWith({ requestData });
  expect(Object.keys(pytracking!)).toEqual(
    Object.keys(JSON.parse(pytrackingBody(result)) as object),
  );
  const posted = JSON.parse(eventBody(eventWith({ result }))) as Record<string, object>;
  expect(Object.keys(event!)).toEqual(Object.keys(posted));
  expect(Object.keys(event!.result!)).toEqual(Object.keys(posted.result!));
});

test('names the limits that the code has', () => {
  const text = guide.text.replace(/\s+/g, ' ');
  expect(text).toContain(`${MAX_ATTEMPTS} attempts in all`);
  expect(text).toContain(`Each target has at most ${CONCURRENCY} requests in progress`);
  expect(text).toContain(`at most ${QUEUE_SIZE / 1000} 000`);
  expect(text).toContain(`User-Agent: ${USER_AGENT.replace(/[\d.]+$/, '<version>')}`);
});

const python = hasPython('the receiver of docs/webhooks.md') ? describe : describe.skip;
python('the receiver in Python', () => {
  const secret = `whsec_${Buffer.alloc(24, 5).toString('base64')}`;
  const other = Buffer.alloc(24, 6).toString('base64');
  const body = '{"a":"ü"}';

  function verify(headers: Record<string, string>, given = body): string {
    const program =
      `${inLanguage('python')[0]}\nimport json, sys\ncase = json.load(sys.stdin)\n` +
      'print(verify(case["secret"], case["headers"], case["body"].encode()))';
    const input = JSON.stringify({ secret, headers, body: given });
    const { stdout, stderr } = spawnSync(PYTHON, ['-c', program], { input, encoding: 'utf8' });
    return stdout.trim() || stderr;
  }

  test('accepts what was signed and nothing else', () => {
    const now = Date.now();
    const signed = new WebhookSigner([other, secret]).headers('e1', now, body);
    expect(verify(signed)).toBe('True');
    expect(verify(signed, '{"a":"u"}')).toBe('False');
    expect(verify({ ...signed, 'webhook-id': 'e2' })).toBe('False');
    expect(verify(new WebhookSigner(other).headers('e1', now, body))).toBe('False');
    expect(verify(new WebhookSigner(secret).headers('e1', now - 400_000, body))).toBe('False');
  });
});
