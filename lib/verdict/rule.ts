import type { VerdictCertainty, VerdictKind } from '../event/verdict.js';

/** Which hits a rule applies to. */
export type RuleEffect = 'opens' | 'clicks' | 'both';

/** What every line of the catalogue says. */
export interface RuleLine {
  /** Unique, in kebab-case; by it a line is replaced or switched off. */
  id: string;
  /** The stable reason code that verdicts carry. Several lines may share one. */
  code: string;
  /** Which hits it applies to: image proxies open for people, but never click for them. */
  effect: RuleEffect;
  /** Who makes such hits. */
  kind: VerdictKind;
  /** How sure that is. */
  certainty: VerdictCertainty;
  /** What the line stands for, in one sentence. */
  meaning: string;
  /** Where this is known from: a URL, or the measurement. */
  source: string;
  /** When the source was last looked at: `2026-11-21`. */
  date: string;
  /** `false`: in the catalogue, and off unless `verdict.enable` names it. */
  enabled?: boolean;
  /**
   * Whether the hit comes from a proxy that fetches for somebody, so that its network says nothing
   * about that somebody.
   */
  isProxy?: boolean;
}

/** How a `User-Agent` is compared; letters of either case are the same, and only the first 1024 count. */
export type AgentPattern =
  | {
      /** The whole value. */
      is: string;
    }
  | {
      /** How the value starts. */
      startsWith: string;
      /**
       * How it ends, too. A `*` at the very end stands for letters and digits, as of a build number:
       * `'Gecko) Mobile/*'`.
       */
      endsWith?: string;
    }
  | {
      /**
       * Any of these: words, or several in a row, that stand between delimiters (anything but letters
       * and digits). Never a part of a word, so that `bot` is not found in `Cubot`; which delimiters
       * stand between the words of a row does not matter.
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
      /** Whole words that end so and do not count. */
      except?: string[];
      /** As of `words`. */
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
      /** Nothing, or too little to be an agent: fewer characters than this. */
      shorterThan: number;
    };

/** A line about the `User-Agent`. */
export interface AgentRule extends RuleLine {
  /** What the line is about. */
  on: 'agent';
  /** How the agent looks. */
  agent: AgentPattern;
  /** `true`: a guess, which does not count if another line that is no guess matches the agent. */
  fallback?: boolean;
}

/** A line about where a hit came from. */
export interface NetworkRule extends RuleLine {
  /** What the line is about. */
  on: 'network';
  /** Networks as `192.0.2.0/24` or `2001:db8::/32`, or single addresses. */
  networks?: string[];
  /** Numbers of autonomous systems; they need `verdict.lookup`. */
  asns?: number[];
  /**
   * Countries by ISO 3166-1, such as `'DE'`; they need `verdict.lookup`. Nothing of the catalogue goes
   * by them: where somebody is says nothing about who it is, but to those who know their readers.
   */
  countries?: string[];
}

/** A line about a header that a hit had or lacked (those of `RequestData.headers`, and `method`). */
export interface HeaderRule extends RuleLine {
  /** What the line is about. */
  on: 'header';
  /**
   * Lower-case names and what all of them must hold: words of the value, `true` for any value,
   * `false` for none. `method` stands for the method. Where the headers of a hit are not known, such
   * a line says nothing, not even that one is missing.
   */
  headers: Record<string, string | boolean>;
  /** Only for hits of such a `User-Agent`. */
  agent?: AgentPattern;
}

/** A line about the time between a mail and a hit. */
export interface TimingRule extends RuleLine {
  /** What the line is about. */
  on: 'timing';
  /**
   * `after-sending`: at most `seconds` after the link was sealed. `after-delivery`: at most `seconds`
   * after a provider said that the mail was delivered. `before-delivery`: more than `seconds` before.
   * Where the delivery is known, it alone counts, and `after-sending` says nothing.
   */
  timing: 'after-sending' | 'after-delivery' | 'before-delivery';
  /** How long that is. */
  seconds: number;
  /** Only for hits that a line of this code spoke of, too. */
  onlyWith?: string;
  /** `true`: what that code says counts no more. It stays among the reasons. */
  instead?: boolean;
}

/** A line about several hits of one mail and recipient. */
export interface PatternRule extends RuleLine {
  /** What the line is about. */
  on: 'pattern';
  /**
   * `distinct-links`: `atLeast` different links. `distinct-networks`: hits of one `User-Agent` from
   * `atLeast` different networks of one family (/24 of IPv4 or /48 of IPv6). `unsubscribe-and-body`: an
   * unsubscribe link and another one. `all-links`: every tracked link of a part, if there are
   * `atLeast`.
   */
  pattern: 'distinct-links' | 'distinct-networks' | 'unsubscribe-and-body' | 'all-links';
  /** Within how many seconds. */
  seconds: number;
  /** How many it takes. */
  atLeast?: number;
  /** Only hits that follow each other within so many seconds. */
  gapSeconds?: number;
  /** `true`: hits that look like a person's by themselves do not count. */
  sparesPeople?: boolean;
  /**
   * Opens from the same network with the same `User-Agent` belong to the pattern, too, if they came at
   * most so many seconds before one of its hits, or just after.
   */
  opensSeconds?: number;
}

/** A line of the catalogue, or of your own. */
export type VerdictRule = AgentRule | NetworkRule | HeaderRule | TimingRule | PatternRule;

/** What one line says of one hit. */
export interface Evidence extends Pick<RuleLine, 'code' | 'kind' | 'certainty' | 'isProxy'> {
  /** A code whose evidence decides nothing beside this. */
  instead?: string;
}

/** The hits that a line may speak of. */
export type HitType = 'opened' | 'clicked';

/** Whether a line speaks of such a hit. */
export function concerns({ effect }: Pick<RuleLine, 'effect'>, type: HitType): boolean {
  return effect === 'both' || effect === (type === 'opened' ? 'opens' : 'clicks');
}
