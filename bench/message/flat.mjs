/**
 * Makes one piece of a text that was added up, which engines put off: whoever sends a mail has to
 * do it, so every side does it while the clock runs.
 */
export function flat(text) {
  text.charCodeAt(text.length - 1);
  return text;
}
