import type { Meter } from '@opentelemetry/api';
import { EVENT_NAMES } from '../plugin.js';
import { Batch, type Known, Tally } from './tally.js';

const ANSWERS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5];
const REMOTE_S = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 5, 30];

/** What hits are for. */
export const PURPOSES = ['open', 'click'];
/** The formats of links that have a name of their own. */
export const FORMATS = ['packed', 'fernet', 'plain', 'ptrack'];
const VERDICTS = ['human', 'unknown', 'privacy_proxy', 'prefetch', 'scanner', 'none'];
const LEAVINGS = [
  ...['asked', 'stored', 'not_stored', 'withdrawn'],
  ...['unreadable', 'refused', 'failed'],
];
/** The names of an app's providers: their number is limited before they are counted. */
const NAMES_OF_PROVIDERS: Known = { includes: () => true };

/** What is counted, and the values that each attribute has. All other values become `other`. */
const COUNTERS = {
  hits: [
    'Requests to pixels and click links',
    {
      purpose: PURPOSES,
      outcome: ['recorded', 'not_recorded', 'unreadable', 'refused', 'failed'],
      verdict: VERDICTS,
    },
  ],
  'links.read': ['Links of hits that could be read', { format: FORMATS }],
  rewrites: ['Rendered mails', { outcome: ['rewritten', 'failed'] }],
  'rewrite.links': ['Links of rendered mails', { tracked: ['true', 'false'] }],
  'webhook.attempts': [
    'Requests to webhooks',
    {
      outcome: ['delivered', 'retry', 'given_up'],
      status_class: ['2xx', '3xx', '4xx', '5xx', 'none'],
    },
  ],
  'esp.requests': [
    'Requests of providers',
    {
      provider: NAMES_OF_PROVIDERS,
      outcome: ['accepted', 'refused', 'unavailable', 'failed'],
    },
  ],
  'esp.events': ['Events in requests of providers', { type: Object.keys(EVENT_NAMES) }],
  'queue.writes': [
    'Events on their way into the queue',
    { outcome: ['written', 'buffered', 'spooled', 'lost'] },
  ],
  'queue.jobs.processed': [
    'Jobs that workers have run',
    { outcome: ['done', 'retried', 'parked'] },
  ],
  'stats.writes': ['Batches for the database of statistics', { outcome: ['written', 'failed'] }],
  unsubscribes: [
    'Requests to unsubscribe links',
    {
      method: ['GET', 'HEAD', 'POST', 'other'],
      via: ['one_click', 'page', 'none'],
      outcome: LEAVINGS,
    },
  ],
} as const;

const DURATIONS = {
  'hit.duration': ['Time until a hit is answered', ANSWERS_S],
  'rewrite.duration': ['Time to render a mail', ANSWERS_S],
  'webhook.attempt.duration': ['Time of a request to a webhook', REMOTE_S],
  'esp.request.duration': ['Time until a provider is answered', REMOTE_S],
  'queue.write.duration': ['Time of a write to the queue', REMOTE_S],
  'queue.job.duration': ['Time of a job', REMOTE_S],
  'stats.write.duration': ['Time to write a batch to the database of statistics', REMOTE_S],
} as const;

type Tallies = {
  readonly [Name in keyof typeof COUNTERS]: Tally<keyof (typeof COUNTERS)[Name][1] & string>;
};

/** The instruments of what the channels tell. */
export interface Instruments {
  readonly counts: Tallies;
  readonly durations: Readonly<Record<keyof typeof DURATIONS, Batch>>;
}

/** Makes the instruments of what the channels tell. */
export function makeInstruments(meter: Meter): Instruments {
  const counts = mapValues(
    COUNTERS,
    ([description, known], name) =>
      new Tally<string>(meter.createCounter(name, { description }), known),
  );
  const durations = mapValues(DURATIONS, ([description, bounds], name) => {
    const advice = { explicitBucketBoundaries: [...bounds] };
    return new Batch(meter.createHistogram(name, { description, unit: 's', advice }));
  });
  return { counts: counts as Tallies, durations };
}

function mapValues<Name extends string, Value, Result>(
  values: Readonly<Record<Name, Value>>,
  make: (value: Value, name: string) => Result,
): Record<Name, Result> {
  const made = Object.entries<Value>(values).map(([name, value]) => [
    name,
    make(value, `email_tracking.${name}`),
  ]);
  return Object.fromEntries(made) as Record<Name, Result>;
}
