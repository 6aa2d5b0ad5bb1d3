/** The tables of the guides, compared with the code. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tracking from 'nestjs-email-tracking';
import { TrackingService } from 'nestjs-email-tracking';
import { COMMANDS } from '../../lib/cli/run.js';
import { run } from '../../lib/cli/run.js';
import { EVENT_NAMES } from '../../lib/event/tracking-events.js';
import { FernetCodec } from '../../lib/link/codecs/fernet.codec.js';
import { PackedCodec } from '../../lib/link/codecs/packed.codec.js';
import { PlainCodec } from '../../lib/link/codecs/plain.codec.js';
import { HOW_TO_MAKE_A_KEY, KeyRing } from '../../lib/link/key-ring.js';
import { LOG_CODES } from '../../lib/util/log-codes.js';
import { DEVIATIONS } from '../e2e/pytracking-deviations.js';
import { KEY } from '../support/app.js';
import { membersOf, unionOf } from './declarations.js';
import { documents } from './documents.js';
import { fileNameOf, ROOT, tablesOf } from './markdown.js';

describe('docs/controllers.md', () => {
  const guide = documents.get('docs/controllers.md')!;

  test('every step that can be overridden has a row', () => {
    const source = ['link.controller.ts', 'tracking.controller.ts']
      .map((file) => readFileSync(join(ROOT, 'lib/hit', file), 'utf8'))
      .join('\n');
    const steps = [...source.matchAll(/^ {2}protected (\w+)\(/gm)].map(([, name]) => name!);
    const { rows } = tablesOf(guide, 'Steps to override')[0]!;
    expect(rows.map(([step]) => step!.split('(')[0]).toSorted()).toEqual(steps.toSorted());
  });
});

describe('docs/events.md', () => {
  const guide = documents.get('docs/events.md')!;

  test('every name that is exported has a row, with its payload', () => {
    const names = Object.entries(tracking)
      .filter(([constant]) => /^TRACKING_[A-Z_]+$/.test(constant))
      .map(([, value]) => value)
      .filter((value) => typeof value === 'string' && /^tracking\.\w+$/.test(value));
    const { rows } = tablesOf(guide, 'Names')[0]!;
    expect(rows.map(([name]) => name).toSorted()).toEqual(names.toSorted());
    const withTrackingEvent = rows.filter(([, payload]) => payload === 'TrackingEvent');
    expect(withTrackingEvent.map(([name]) => name).toSorted()).toEqual(
      Object.values(EVENT_NAMES).toSorted(),
    );
  });

  test('every field of an event is listed, with its type', () => {
    const { rows } = tablesOf(guide, 'Fields of an event')[0]!;
    const all = membersOf('lib/event/tracking-event.ts', 'TrackingEvent');
    const others = /The other fields \(([^)]*)\)/.exec(guide.text.replaceAll('\n', ' '))![1]!;
    const unused = [...others.matchAll(/`(\w+)`/g)].map(([, field]) => field);
    expect(rows.map(([field, type]) => [field, type])).toEqual(
      all.filter(({ name }) => !unused.includes(name)).map(({ name, type }) => [name, type]),
    );
    expect(rows).toHaveLength(all.length - unused.length);
  });
});

describe('docs/migrating-from-pytracking.md', () => {
  const guide = documents.get('docs/migrating-from-pytracking.md')!;

  test('the guide shows every deviation of the routes, and no other', () => {
    const [table] = tablesOf(guide, 'What the routes do otherwise');
    expect(table!.head).toEqual(['request', 'pytracking', 'here', 'why']);
    expect(table!.rows).toEqual(
      Object.values(DEVIATIONS).map(({ request, theirs, ours, reason }) =>
        [request, theirs, ours, reason].map((cell) => cell.replaceAll('`', '')),
      ),
    );
  });

  test('every option of pytracking has its line', () => {
    const rows = tablesOf(guide, 'Options')[0]!.rows;
    const named = (column: number) =>
      rows.flatMap((row) => row[column]!.split(/,? /)).filter((word) => /^[a-z]\w+$/i.test(word));
    // The arguments of pytracking.Configuration in 0.2.0 to 0.3.0 and pytracking2 0.4.6.
    expect(named(0)).toEqual(
      expect.arrayContaining([
        'webhook_url',
        'webhook_timeout_seconds',
        'include_webhook_url',
        'base_open_tracking_url',
        'base_click_tracking_url',
        'default_metadata',
        'include_default_metadata',
        'encryption_bytestring_key',
        'encoding',
        'append_slash',
      ]),
    );
    const options = membersOf('lib/options/tracking.options.ts', 'TrackingOptions').map(
      ({ name }) => name,
    );
    for (const name of named(1).filter((word) => /[A-Z]/.test(word)))
      expect(options).toContain(name);
  });
});

describe('docs/operations.md', () => {
  const guide = documents.get('docs/operations.md')!;

  test('lists every context that the package logs under', () => {
    const contexts = new Set(Object.values(LOG_CODES).flatMap((entry) => entry.contexts));
    const { rows } = tablesOf(guide, 'Logs')[0]!;
    expect(rows.map(([context]) => context!).toSorted()).toEqual([...contexts].toSorted());
  });
});

describe('docs/reference.md', () => {
  const guide = documents.get('docs/reference.md')!;
  const firstCells = (section: string) => tablesOf(guide, section)[0]!.rows.map(([cell]) => cell!);

  test('lists the extras of the module', () => {
    expect(firstCells('The module')).toEqual(
      membersOf('lib/tracking.module-definition.ts', 'TrackingModuleExtras').map(
        ({ name }) => name,
      ),
    );
  });

  test('lists the methods of the service', () => {
    const hidden = ['constructor', 'toolsFor'];
    const methods = Object.getOwnPropertyNames(TrackingService.prototype);
    expect(
      firstCells('The service')
        .map((cell) => cell.split('(')[0]!)
        .toSorted(),
    ).toEqual(methods.filter((name) => !hidden.includes(name)).toSorted());
  });

  test('lists the error codes', () => {
    expect(firstCells('Errors')).toEqual(unionOf('lib/tracking.error.ts', 'TrackingErrorCode'));
  });

  test('lists the codes of the log, each of which is written somewhere', () => {
    const { rows } = tablesOf(guide, 'Log codes')[0]!;
    expect(rows).toEqual(
      Object.entries(LOG_CODES).map(([code, { level, contexts, meaning }]) => [
        code,
        level,
        contexts.join(', '),
        meaning.replaceAll('`', ''),
      ]),
    );
    const sources = readdirSync(join(ROOT, 'lib'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.endsWith('log-codes.ts'))
      .map((name) => readFileSync(join(ROOT, 'lib', name), 'utf8'))
      .join('\n');
    expect(rows.filter(([code]) => !sources.includes(`'${code}'`))).toEqual([]);
  });

  describe('the command line', () => {
    test('has the commands of the table', () => {
      const named = firstCells('Command line').map((cell) => cell.split(' ')[0]);
      expect(named.toSorted()).toEqual(Object.keys(COMMANDS).toSorted());
    });

    test('runs the commands of the example, one after the other', async () => {
      const { code } = guide.blocks.find(({ section }) => section === 'Command line')!;
      const shell: Record<string, string> = {};
      for (const line of code.trim().split('\n')) {
        const [, name, command] =
          /^(?:(?:export )?(\w+)="\$\()?npx nestjs-email-tracking ([^)]*)\)?"?$/.exec(line)!;
        const args = command!
          .split(' ')
          .map((word) => word.replace(/^"\$(\w+)"$/, (_, variable: string) => shell[variable]!));
        let output = '';
        const status = await run(args, {
          environment: shell,
          out: (text) => (output += text),
          err: (text) => (output += text),
        });
        expect({ line, status, output }).toMatchObject({ status: 0 });
        shell[name ?? 'last'] = output.trim();
      }
      expect(JSON.parse(shell.last!)).toMatchObject({ trackedUrl: 'https://example.com/sale' });
    });
  });
});

describe('docs/security.md', () => {
  const guide = documents.get('docs/security.md')!;

  test('a key is made as the error messages say', () => {
    const command = HOW_TO_MAKE_A_KEY.slice(HOW_TO_MAKE_A_KEY.indexOf('node -e'));
    expect(guide.text).toContain(command);
  });

  test('the formats have the lengths that the table says', () => {
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
    const { rows } = tablesOf(guide, 'Link formats')[0]!;
    expect(rows.map((row) => row[4])).toEqual(lengths);
  });
});

describe('docs/testing.md', () => {
  const guide = documents.get('docs/testing.md')!;

  test('the suite of the guide is one that runs here', () => {
    const named = guide.blocks.flatMap((block) => {
      const name = fileNameOf(block);
      return name ? [{ name, code: block.code }] : [];
    });
    expect(named.map(({ name }) => name)).toEqual([
      'audience.ts',
      'app.module.ts',
      'audience.e2e-spec.ts',
      'delayed.ts',
    ]);
    for (const { name, code } of named) {
      expect(code).toBe(readFileSync(join(ROOT, 'test/testing/example', name), 'utf8'));
    }
  });

  test('lists every option with its type and default', () => {
    const { rows } = tablesOf(guide, 'What the app needs')[0]!;
    expect(rows.map(([option, type, byDefault]) => [option, type, byDefault || undefined])).toEqual(
      membersOf('lib/testing/tracking-scenarios.ts', 'TrackingScenariosOptions').map((member) => [
        member.name,
        member.type,
        member.byDefault,
      ]),
    );
  });
});
