import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { jest } from '@jest/globals';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { FernetCodec } from '../../lib/link/codecs/fernet.codec.js';
import { PackedCodec } from '../../lib/link/codecs/packed.codec.js';
import { PlainCodec } from '../../lib/link/codecs/plain.codec.js';
import { HOW_TO_MAKE_A_KEY, KeyRing } from '../../lib/link/key-ring.js';
import { PROCESS_OPTIONS } from '../../lib/tracking.options.js';
import { validateOptions } from '../../lib/tracking.validation.js';
import { trackingConfig } from 'nestjs-email-tracking/config';
import { KEY } from '../support/app.js';
import { request } from '../support/http.js';
import { BuiltApp } from './built-app.js';
import { membersOf, unionOf } from './declarations.js';
import { type CodeBlock, readDocument, ROOT, tablesOf } from './markdown.js';
import { fileNameOf, typeCheck } from './type-check.js';

const DOCUMENTS = [
  'README.md',
  'CHANGELOG.md',
  'docs/caveats.md',
  'docs/link-format.md',
  'docs/sending.md',
  'docs/webhooks.md',
  'docs/scaling.md',
  'docs/testing.md',
  'docs/verdicts.md',
  'docs/stats.md',
  'docs/migrating-from-pytracking.md',
  'docs/migrating-from-ptrack.md',
  'docs/esp.md',
  'docs/esp-provider.md',
];
const documents = new Map(DOCUMENTS.map((name) => [name, readDocument(name)]));
const readme = documents.get('README.md')!;
const blocks = [...documents.values()].flatMap((document) => document.blocks);
const inLanguage = (language: string) => blocks.filter((block) => block.language === language);
const named = (list: CodeBlock[]) =>
  list.map((block): [string, CodeBlock] => [`${block.document}:${block.line}`, block]);

const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  name: string;
  scripts: Record<string, string>;
  devDependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
};

describe('the code of the documents', () => {
  test('names its languages, and leaves nothing out', () => {
    const known = ['ts', 'tsx', 'bash', 'json', 'env', 'text', 'html', 'pug', 'python'];
    for (const { document, line, language, code } of blocks) {
      expect({ document, line, known: known.includes(language) }).toMatchObject({ known: true });
      expect({ document, line, code }).not.toMatchObject({ code: expect.stringContaining('…') });
    }
  });

  describe('ts', () => {
    const code = [...inLanguage('ts'), ...inLanguage('tsx')];
    let problems: string[];
    beforeAll(() => (problems = typeCheck(code)), 60_000);

    test('fits the package', () => {
      expect(code.length).toBeGreaterThan(30);
      expect(problems).toEqual([]);
    });
  });

  test.each(named(inLanguage('json')))('json: %s is JSON', (_, { code }) => {
    expect(() => JSON.parse(code) as unknown).not.toThrow();
  });

  test.each(named(inLanguage('bash')))('bash: %s runs what exists', (_, { code }) => {
    for (const [, script] of code.matchAll(/npm run (\S+)/g)) {
      expect(Object.keys(manifest.scripts)).toContain(script);
    }
    const packages = { ...manifest.devDependencies, ...manifest.peerDependencies };
    for (const [, names] of code.matchAll(/npm install (.+)/g)) {
      for (const name of names!.split(' ').filter((word) => !word.startsWith('-'))) {
        expect([manifest.name, ...Object.keys(packages)]).toContain(name);
      }
    }
  });

  test.each(named(inLanguage('env')))('env: %s sets options', (_, { code }) => {
    const lines = code.trim().split('\n');
    const before = { ...process.env };
    const warn = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
    try {
      for (const name of Object.keys(process.env)) {
        if (name.startsWith('TRACKING_')) delete process.env[name];
      }
      process.env.TRACKING_ENCRYPTION_KEY = KEY;
      for (const line of lines) {
        const [name, value] = line.split(/=(.*)/s);
        process.env[name!] = value;
      }
      const options = validateOptions(trackingConfig());
      const values = Object.values(options).flatMap((value: unknown) =>
        typeof value === 'object' && !Array.isArray(value)
          ? Object.values(value as Record<string, unknown>)
          : [value],
      );
      expect(values).toHaveLength(lines.length + 1);
      expect(warn).not.toHaveBeenCalled();
    } finally {
      process.env = before;
      warn.mockRestore();
    }
  });

  test('a key is made as the error messages say', () => {
    expect(readme.text).toContain(HOW_TO_MAKE_A_KEY.slice(HOW_TO_MAKE_A_KEY.indexOf('node -e')));
  });
});

