let schemas = 0;
/** The name of a schema that no other test uses. */
export function newSchema(): string {
  return `t${process.pid}_${schemas++}`;
}
