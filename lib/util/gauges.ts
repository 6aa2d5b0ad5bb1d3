/** The injection token of every {@link GaugeSource}: each module that has numbers provides one. */
export const GAUGE_SOURCE = 'nestjs-email-tracking:gauge-source';

/**
 * Numbers by the name of their metric, without its prefix: one number, or one for each state. Those of a
 * state that is not known now are left out.
 */
export type Readings = Readonly<Record<string, number | Readonly<Record<string, number | null>>>>;

/** Has numbers of this process that are read when metrics are collected. */
export interface GaugeSource {
  /** Reads them. May reject. */
  read(): Readings | Promise<Readings>;
}
