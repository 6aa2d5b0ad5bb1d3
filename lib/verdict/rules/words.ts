/** Whether a character belongs to a word: a letter or a digit, and any that ASCII does not know. */
export function isWordCharacter(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 48 && code <= 57) ||
    (code >= 65 && code <= 90) ||
    code > 127
  );
}

/** Returns the words of a text in lower case. */
export function wordsOf(text: string): string[] {
  const words: string[] = [];
  const lower = text.toLowerCase();
  let start = -1;
  for (let i = 0; i <= lower.length; i++) {
    const isInside = i < lower.length && isWordCharacter(lower.charCodeAt(i));
    if (isInside && start === -1) start = i;
    if (isInside || start === -1) continue;
    words.push(lower.slice(start, i));
    start = -1;
  }
  return words;
}

export function standAt(row: readonly string[], words: readonly string[], at: number): boolean {
  return row.every((word, i) => words[at + i] === word);
}
