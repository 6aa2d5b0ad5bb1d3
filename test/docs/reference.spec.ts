import { TrackingService } from 'nestjs-email-tracking';
import { COMMANDS } from '../../lib/cli/commands.js';
import { run } from '../../lib/cli/run.js';
import { membersOf, unionOf } from './declarations.js';
import { documents } from './documents.js';
import { tablesOf } from './markdown.js';

const guide = documents.get('docs/reference.md')!;
const firstCells = (section: string) => tablesOf(guide, section)[0]!.rows.map(([cell]) => cell!);

test('lists the extras of the module', () => {
  expect(firstCells('The module')).toEqual(
    membersOf('lib/tracking.module-definition.ts', 'TrackingModuleExtras').map(({ name }) => name),
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