describe('the tables of README.md', () => {
  const codes = (section: string) => tablesOf(readme, section)[0]!.rows.map(([code]) => code);

  test.each([
    [0, 'TrackingOptions'],
    [1, 'RedirectOptions'],
  ])('options, table %i: %s with types and defaults', (table, name) => {
    const { rows } = tablesOf(readme, 'Options')[table]!;
    expect(rows.map(([option, type, byDefault]) => [option, type, byDefault])).toEqual(
      membersOf('lib/tracking.options.ts', name).map((member) => [
        member.name,
        member.type,
        member.byDefault,
      ]),
    );
    for (const [, , , meaning] of rows) expect(meaning).toMatch(/\S/);
  });

  test('options that cannot differ from call to call', () => {
    const [sentence] = /All but `openPath`[^.]*\./.exec(readme.text.replaceAll('\n', ' '))!;
    expect([...sentence.matchAll(/`(\w+)`/g)].map(([, option]) => option)).toEqual([
      ...PROCESS_OPTIONS,
    ]);
  });

  test('extras of the module', () => {
    expect(codes('Options / What the module takes besides')).toEqual(
      membersOf('lib/tracking.module-definition.ts', 'TrackingModuleExtras').map(
        ({ name }) => name,
      ),
    );
  });

  test('fields of an event', () => {
    const rows = tablesOf(readme, 'Events')[1]!.rows;
    const all = membersOf('lib/event/tracking-event.ts', 'TrackingEvent');
    const others = /The other fields \(([^)]*)\)/.exec(readme.text.replaceAll('\n', ' '))![1]!;
    const unused = [...others.matchAll(/`(\w+)`/g)].map(([, field]) => field);
    expect(rows.map(([field, type]) => [field, type])).toEqual(
      all.filter(({ name }) => !unused.includes(name)).map(({ name, type }) => [name, type]),
    );
    expect(rows).toHaveLength(all.length - unused.length);
  });

  test('error codes', () => {
    expect(codes('Errors')).toEqual(unionOf('lib/tracking.error.ts', 'TrackingErrorCode'));
  });

  test('reasons why a link is left alone', () => {
    expect(codes('What it does to a mail / Links that are left alone')).toEqual(
      unionOf('lib/message/rewrite-report.ts', 'SkipReason'),
    );
  });

  test('lengths of the formats', () => {
    const url = 'https://www.example.com/spring-sale/garden-furniture?utm_source=newsletter&id=47';
    expect(url).toHaveLength(80);
    const metadata = {
      customer_id: 1234567,
      message_id: '3f2b8c1e-9d4a-4b6f-8e2d-5c7a1b9f0e63',
      campaign: 'spring-sale',
    };
    const ring = new KeyRing([KEY]);
    const lengths = [new PackedCodec(ring), new FernetCodec(ring), new PlainCodec()].map((codec) =>
      String(codec.encode({ url, metadata }, 'click').length),
    );
    expect(tablesOf(readme, 'Link formats')[0]!.rows.map((row) => row[4])).toEqual(lengths);
  });
});

test.each([...documents])('the links of %s lead somewhere', (name, { text }) => {
  for (const [, target, anchor] of text.matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)) {
    const file = target ? join(dirname(name), target) : name;
    expect({ file, exists: existsSync(join(ROOT, file)) }).toEqual({ file, exists: true });
    if (anchor) expect(anchorsOf(readFileSync(join(ROOT, file), 'utf8'))).toContain(anchor);
  }
});

function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\w\s-]/g, '')
      .replaceAll(' ', '-'),
  );
}

describe('the app of "Five minutes to the first event"', () => {
  const section = 'Five minutes to the first event';
  const own = readme.blocks.filter((block) => block.section === section);
  const sources = new Map(
    own.flatMap((block) => {
      const name = fileNameOf(block);
      return name ? [[name, block.code] as const] : [];
    }),
  );
  const mails: string[] = [];
  const smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, _session, done) {
      void simpleParser(stream).then((mail) => {
        mails.push(mail.html || '');
        done();
      });
    },
  });
  let app: BuiltApp | undefined;

  beforeAll(() => new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve)));
  afterEach(async () => {
    await app?.stop();
    app = undefined;
  });
  afterAll(() => new Promise<void>((resolve) => smtp.close(() => resolve())));

  async function start(env: Record<string, string> = {}) {
    app = await BuiltApp.start(sources, (url) => ({
      PUBLIC_URL: url,
      TRACKING_ENCRYPTION_KEY: KEY,
      ...env,
    }));
    const answer = await request(`${app.url}/welcome`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"to":"ann@example.com"}',
    });
    expect(answer.status).toBe(201);
    return {
      app,
      sent: JSON.parse(answer.body.toString()) as {
        html: string;
        report: { links: { url: string; trackingUrl: string }[] };
      },
    };
  }

  test('shows the first click without a mail server, as it says', async () => {
    const { app, sent } = await start();
    const shown = JSON.parse(own.find((block) => block.language === 'json')!.code) as object;
    const [link] = sent.report.links;
    expect({ ...link, trackingUrl: null }).toEqual({ ...shown, trackingUrl: null });
    const answer = await request(link!.trackingUrl);
    expect(answer.status).toBe(302);
    expect(answer.headers.location).toBe(link!.url);
    await app.printed(
      new RegExp(
        own
          .find((block) => block.language === 'text')!
          .code.trim()
          .replace(/[.?]/g, '\\$&'),
      ),
    );
  }, 60_000);

  test('tracks a mail that went over SMTP', async () => {
    const { port } = smtp.server.address() as { port: number };
    const { app, sent } = await start({ SMTP_URL: `smtp://127.0.0.1:${port}` });
    expect(mails[0]!.trim()).toBe(sent.html);
    const pixel = await request(/<img src="([^"]+)"/.exec(mails[0]!)![1]!);
    expect(pixel.status).toBe(200);
    expect(pixel.headers['content-type']).toBe('image/png');
    await app.printed(/ann@example\.com opened <[\w-]+@example\.com>/);
  }, 60_000);
});
