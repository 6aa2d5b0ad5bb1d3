import { partsOf } from '../../lib/verdict/rules/agent-parts.js';

const ENGINE = 'applewebkit/537.36 (khtml, like gecko) chrome/142.0.0.0 safari/537.36';

test.each<[says: string, agent: string, name: string, added: string]>([
  ['a program', 'acmebot/1.0 (en; x)', 'acmebot/1.0 (en; x)', 'acmebot/1.0 (en; x)'],
  [
    'a robot that says compatible',
    'mozilla/5.0 (compatible; acmebot/1.0)',
    'compatible; acmebot/1.0',
    'mozilla/5.0  ; compatible; acmebot/1.0',
  ],
  [
    'a robot behind a browser',
    `mozilla/5.0 (windows nt 10.0) ${ENGINE} acmebot/1.0`,
    '',
    'mozilla/5.0   applewebkit/537.36   chrome/142.0.0.0 safari/537.36 acmebot/1.0; khtml, like gecko',
  ],
  [
    'a robot that has a telephone',
    `mozilla/5.0 (linux; android 9; x) ${ENGINE} (compatible; acmebot/1.0)`,
    'compatible; acmebot/1.0',
    'compatible; acmebot/1.0',
  ],
  ['a telephone', `mozilla/5.0 (linux; android 9; cubot) ${ENGINE} acmebot/1.0`, '', ''],
  ['an app on a telephone', 'acmebot/1.0 (iphone; ios 18.0) okhttp/4.0', '', ''],
  ['an app that names no telephone but Android', 'acmebot/1.0 linux/3.1 android/5.1', '', ''],
  ['Internet Explorer', 'mozilla/4.0 (compatible; msie 8.0; acmebot) x', '', 'mozilla/4.0   x'],
  [
    'a comment without an end',
    'mozilla/5.0 (compatible; acmebot/1.0',
    'compatible; acmebot/1.0',
    'mozilla/5.0  ; compatible; acmebot/1.0',
  ],
])('knows where %s names itself', (_, agent, name, added) => {
  const parts = partsOf(agent);
  expect(parts.name).toBe(name);
  expect(parts.added.replace(/ +/g, ' ')).toBe(added.replace(/ +/g, ' '));
});
