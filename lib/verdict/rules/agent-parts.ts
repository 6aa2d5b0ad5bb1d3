import { wordsOf } from './words.js';

interface AgentParts {
  /**
   * Where a program names itself: all of the value, or, where that is a browser's or an app's on a
   * device, the comments that start with `compatible`.
   */
  name: string;
  /** The same, and what a browser of a computer names behind its platform. */
  added: string;
}

/** Words of agents of telephones, tablets, watches and consoles: there, apps and makers add words. */
const DEVICES: ReadonlySet<string> = new Set([
  ...['android', 'adr', 'dalvik', 'iphone', 'ipad', 'ipod', 'ios', 'cfnetwork', 'watchos'],
  ...['harmonyos', 'openharmony', 'kaios', 'tizen', 'bada', 'blackberry', 'bb10', 'iemobile'],
  ...['symbian', 'symbianos', 'series40', 'series60', 'midp', 'j2me', 'ucweb', 'docomo'],
  ...['playstation', 'nintendo', 'xbox', 'web0s', 'webos', 'smarttv', 'hbbtv', 'crkey', 'roku'],
]);

/** Words of the comment in which a browser of a computer names what it runs on. */
const PLATFORMS: ReadonlySet<string> = new Set([
  ...['windows', 'win95', 'win98', 'win16', 'win32', 'winnt', 'macintosh', 'mac', 'ppc', 'os'],
  ...['x11', 'linux', 'cros', 'freebsd', 'openbsd', 'netbsd', 'sunos', 'unix', 'haiku', 'beos'],
  ...['amiga', 'amigaos', 'morphos', 'msie', 'u', 'wayland', 'fuchsia', 'mobile', 'tablet', 'rv'],
]);

/**
 * Splits an agent by what its parts are about: the device, its browser, or a program's own name. Makers
 * name telephones `CUBOT` and `Spider`, and apps name the libraries they are made of.
 *
 * @param agent in lower case
 */
export function partsOf(agent: string): AgentParts {
  const { text, comments } = splitComments(agent);
  const isBrowser = /^(?:mozilla|opera)\//.test(agent);
  const names: string[] = [];
  const rest: string[] = [];
  for (const [i, comment] of comments.entries()) {
    // The first comment of a browser is its platform; robots put their name there.
    const isName = isBrowser && i === 0 ? !isPlatform(comment) : isCompatible(comment);
    (isName ? names : rest).push(comment);
  }
  const name = names.join('; ');
  if ([text, ...rest].some((part) => hasWord(part, DEVICES))) return { name, added: name };
  if (!isBrowser) return { name: agent, added: agent };
  const others = rest.filter((comment) => comment !== comments[0] && !comment.includes('msie '));
  return { name, added: [text, ...others, ...names].join('; ') };
}

function isPlatform(comment: string): boolean {
  return hasWord(comment, PLATFORMS) || hasWord(comment, DEVICES);
}

function isCompatible(comment: string): boolean {
  return /(?:^|;)\s*compatible\b/.test(comment) && !comment.includes('msie ');
}

function hasWord(part: string, words: ReadonlySet<string>): boolean {
  return wordsOf(part).some((word) => words.has(word));
}

/** Comments stand in parentheses; one within another belongs to it. */
function splitComments(agent: string): { text: string; comments: string[] } {
  const comments: string[] = [];
  let text = '';
  let [depth, start] = [0, 0];
  for (let i = 0; i <= agent.length; i++) {
    const character = agent.charAt(i);
    if (character === '(' && depth++ === 0) {
      text += agent.slice(start, i) + ' ';
      start = i + 1;
    } else if (character === ')' && depth > 0 && --depth === 0) {
      comments.push(agent.slice(start, i));
      start = i + 1;
    }
  }
  const tail = agent.slice(start);
  if (depth > 0) comments.push(tail);
  else text += tail;
  return { text, comments };
}
