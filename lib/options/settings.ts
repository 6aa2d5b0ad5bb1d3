import { KeyRing } from '../link/key-ring.js';
import { LinkSettings } from '../link/link-settings.js';
import type { SettingsResolver } from '../link/settings-resolver.js';
import type { TrackingOptions, TrackingOverrides } from './tracking.options.js';
import { validateOverrides } from './validate.js';

/** How many tenants with keys of their own are kept ready at a time. */
const MAX_KEY_RINGS = 1000;

/** The default of `responseBudgetMs`. */
export const DEFAULT_RESPONSE_BUDGET_MS = 250;

/** The validated options of the process, and their combination with those of single calls. */
export class TrackingSettings implements SettingsResolver {
  readonly base: LinkSettings;
  private readonly keyRings = new Map<string, KeyRing>();

  /** @param options validated before */
  constructor(
    readonly options: TrackingOptions,
    private readonly now: () => number = Date.now,
  ) {
    this.base = this.toLinkSettings(options);
  }

  get responseBudgetMs(): number {
    return this.options.responseBudgetMs ?? DEFAULT_RESPONSE_BUDGET_MS;
  }

  resolve(overrides?: TrackingOverrides): LinkSettings {
    const options = this.optionsWith(overrides);
    return options === this.options ? this.base : this.toLinkSettings(options);
  }

  /**
   * The options of one call.
   *
   * @throws TrackingError `INVALID_OPTIONS`
   */
  optionsWith(overrides?: TrackingOverrides): TrackingOptions {
    if (overrides === undefined || isEmpty(overrides)) return this.options;
    return validateOverrides(overrides, this.options);
  }

  private toLinkSettings(options: TrackingOptions): LinkSettings {
    return new LinkSettings(options, (keys) => this.keyRingOf(keys), this.now);
  }

  /** Key rings hold derived subkeys, so the same keys get the same ring. */
  private keyRingOf(encryptionKey: string | readonly string[] | undefined): KeyRing {
    const keys = typeof encryptionKey === 'string' ? [encryptionKey] : (encryptionKey ?? []);
    const name = keys.join(' ');
    let ring = this.keyRings.get(name);
    if (!ring) {
      ring = new KeyRing(keys);
      if (this.keyRings.size >= MAX_KEY_RINGS) {
        this.keyRings.delete(this.keyRings.keys().next().value!);
      }
      this.keyRings.set(name, ring);
    }
    return ring;
  }
}

function isEmpty(overrides: object): boolean {
  for (const _name in overrides) return false;
  return true;
}
