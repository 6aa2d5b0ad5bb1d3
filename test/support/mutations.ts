import fc from 'fast-check';

const CHARACTERS =
  'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/.%!~\r\n\0é ';

/**
 * What can happen to a token on its way, or be done to it: characters changed, dropped, doubled,
 * swapped, cut, put in; two tokens spliced; none of ours at all.
 */
export function mutated(tokens: readonly string[]): fc.Arbitrary<string> {
  const token = fc.constantFrom(...tokens);
  const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  const character = fc.constantFrom(...CHARACTERS);
  const at = (text: string, where: number) => Math.floor(where * text.length);
  return fc.oneof(
    fc.tuple(token, place, character).map(([text, where, replacement]) => {
      const i = at(text, where);
      return text.slice(0, i) + replacement + text.slice(i + 1);
    }),
    fc.tuple(token, place).map(([text, where]) => {
      const i = at(text, where);
      return text.slice(0, i) + text.slice(i + 1);
    }),
    fc.tuple(token, place, character).map(([text, where, extra]) => {
      const i = at(text, where);
      return text.slice(0, i) + extra + text.slice(i);
    }),
    fc.tuple(token, place).map(([text, where]) => text.slice(0, at(text, where))),
    fc.tuple(token, place).map(([text, where]) => text.slice(at(text, where) + 1)),
    fc.tuple(token, place, place).map(([text, one, two]) => {
      const [i, j] = [at(text, one), at(text, two)].sort((a, b) => a - b) as [number, number];
      return text.slice(0, i) + text.slice(j) + text.slice(i, j);
    }),
    fc.tuple(token, token, place).map(([one, two, where]) => {
      const i = at(one, where);
      return one.slice(0, i) + two.slice(Math.min(i, two.length));
    }),
    fc.tuple(token, fc.integer({ min: 1, max: 4 })).map(([text, n]) => text + '='.repeat(n)),
    token.map((text) => text.toLowerCase()),
    token.map((text) => text + text),
    fc.string({ maxLength: 60 }),
  );
}
