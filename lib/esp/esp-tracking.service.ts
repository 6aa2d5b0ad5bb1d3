import { textOf } from './values.js';

/** The most names that are counted separately. A provider has fewer than thirty. */
const MAX_NAMES = 200;

const OTHER = '(other)';

/** Counts by the name of the provider, then by the provider's own name of the event. */
export type UnknownEventCounts = Record<string, Record<string, number>>;

/**
 * Counts unknown events of providers. Inject it to export the counts.
 *
 * @example
 * ```ts
 * // { Brevo: { contact_updated: 12 } }: published as tracking.unknown
 * const counts = esp.unknownEvents;
 * ```
 */
export class EspTrackingService {
  private readonly counts = new Map<string, Map<string, number>>();
  private names = 0;

  /**
   * Returns how many events had a name that is not mapped, since the process started. If a provider
   * renames an event, its new name appears here.
   */
  get unknownEvents(): UnknownEventCounts {
    return Object.fromEntries(
      [...this.counts].map(([espName, names]) => [espName, Object.fromEntries(names)]),
    );
  }

  /**
   * Counts an event that is published as `unknown`.
   *
   * @returns the name to log, if it is new
   * @internal
   */
  noteUnknown(espName: string, given: unknown): string | undefined {
    const names = this.counts.get(espName) ?? new Map<string, number>();
    this.counts.set(espName, names);
    let name = readable(given);
    if (!names.has(name) && this.names >= MAX_NAMES) name = OTHER;
    const count = names.get(name) ?? 0;
    names.set(name, count + 1);
    if (count > 0) return undefined;
    this.names++;
    return name;
  }
}

/** Names are logged, so values that do not look like a name are replaced: they may be addresses. */
function readable(given: unknown): string {
  const name = textOf(given);
  if (name === null || name === '') return '(no name)';
  return /^[\w.: /-]{1,64}$/.test(name) ? name : '(unreadable)';
}
