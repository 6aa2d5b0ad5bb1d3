import type { LinkOptions } from '../link/link-options.js';

/** The longest name of a list, in characters. */
export const MAX_LIST_LENGTH = 128;

/** What unsubscribe links and their page need of the options, validated before. */
export interface UnsubscribeSettings extends LinkOptions {
  readonly baseUnsubscribeUrl?: string;
  readonly unsubscribe: {
    readonly lists?: Readonly<Record<string, { title: string; description?: string }>>;
    readonly mailto?: string;
    readonly contact?: string;
    readonly budgetMs: number;
    readonly texts?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  };
}
