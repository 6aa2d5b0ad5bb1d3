import { LRUCache } from 'lru-cache';
import { KeyRing } from '../link/key-ring.js';
import { Links, type LinksResolver } from '../link/links.js';
import { RecipientKeys } from '../link/recipient-keys.js';
import { UnsubscribeLinks, type UnsubscribeResolver } from '../unsubscribe/unsubscribe-links.js';
import { LimitedLog } from '../util/limited-log.js';
import { TrackingLog } from '../util/log.js';
import { copyOverrides, overrideKey } from './override-key.js';
import type { ResolvedOptions, TrackingOverrides } from './tracking.options.js';
import { validateOverrides } from './validate.js';

/** How many different overrides, such as those of tenants, are kept ready at a time. */
const MAX_RESOLVED = 5000;

const NOTHING = Object.freeze({});

/**
 * The options of the process, and what the overrides of single calls make of them. Each set of
 * overrides is validated and resolved once; a call that gives the same content again finds it.
 */
export class OptionsResolver
  implements LinksResolver<TrackingOverrides>, UnsubscribeResolver<TrackingOverrides>
{
  readonly base: Links<ResolvedOptions>;
  private readonly unsubscribing = new WeakMap<Links, UnsubscribeLinks>();
  private readonly log = new LimitedLog(new TrackingLog('TrackingModule'));
  private readonly resolved = new LRUCache<string, Links<ResolvedOptions>>({ max: MAX_RESOLVED });
  /** By size, because by number it would take its room at once. */
  private readonly keyRings = new LRUCache<string, KeyRing>({
    maxSize: MAX_RESOLVED,
    sizeCalculation: () => 1,
  });

  /** @param options validated before */
  constructor(
    readonly options: ResolvedOptions,
    private readonly now: () => number = Date.now,
  ) {
    this.base = this.toLinks(options);
  }

  /**
   * @param beside members of `overrides` with a name of this object are no options
   * @throws TrackingError `INVALID_OPTIONS`
   */
  resolve(
    overrides: TrackingOverrides = NOTHING,
    beside: object = NOTHING,
  ): Links<ResolvedOptions> {
    const key = overrideKey(overrides, beside);
    if (key === '') return this.base;
    let links = this.resolved.get(key);
    if (!links) {
      const copy = copyOverrides(overrides, beside);
      links = this.toLinks(validateOverrides(copy, this.options));
      this.resolved.set(key, links);
    }
    return links;
  }

  /** @throws TrackingError `INVALID_OPTIONS` */
  unsubscribeLinks(overrides?: TrackingOverrides): UnsubscribeLinks {
    return this.unsubscribeLinksOf(this.resolve(overrides));
  }

  /** Returns the unsubscribe links of the same options. */
  unsubscribeLinksOf(links: Links<ResolvedOptions>): UnsubscribeLinks {
    let found = this.unsubscribing.get(links);
    if (!found) {
      const { encryptionKey, retiredKeys } = links.options;
      const keys = this.keyRingOf([encryptionKey ?? [], retiredKeys ?? []].flat());
      found = new UnsubscribeLinks(links.options, keys, this.now, () =>
        this.log.write(
          'MAILTO_TOO_LONG',
          'A mail has no mailto: URL in List-Unsubscribe, because its subject would be longer than ' +
            '255 characters. Use shorter list names and message ids.',
        ),
      );
      this.unsubscribing.set(links, found);
    }
    return found;
  }

  /** Returns what hashes recipients, under the keys of the process. */
  recipientKeys(): RecipientKeys {
    const { encryptionKey, retiredKeys } = this.options;
    return new RecipientKeys(this.keyRingOf([encryptionKey ?? [], retiredKeys ?? []].flat()));
  }

  private toLinks(options: ResolvedOptions): Links<ResolvedOptions> {
    return new Links(options, this.keyRingOf(options.encryptionKey), this.now, this.base);
  }

  /** Overrides with the same keys share a ring, which holds the subkeys that it derived. */
  private keyRingOf(encryptionKey: string | readonly string[] = []): KeyRing {
    const keys = [encryptionKey].flat();
    const name = keys.join(' ');
    const ring = this.keyRings.get(name) ?? new KeyRing(keys);
    this.keyRings.set(name, ring);
    return ring;
  }
}
