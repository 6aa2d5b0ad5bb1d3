/** Turns a text, for example of an environment variable, into the value of an option. */
export type Reader = (text: string) => unknown;

/** For what no text can express: a function, a client. */
export const none = undefined;

/** Reads a text as it is. */
export const text: Reader = (value) => value;

/** Reads a number; what is none stays a text, for the check of the option to name. */
export const number: Reader = (value) => (/^-?\d+(?:\.\d+)?$/.test(value) ? Number(value) : value);

/** Reads `true`, `1`, `false` and `0`. */
export const flag: Reader = (value) => FLAGS.get(value.toLowerCase()) ?? value;

const FLAGS = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
]);

/** Reads a list with commas. */
export const list: Reader = (value) => value.split(',').map((item) => item.trim());

/** Reads JSON; what is none stays a text, for the check of the option to name. */
export const json: Reader = (value) => {
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
};

/** Reads a list of regular expressions; what is none stays a text, for the check of the option to name. */
export const patterns: Reader = (value) => {
  const sources = json(value);
  return (Array.isArray(sources) ? sources : (list(value) as unknown[])).map((source: unknown) => {
    try {
      return typeof source === 'string' ? new RegExp(source) : source;
    } catch {
      return source;
    }
  });
};
