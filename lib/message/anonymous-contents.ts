import { bareMessageId } from '../util/bare-message-id.js';
import type { CompiledLink, Rendering } from './compiled-part.js';

/** Shorter ids are found by chance. */
const SHORTEST_ID = 6;

/**
 * Notices what makes anonymous links of one mail differ between recipients, so that they can be told
 * apart all the same.
 */
export class AnonymousContents {
  /** All that anonymous links hold whoever gets them, in small letters, as written and as it reads. */
  readonly #shared: string;
  #first: string | undefined;
  #hasOthers = false;

  constructor(links: readonly CompiledLink[]) {
    this.#shared = bothSpellings(
      links
        .filter(({ reason }) => reason === undefined)
        .map(({ url, target = url, label = '' }) => `${target}\n${label}`)
        .join('\n'),
    );
  }

  /** Whether anonymous links of this rendering are those of one recipient only. */
  isUnique({ recipient: { recipient, messageId }, modes, kept }: Rendering): boolean {
    if (modes.clicks === 'identified' || modes.clicks === 'off') {
      if (modes.opens !== 'anonymous') return false;
    }
    this.#first ??= kept;
    this.#hasOthers ||= this.#first !== kept;
    if (this.#hasOthers) return true;
    const id = bareMessageId(messageId ?? '');
    const names = [recipient ?? '', id.length < SHORTEST_ID ? '' : id].filter(Boolean);
    const content = kept === '' ? this.#shared : `${this.#shared}\n${bothSpellings(kept)}`;
    return names.some((name) => content.includes(name.toLowerCase()));
  }
}

function bothSpellings(text: string): string {
  return `${text}\n${decoded(text)}`.toLowerCase();
}

function decoded(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => {
    try {
      return decodeURIComponent(escapes);
    } catch {
      return escapes;
    }
  });
}
