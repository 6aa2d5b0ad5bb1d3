import type { BatchObservableResult, Meter, Observable } from '@opentelemetry/api';
import { LATE, withDeadline } from '../util/deadline.js';
import type { GaugeSource, Readings } from '../util/gauges.js';

/** How long a source may take, in milliseconds: Redis may be away. */
const PATIENCE_MS = 1000;

interface Definition {
  kind: 'counter' | 'gauge';
  description: string;
  unit?: string;
  /** The attribute of readings that are several numbers. Default: `state`. */
  attribute?: string;
}

/** What is read when metrics are collected. */
const DEFINITIONS: Readonly<Record<string, Definition>> = {
  events: { kind: 'counter', description: 'Events of all sources' },
  'verdict.corrections': { kind: 'counter', description: 'Hits whose verdict was corrected' },
  'webhook.events': {
    kind: 'counter',
    description: 'Events for webhooks of this process',
  },
  'webhook.waiting': { kind: 'gauge', description: 'Events that wait in memory for webhooks' },
  'consent.failures': {
    kind: 'counter',
    description: 'Questions that the consent resolver did not answer',
    attribute: 'reason',
  },
  'esp.unknown_events': { kind: 'counter', description: 'Events with a name that is not known' },
  'queue.jobs': { kind: 'gauge', description: 'Jobs in Redis' },
  'queue.buffered': { kind: 'gauge', description: 'Events that wait in memory for Redis' },
  'queue.spool.size': { kind: 'gauge', description: 'The size of the spool', unit: 'By' },
  'stats.events': {
    kind: 'counter',
    description: 'Events for the database of statistics',
  },
  'stats.buffered': { kind: 'gauge', description: 'Events that wait in memory for the database' },
};

/**
 * Observes the numbers of all sources whenever metrics are collected.
 *
 * @param before is called first
 * @returns what ends that
 */
export function observeGauges(
  meter: Meter,
  findSources: () => readonly GaugeSource[],
  before: () => void,
): () => void {
  const instruments = new Map(
    Object.entries(DEFINITIONS).map(([name, definition]) => [name, make(meter, name, definition)]),
  );
  const observe = async (result: BatchObservableResult) => {
    before();
    const all = await Promise.all(findSources().map(read));
    for (const readings of all) {
      for (const [name, reading] of Object.entries(readings)) {
        const instrument = instruments.get(name);
        if (instrument) report(result, instrument, reading, DEFINITIONS[name]!.attribute);
      }
    }
  };
  const observables = [...instruments.values()];
  meter.addBatchObservableCallback(observe, observables);
  return () => meter.removeBatchObservableCallback(observe, observables);
}

function make(meter: Meter, name: string, { kind, description, unit }: Definition): Observable {
  const full = `email_tracking.${name}`;
  const options = { description, ...(unit !== undefined && { unit }) };
  return kind === 'counter'
    ? meter.createObservableCounter(full, options)
    : meter.createObservableGauge(full, options);
}

/** One source that fails, or is late, takes nothing from the others. */
async function read(source: GaugeSource): Promise<Readings> {
  try {
    const readings = await withDeadline(Promise.resolve(source.read()), PATIENCE_MS);
    return readings === LATE ? {} : readings;
  } catch {
    return {};
  }
}

function report(
  result: BatchObservableResult,
  instrument: Observable,
  reading: Readings[string],
  attribute = 'state',
): void {
  if (typeof reading === 'number') return result.observe(instrument, reading);
  for (const [state, value] of Object.entries(reading)) {
    if (value !== null) result.observe(instrument, value, { [attribute]: state });
  }
}
