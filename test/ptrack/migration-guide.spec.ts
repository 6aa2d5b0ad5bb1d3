import { run } from '../../lib/cli/run.js';
import { type CodeBlock, readDocument, tablesOf } from '../docs/markdown.js';
import { DEVIATIONS } from './deviations.js';
import { SECRET } from './ptrack-vectors.js';

const guide = readDocument('docs/migrating-from-ptrack.md');
const blocksOf = (section: string, language: string): CodeBlock[] =>
  guide.blocks.filter((block) => block.section === section && block.language === language);

test('the table of differences is the one that the replay uses', () => {
  const [table, ...others] = tablesOf(guide, 'Where the answers differ');
  expect(others).toEqual([]);
  expect(table!.head).toEqual(['request', 'django-ptrack', 'here', 'why']);
  expect(table!.rows).toEqual(
    Object.values(DEVIATIONS).map(({ request, ptrack, here, reason }) => [
      request,
      ptrack,
      here,
      reason,
    ]),
  );
});

test('inspect prints what the guide shows', async () => {
  const [{ code: command }] = blocksOf('Rollout', 'bash') as [CodeBlock];
  const [{ code: shown }] = blocksOf('Rollout', 'text') as [CodeBlock];
  const [, args] = / nestjs-email-tracking (.*)\n$/.exec(command)!;
  let printed = '';
  const code = await run(
    args!.split(' ').map((word) => word.replaceAll('"', '')),
    {
      environment: { PTRACK_SECRET: SECRET },
      out: (text) => void (printed += text),
      err: (text) => void (printed += text),
    },
  );
  expect({ code, printed }).toEqual({ code: 0, printed: shown });
});
