/** Returns false for what JSON cannot carry, for example a BigInt, or an object that holds itself. */
export function canBeJson(value: unknown): boolean {
  try {
    JSON.stringify(value);
    return true;
  } catch {
    return false;
  }
}
