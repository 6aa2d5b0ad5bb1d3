/**
 * Text from bytes, or `undefined` if they are not UTF-8. Zeros are valid there, but no mail has
 * them: they are UTF-16 or UTF-32. A byte order mark stays.
 */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Whether one of these values of `Content-Type` names a character set other than UTF-8. */
export function isDeclaredOtherwise(contentTypes: readonly string[]): boolean {
  return contentTypes.some((value) => {
    const charset = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(value)?.[1]?.toLowerCase();
    return charset !== undefined && !['utf-8', 'utf8', 'us-ascii'].includes(charset);
  });
}
