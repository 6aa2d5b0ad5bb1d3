/** What is masked in URLs beside, or instead of, what the tables name. */
export interface RedactionRules {
  /** Further names of parameters whose value is always masked. */
  readonly params?: readonly string[];
  /** Names of parameters whose value stays, whatever the tables say. */
  readonly keepParams?: readonly string[];
  /** Whether secrets of the fragment (`#access_token=…`) are masked. Default: true. */
  readonly fragment?: boolean;
  /** Whether secrets of the path (a JWT, `/reset/<token>`) are masked. Default: true. */
  readonly path?: boolean;
}

/** The option `redactUrl`. */
export type RedactUrl = 'secrets' | false | RedactionRules;
