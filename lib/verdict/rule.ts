import type { VerdictCertainty, VerdictKind } from '../event/verdict.js';

/** Which hits a rule applies to. */
export type RuleEffect = 'opens' | 'clicks' | 'both';

/** The members that every rule of the catalogue has. */
export interface BaseRule {
  /** A unique id in kebab-case, used to replace or disable the rule. */
  id: string;
  /** The stable reason code that verdicts carry. Several rules may share one. */
  code: string;
  /** Which hits it applies to: image proxies open for people, but never click for them. */
  effect: RuleEffect;
  /** The kind of visitor that makes such hits. */
  kind: VerdictKind;
  /** How sure that is. */
  certainty: VerdictCertainty;
  /** The meaning of the rule, in one sentence. */
  meaning: string;
  /** The source of the knowledge: a URL, or a measurement. */
  source: string;
  /** When the source was last checked: `2026-11-21`. */
  date: string;
  /** `false`: known, but not used. A rule of yours with the same id replaces it. */
  enabled?: boolean;
  /**
   * Whether the hit comes from a proxy that fetches for a reader, so that its network says nothing
   * about the reader.
   */
  isProxy?: boolean;
}

/** How a `User-Agent` is compared. Case is ignored, and only the first 1024 characters count. */
export type AgentPattern =
  | {
      /** The whole value. */
      is: string;
    }
  | {
      /** How the value starts. */
      startsWith: string;
      /**
       * How the value ends, too. A `*` at the very end matches letters and digits, such as a build
       * number: `'Gecko) Mobile/*'`.
       */
      endsWith?: string;
    }
  | {
      /**
       * Any of these: words, or phrases of several words, between delimiters (anything but letters
       * and digits). A part of a word does not match: `bot` is not found in `Cubot`. It does not
       * matter which delimiters separate the words of a phrase.
       */
      words: string[];
      /**
       * `'name'`: only where a program names itself. That is all of the value, but in the value of a
       * browser, or of an app on a device, only a comment such as `(compatible; AcmeBot/1.0)`.
       *
       * @default anywhere
       */
      place?: 'name';
    }
  | {
      /**
       * How a word ends: `'bot'` finds `AcmeBot/1.0`. Words that name a platform or a device do not
       * count, nor do those of an app on a device.
       */
      endings: string[];
      /** Whole words with such an ending that do not count. */
      except?: string[];
      /** The same as with `words`. */
      place?: 'name';
    }
  | {
      /**
       * Names a page, as robots do: `(+https://example.com/robot)`. Internet Explorer, and apps on a
       * device outside of a `(compatible; …)`, do not count.
       */
      contactUrl: true;
    }
  | {
      /** Names an address to write to, in the same places: `(compatible; Acme; web@example.com)`. */
      contactAddress: true;
    }
  | {
      /** Fewer characters than this: an empty value, or one too short for an agent. */
      shorterThan: number;
    };

/** A rule about the `User-Agent`. */
export interface AgentRule extends BaseRule {
  /** What the rule is about. */
  on: 'agent';
  /** How the agent looks. */
  agent: AgentPattern;
  /** `true`: a guess, which does not count if a rule that is not a guess matches the agent. */
  fallback?: boolean;
}

/** A rule about where a hit came from. */
export interface NetworkRule extends BaseRule {
  /** What the rule is about. */
  on: 'network';
  /** Networks as `192.0.2.0/24` or `2001:db8::/32`, or single addresses. */
  networks?: string[];
  /** Numbers of autonomous systems; they need `verdict.lookup`. */
  asns?: number[];
  /**
   * Countries by ISO 3166-1, such as `'DE'`; they need `verdict.lookup`. No rule of the catalogue
   * uses them: a country says something only to those who know their readers.
   */
  countries?: string[];
}

/** A rule about a header that a hit had or lacked (those of `RequestData.headers`, and `method`). */
export interface HeaderRule extends BaseRule {
  /** What the rule is about. */
  on: 'header';
  /**
   * Lower-case names and their required values: words of the value, `true` for any value, `false`
   * for a missing header. `method` means the HTTP method. All must match. If the headers of a hit
   * are not known, the rule does not apply, not even for a missing header.
   */
  headers: Record<string, string | boolean>;
  /** Only for hits with such a `User-Agent`. */
  agent?: AgentPattern;
}

/** A rule about the time between a mail and a hit. */
export interface TimingRule extends BaseRule {
  /** What the rule is about. */
  on: 'timing';
  /**
   * `after-sending`: at most `seconds` after the link was made. `after-delivery`: at most `seconds`
   * after a provider said that the mail was delivered. `before-delivery`: more than `seconds`
   * before. If the delivery is known, `after-sending` does not apply.
   */
  timing: 'after-sending' | 'after-delivery' | 'before-delivery';
  /** The length of the time, in seconds. */
  seconds: number;
  /** Only for hits that a rule with this code matches, too. */
  onlyWith?: string;
  /** `true`: the evidence of that code no longer counts. The code stays among the reasons. */
  instead?: boolean;
}

/** A rule about several hits of one mail and recipient. */
export interface PatternRule extends BaseRule {
  /** What the rule is about. */
  on: 'pattern';
  /**
   * `distinct-links`: `atLeast` different links. `distinct-networks`: hits of one `User-Agent` from
   * `atLeast` different networks of one family (/24 of IPv4 or /48 of IPv6). `unsubscribe-and-body`: an
   * unsubscribe link and another one. `all-links`: every tracked link of a part, if there are
   * `atLeast`.
   */
  pattern: 'distinct-links' | 'distinct-networks' | 'unsubscribe-and-body' | 'all-links';
  /** The time within which the hits must happen, in seconds. */
  seconds: number;
  /** How many links or networks are needed. */
  atLeast?: number;
  /** Only hits that follow each other within this many seconds. */
  gapSeconds?: number;
  /** `true`: hits that look like a person's by themselves do not count. */
  sparesPeople?: boolean;
  /**
   * Opens from the same network with the same `User-Agent` belong to the pattern, too, if they
   * happened at most this many seconds before one of its hits, or just after.
   */
  opensSeconds?: number;
}

/** A rule of the catalogue, or of your own. */
export type VerdictRule = AgentRule | NetworkRule | HeaderRule | TimingRule | PatternRule;

/** The types of hits that a rule can match. */
export type HitType = 'opened' | 'clicked';

/** Returns true if a rule applies to such a hit. */
export function concerns({ effect }: Pick<BaseRule, 'effect'>, type: HitType): boolean {
  return effect === 'both' || effect === (type === 'opened' ? 'opens' : 'clicks');
}
