/**
 * Returns the code of an error of the system, such as `ENOSPC`. Unlike its message, it holds no path
 * and no address.
 */
export function codeOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  return code ?? 'unknown error';
}
