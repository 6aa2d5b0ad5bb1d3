/** PostgreSQL holds neither U+0000 nor halves of surrogate pairs. */
const LOST = /[\0\uD800-\uDFFF]/;

/** Returns text as PostgreSQL holds it. */
export function cleanText(value: string, length = Infinity): string {
  const cut = value.length > length ? value.slice(0, length) : value;
  return LOST.test(cut) ? cut.replaceAll('\0', '').toWellFormed() : cut;
}
