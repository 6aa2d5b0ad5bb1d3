import { isAt } from './name-table.js';

/**
 * Finds the end of a comment.
 *
 * @param from behind its `<!--`
 * @returns behind `-->`, `--!>`, or the `>` of `<!-->` and `<!--->`; -1 if it has no end
 */
export function endOfComment(html: string, from: number): number {
  if (html.startsWith('>', from)) return from + 1;
  if (html.startsWith('->', from)) return from + 2;
  // Looking for both ends at once: two searches of their own would read some texts many times.
  for (let at = html.indexOf('--', from); at !== -1; at = html.indexOf('--', at + 1)) {
    if (html.startsWith('>', at + 2)) return at + 3;
    if (html.startsWith('!>', at + 2)) return at + 4;
  }
  return -1;
}

/**
 * Finds the end tag that closes raw text: `</`, the name, and a delimiter.
 *
 * @param from behind the start tag
 * @param name the element's name in lower case
 * @returns the position of its `<`, or -1
 */
export function endOfRawText(html: string, from: number, name: string): number {
  for (let at = html.indexOf('</', from); at !== -1; at = html.indexOf('</', at + 2)) {
    if (isAt(name, html, at + 2) && DELIMITER.test(html.charAt(at + 2 + name.length))) return at;
  }
  return -1;
}

const DELIMITER = /[\t\n\f\r />]/;

/** What changes the state of a script, by state. Each one is a single pass over the text. */
const SCRIPT = {
  plain: /<!--|<\/script(?=[\t\n\f\r />])/gi,
  escaped: /-->|<\/?script(?=[\t\n\f\r />])/gi,
  doubleEscaped: /-->|<\/script(?=[\t\n\f\r />])/gi,
};

/**
 * Finds the end tag that closes a script. `<!--` inside of one starts an escape in which
 * `<script>` may nest once, for pages that were written when scripts had to be hidden in comments.
 *
 * @param from behind the start tag
 * @returns the position of its `<`, or -1
 */
export function endOfScript(html: string, from: number): number {
  let state: keyof typeof SCRIPT = 'plain';
  let at = from;
  for (;;) {
    const pattern: RegExp = SCRIPT[state];
    pattern.lastIndex = at;
    const match = pattern.exec(html);
    if (match === null) return -1;
    at = pattern.lastIndex;
    const found = match[0].toLowerCase();
    if (found === '<!--') {
      state = 'escaped';
      // The dashes count for the end as well: `<!-->` is complete.
      at -= 2;
    } else if (found === '-->') state = 'plain';
    else if (found === '<script') state = 'doubleEscaped';
    else if (state === 'doubleEscaped') state = 'escaped';
    else return match.index;
  }
}
