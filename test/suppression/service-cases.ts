import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { isTrackingError } from 'nestjs-email-tracking';
import type { SuppressionScope, SuppressionService } from 'nestjs-email-tracking/suppression';
import { DAY, hardBounce, own, reported, softBounce, TestSuppression } from './suppression-app.js';

async function textOf(parts: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const part of parts) text += part;
  return text;
}

async function scopesOf(service: SuppressionService, search: string): Promise<string[]> {
  const { suppressions } = await service.list({ search });
  return suppressions.map(({ scope, reason }) => `${scope} ${reason}`).sort();
}

/** What the service does, on one kind of store. Each test has addresses of its own. */
export function serviceCases(
  started: () => TestSuppression,
  restart?: () => Promise<TestSuppression>,
): void {
  test('check() says what stops a mail, and why', async () => {
    const { service } = started();
    expect(await service.check('nobody@check.example')).toEqual({ suppressed: false });
    const at = new Date(Date.now() - DAY);
    await started().publish(
      reported({ eventType: 'complained', recipient: 'Ann@Check.example', timestamp: at }),
      own({ eventType: 'unsubscribed', recipient: 'ann@check.example', list: 'news' }),
    );
    expect(await service.check('ann@check.example')).toEqual({ suppressed: false });
    expect(await service.check('ANN@check.EXAMPLE', { list: 'news' })).toEqual({
      suppressed: true,
      address: 'Ann@Check.example',
      scope: 'lists',
      reason: 'complained',
      at,
      until: null,
      reportedBy: 'Mailgun',
      why: null,
      by: null,
    });
  });

  test('add() suppresses in each scope, and says why and by whom', async () => {
    const { service } = started();
    const cases: [
      SuppressionScope,
      stopsPlain: boolean,
      stopsNews: boolean,
      stopsOffers: boolean,
    ][] = [
      ['all', true, true, true],
      ['lists', false, true, true],
      ['list:news', false, true, false],
    ];
    for (const [scope, ...expected] of cases) {
      const address = `${scope.replace(':', '-')}@add.example`;
      await service.add(address, scope, 'asked by phone', 'support');
      const lists = [undefined, 'news', 'offers'];
      const checks = await Promise.all(lists.map((list) => service.check(address, { list })));
      expect(checks.map(({ suppressed }) => suppressed)).toEqual(expected);
      expect(checks[1]).toMatchObject({
        scope,
        reason: 'manual',
        why: 'asked by phone',
        by: 'support',
      });
    }
  });

  test('remove() lifts what is known in one scope, and nothing that happens later', async () => {
    const { service } = started();
    const recipient = 'ann@remove.example';
    const future = new Date(Date.now() + DAY);
    await started().publish(
      hardBounce({ recipient, timestamp: future }),
      reported({ eventType: 'complained', recipient }),
      reported({ eventType: 'unsubscribed', recipient }),
      own({ eventType: 'unsubscribed', recipient, list: 'news' }),
      ...[3, 2, 1].map((days) =>
        softBounce({ recipient, timestamp: new Date(Date.now() - days * DAY) }),
      ),
    );
    await service.add(recipient, 'all', 'asked');
    expect(await scopesOf(service, recipient)).toHaveLength(6);
    await service.remove(recipient, 'all', 'a new mailbox');
    expect(await scopesOf(service, recipient)).toEqual([
      'list:news unsubscribed',
      'lists complained',
      'lists unsubscribed',
    ]);
    await service.remove(recipient, 'list:news', 'subscribed again', 'form');
    await service.remove(recipient, 'lists', 'asked');
    expect(await scopesOf(service, recipient)).toEqual([]);
    expect(await service.check(recipient, { list: 'news' })).toEqual({ suppressed: false });
    await new Promise((resolve) => setTimeout(resolve, 10));
    await started().publish(own({ eventType: 'unsubscribed', recipient, list: 'news' }));
    expect(await started().scope(recipient, 'news')).toBe('list:news');
  });

  test('add() and remove() right after each other do what the last one says', async () => {
    const { service } = started();
    const address = 'quick@remove.example';
    for (let round = 0; round < 5; round++) {
      await service.add(address, 'lists', 'asked');
      expect(await started().scope(address, 'news')).toBe('lists');
      await service.remove(address, 'lists', 'asked');
      expect(await started().scope(address, 'news')).toBeNull();
    }
  });

  test('history() returns what is known, with what was lifted, by whom and why', async () => {
    const { service } = started();
    const address = 'Ann@History.example';
    await service.add(address, 'list:news', 'asked by phone', 'Eve');
    await service.remove(address, 'list:news', 'it was a mistake', 'Bob');
    const { address: written, facts } = await service.history('ann@history.example');
    expect(written).toBe(address);
    expect(facts).toMatchObject([
      {
        reason: 'manual',
        scope: 'list:news',
        suppresses: false,
        set: { why: 'asked by phone', by: 'Eve' },
        lifted: { why: 'it was a mistake', by: 'Bob' },
      },
      { reason: 'unsubscribed', scope: 'list:news', set: null, suppresses: false },
    ]);
    const unknown = await service.history('nobody@history.example');
    expect(unknown).toEqual({ address: null, facts: [], days: [] });
  });

  test('list() returns pages, the newest first', async () => {
    const { service } = started();
    for (let day = 0; day < 5; day++) {
      const timestamp = new Date(Date.now() - day * DAY);
      await started().publish(hardBounce({ recipient: `n${day}@list.example`, timestamp }));
    }
    await service.add('n9@list.example', 'lists', 'asked');
    const filter = { search: 'N', reason: 'bounced', scope: 'all' } as const;
    const namesOf = async (page: object) => {
      const { suppressions, hasMore } = await service.list({ ...filter, search: 'n' }, page);
      const found = suppressions.filter(({ address }) => address.endsWith('@list.example'));
      return [found.map(({ address }) => address.slice(0, 2)), hasMore];
    };
    expect(await namesOf({ limit: 2 })).toEqual([['n0', 'n1'], true]);
    expect(await namesOf({ limit: 2, offset: 4 })).toEqual([['n4'], false]);
    await service.add('jürgen@list.example', 'lists', 'asked');
    expect((await service.list({ search: 'JU\u0308R' })).suppressions).toMatchObject([
      { address: 'jürgen@list.example' },
    ]);
    const manual = await service.list({ search: 'n9@list', reason: 'manual' });
    expect(manual.suppressions).toMatchObject([{ address: 'n9@list.example', scope: 'lists' }]);
    expect((await service.list({ search: 'n9@list', scope: 'all' })).suppressions).toEqual([]);
  });

  test('finds an address in each of its spellings', async () => {
    const spellings = [
      ['Ann+Shop@Spelling.example', 'ann+shop@spelling.example', 'ANN+SHOP@SPELLING.EXAMPLE.'],
      ['"dot.atom"@spelling.example', 'dot.atom@spelling.example', ' Dot.Atom@spelling.example '],
      ['"two words"@spelling.example', '"two\\ words"@Spelling.example'],
      ['"at@sign"@spelling.example', '"AT@SIGN"@spelling.example'],
      [
        'jo@bücher.example',
        'jo@xn--bcher-kva.example',
        'JO@BÜCHER.example',
        'jo@bu\u0308cher.example',
      ],
      ['jürgen@spelling.example', 'JÜRGEN@spelling.example', 'ju\u0308rgen@spelling.example'],
      ['Bob <bob@spelling.example>', '<BOB@spelling.example>', 'bob@spelling.example'],
      [`${'l'.repeat(64)}@${'d'.repeat(60)}.${'d'.repeat(60)}.${'d'.repeat(60)}.example`],
      ['postmaster', 'Postmaster'],
      ['x@[192.0.2.1]', 'X@[192.0.2.1]'],
    ];
    for (const [first, ...others] of spellings) {
      await started().publish(hardBounce({ recipient: first! }));
      for (const address of [first!, ...others]) {
        expect([address, await started().scope(address)]).toEqual([address, 'all']);
      }
    }
    const different = [
      'ann@spelling.example',
      'dotatom@spelling.example',
      'twowords@spelling.example',
      'bob@spelling.example/path',
      'x@192.0.2.1',
      'jurgen@spelling.example',
      '',
      'x'.repeat(400),
      'postmaster@spelling.example',
    ];
    expect(await started().service.filter(different, (address) => address)).toEqual(different);
  });

  test('what export() writes can be imported, in both formats', async () => {
    const { service } = started();
    await started().publish(
      hardBounce({ recipient: '=cmd@export.example' }),
      own({ eventType: 'unsubscribed', recipient: "'+a@export.example", list: 'a,"b"\nc' }),
      reported({ eventType: 'unsubscribed', recipient: 'Both@export.example' }),
      reported({ eventType: 'complained', recipient: 'both@export.example' }),
      ...[3, 2, 1].map((days) =>
        softBounce({
          recipient: 'soft@export.example',
          timestamp: new Date(Date.now() - days * DAY),
        }),
      ),
    );
    await service.add('-why@export.example', 'list:é', '=HYPERLINK("x")', '@eve');
    await service.add('space@export.example', 'list:news ', ' spaces around ');
    await service.add('quotes@export.example', 'all', "''=1", ' ＝1');
    for (const format of ['ndjson', 'csv'] as const) {
      const written = await textOf(service.export({ format }));
      expect(written).toContain(format === 'csv' ? "\r\n'=cmd@export" : '"=cmd@export');
      expect(written).toContain(format === 'csv' ? "'''=1,' ＝1" : `"''=1"`);
      const bytes = Buffer.from(written);
      const parts = Array.from({ length: Math.ceil(bytes.length / 7) }, (_, i) =>
        bytes.subarray(i * 7, i * 7 + 7),
      );
      const other = await TestSuppression.start();
      const result = await other.service.import(Readable.from(parts), { format });
      expect(result).toMatchObject({ skipped: 0, problems: [] });
      expect(result.imported).toBeGreaterThanOrEqual(6);
      const again = await textOf(other.service.export({ format }));
      const linesOf = (text: string) => text.split('\n').sort();
      expect(linesOf(again)).toEqual(linesOf(written));
      await other.close();
    }
  });

  test('import() reads lists of addresses, and says what it cannot read', async () => {
    const { service } = started();
    const csv = [
      '\uFEFFEmail Address,created',
      'Ann@import.example,2026-01-01',
      '"Bob" <bob@import.example>,',
      ',',
      '',
      `${'x'.repeat(20_000)}@import.example,`,
      'eve@import.example',
    ].join('\n');
    const imported = await service.import(csv, {
      format: 'csv',
      scope: 'all',
      why: 'bounced at the old provider',
    });
    expect(imported).toEqual({
      imported: 3,
      skipped: 2,
      problems: [
        { line: 4, problem: 'has no address' },
        { line: 6, problem: 'is longer than 10000 characters' },
      ],
    });
    expect(await service.check('bob@import.example')).toMatchObject({
      reason: 'manual',
      why: 'bounced at the old provider',
    });
    const lines = [
      '"json@import.example"',
      '{"address":"json2@import.example","scope":"all"}',
      '{',
      '[]',
      '{"address":5}',
      '{"address":"a@import.example","scope":"every"}',
      '{"address":"a@import.example","reason":"why not","scope":"all"}',
      '{"address":"a@import.example","reason":"bounced","scope":"lists"}',
      '{"address":"a@import.example","at":"yesterday"}',
      '{"address":"a@import.example","reason":"unsubscribed","scope":"all"}',
    ];
    const { problems, ...counts } = await service.import(
      lines.map((line) => `${line}\n`),
      { scope: 'lists' },
    );
    expect(counts).toEqual({ imported: 2, skipped: 8 });
    expect(problems.map(({ line }) => line)).toEqual([3, 4, 5, 6, 7, 8, 9, 10]);
    expect(await service.import('a@b.example\n', { format: 'ndjson' })).toMatchObject({
      skipped: 1,
    });
  });

  test('import() takes the column of e-mail addresses, and not that of streets', async () => {
    const { service } = started();
    const csv = 'recipient,email,address\nBob,street@import.example,1 Main Street\n';
    expect(await service.import(csv, { format: 'csv', scope: 'all' })).toMatchObject({
      imported: 1,
    });
    expect(await started().scope('street@import.example')).toBe('all');
  });

  test('import() reads on after a quote that is not closed', async () => {
    const { service } = started();
    const csv = ['email,name', `open@import.example,5" tape`, ...Array(20_000).fill(''), ''];
    csv.push('after@import.example,Ann');
    const result = await service.import(csv.join('\n'), { format: 'csv', scope: 'all' });
    expect(result).toEqual({
      imported: 1,
      skipped: 1,
      problems: [{ line: 2, problem: 'is longer than 10000 characters' }],
    });
    expect(await started().scope('after@import.example')).toBe('all');
  });

  test('import() keeps texts that a database could not hold', async () => {
    const { service } = started();
    const record = {
      address: 'odd@import.example',
      reason: 'unsubscribed',
      scope: 'list:news',
      // Random, so that a database cannot compress it.
      reportedBy: randomBytes(750).toString('base64'),
    };
    const note = { why: 'asked\0 by phone\ud800', by: 'Eve\0' };
    await service.import(`${JSON.stringify(record)}\n`, note);
    const check = await service.check('odd@import.example', { list: 'news' });
    expect(check).toMatchObject({ why: 'asked by phone\ufffd', by: 'Eve' });
  });

  test('an import does not undo what happened after its records', async () => {
    const { service } = started();
    const address = 'ann@restore.example';
    const at = new Date(Date.now() - 3 * DAY);
    await started().publish(
      own({ eventType: 'unsubscribed', recipient: address, list: 'news', timestamp: at }),
    );
    const backup = await textOf(service.export());
    await started().publish(own({ eventType: 'subscribed', recipient: address, list: 'news' }));
    await service.import(backup);
    expect(await started().scope(address, 'news')).toBeNull();
  });

  test('filters 100 000 addresses in one call', async () => {
    const { service } = started();
    await service.import(
      Array.from({ length: 500 }, (_, i) => `"many${i * 200}@filter.example"\n`),
      { scope: 'lists' },
    );
    const all = Array.from({ length: 100_000 }, (_, id) => ({
      id,
      email: `Many${id}@Filter.example`,
    }));
    const suppressed: number[] = [];
    const left = await service.filter(all, ({ email }) => email, {
      list: 'news',
      onSuppressed: ({ id }) => suppressed.push(id),
    });
    expect(suppressed).toEqual(Array.from({ length: 500 }, (_, i) => i * 200));
    expect(left).toHaveLength(99_500);
    expect(left.slice(0, 2)).toEqual([all[1], all[2]]);
  });

  test('arguments that cannot be used are refused, and no address is repeated', async () => {
    const { service } = started();
    const calls = [
      () => service.check(undefined as never),
      () => service.check('ann@example.com', { lst: 'news' } as never),
      () => service.check('ann@example.com', { list: '' }),
      () => service.check('ann@example.com', { list: 'x'.repeat(300) }),
      () =>
        service.filter(
          [{ mail: 'ann@example.com' }],
          (item) => (item as never as { email: string }).email,
        ),
      () => service.add('', 'all', 'why'),
      () => service.add(`${'ann@example.com'.repeat(30)}`, 'all', 'why'),
      () => service.add('ann@example.com', 'list' as never, 'why'),
      () => service.add('ann@example.com', 'list:', 'why'),
      () => service.add('ann@example.com', 'all', ''),
      () => service.add('ann@example.com', 'all', 'x'.repeat(1001)),
      () => service.remove('ann@example.com', 'all', 5 as never),
      () => service.list({ scop: 'all' } as never),
      () => service.list({ reason: 'because' as never }),
      () => service.list({}, { limit: 1001 }),
      () => service.import('', { format: 'xml' as never }),
      () => service.import('', { scope: 'every' as never }),
      () => service.import('', { by: 5 as never }),
      () => textOf(service.export({ format: 'xml' as never })),
    ];
    for (const call of calls) {
      const error: unknown = await (async () => call())().catch((thrown: unknown) => thrown);
      expect(isTrackingError(error) && error.code).toBe('INVALID_OPTIONS');
      expect((error as Error).message).not.toContain('ann@example.com');
    }
  });

  test('an address in thousands of lists is bounded, and stays suppressed', async () => {
    const recipient = 'lists@bound.example';
    const left = Array.from({ length: 600 }, (_, i) =>
      own({ eventType: 'unsubscribed', recipient, list: `list${i}` }),
    );
    await Promise.all(left.map((event) => started().publish(event)));
    expect((await started().service.history(recipient)).facts.length).toBeLessThanOrEqual(502);
    expect(await started().scope(recipient, 'list599')).not.toBeNull();
    expect(await started().scope(recipient, 'list0')).not.toBeNull();
    expect(await started().scope(recipient)).toBeNull();
    await started().publish(hardBounce({ recipient }));
    expect(await started().scope(recipient)).toBe('all');
    await started().service.remove(recipient, 'all', 'a new mailbox');
    expect(await started().scope(recipient)).toBeNull();
  });

  test('remove() lifts one of 500 lists that a provider reported', async () => {
    const recipient = 'reported@bound.example';
    const left = Array.from({ length: 500 }, (_, i) =>
      reported({ eventType: 'unsubscribed', recipient, list: `list${i}` }),
    );
    await Promise.all(left.map((event) => started().publish(event)));
    expect(await started().scope(recipient, 'list3')).toBe('list:list3');
    await started().service.remove(recipient, 'list:list3', 'subscribed again');
    expect(await started().scope(recipient, 'list3')).toBeNull();
    expect(await started().scope(recipient, 'list4')).toBe('list:list4');
  });

  test('a provider without a name is not you', async () => {
    const recipient = 'nameless@provider.example';
    const timestamp = new Date(Date.now() - DAY);
    const left = { eventType: 'unsubscribed', recipient, list: 'news', timestamp } as const;
    const nameless = { espName: null } as const;
    expect(await started().publish(own(left), reported({ ...left, ...nameless }))).toBe(true);
    const back = { eventType: 'subscribed', recipient, list: 'news' } as const;
    await started().publish(reported({ ...back, ...nameless }));
    expect(await started().scope(recipient, 'news')).toBe('list:news');
    await started().publish(own(back));
    expect(await started().scope(recipient, 'news')).toBeNull();
  });

  if (!restart) return;
  test('it is still there after a restart', async () => {
    await started().service.add('kept@restart.example', 'all', 'asked');
    const again = await restart();
    expect(await again.scope('kept@restart.example')).toBe('all');
    await again.close();
  });
}
