import type { LineLog } from '../util/log.js';

/** What Redis does with the queue, as this process saw it last. */
export type RedisState = 'up' | 'away' | 'read-only' | 'full' | 'denied' | 'loading';

const CODES = {
  away: 'REDIS_AWAY',
  'read-only': 'REDIS_READ_ONLY',
  full: 'REDIS_FULL',
  denied: 'REDIS_DENIED',
  loading: 'REDIS_LOADING',
} as const;

interface Answer {
  state: Exclude<RedisState, 'up'>;
  /** Whether a new connection may lead to another server. */
  reconnect?: true;
  /** The fact and the remedy. */
  text: string;
}

/** What Redis answers, by the first word of its error. */
const ANSWERS: Record<string, Answer> = {
  READONLY: {
    state: 'read-only',
    reconnect: true,
    text: 'is a read-only replica (READONLY); the connection is opened again to find the master. Check the name or address in `connection`',
  },
  MASTERDOWN: {
    state: 'read-only',
    reconnect: true,
    text: 'is a replica that has lost its master (MASTERDOWN); check the replication',
  },
  NOREPLICAS: {
    state: 'read-only',
    text: 'refuses writes, because too few replicas are connected (NOREPLICAS); check min-replicas-to-write',
  },
  MISCONF: {
    state: 'read-only',
    text: 'refuses writes, because it cannot save to its disk (MISCONF); check its disk and its log',
  },
  OOM: {
    state: 'full',
    text: 'has no memory left (OOM), so nothing can be written and workers take no events; raise maxmemory',
  },
  NOAUTH: { state: 'denied', text: 'wants a password (NOAUTH); set it in `connection`' },
  WRONGPASS: {
    state: 'denied',
    text: 'refuses the user name or password in `connection` (WRONGPASS)',
  },
  NOPERM: {
    state: 'denied',
    text: 'forbids the user in `connection` a command (NOPERM); BullMQ needs scripts, keys and channels of the queue',
  },
  LOADING: {
    state: 'loading',
    text: 'is loading its data (LOADING); the queue goes on when that is done',
  },
  BUSY: { state: 'loading', text: 'is busy with a script (BUSY)' },
};

/** An error that was not repeated for so long is over, if Redis answers. */
const FRESH_MS = 15_000;

/** Knows the state of Redis, and logs each change with its remedy. */
export class RedisCondition {
  private current: RedisState = 'up';
  private text = '';
  private since = -Infinity;

  /** @param log gets a line for each change; the limited one where Redis takes no writes */
  constructor(
    private readonly log: LineLog<'TrackingQueue'>,
    private readonly limited: LineLog<'TrackingQueue'>,
  ) {}

  /** The state, as long as it is not older than 15 seconds. */
  get state(): RedisState {
    return performance.now() - this.since > FRESH_MS ? 'up' : this.current;
  }

  /** @param error of ioredis or BullMQ; its text is not logged, because it may hold addresses */
  failed(error: unknown): void {
    const { message = '', code } = error as { message?: string; code?: unknown };
    const answer = answerIn(message);
    if (answer) this.become(answer.state, answer.text);
    else this.away(`cannot be reached (${typeof code === 'string' ? code : 'no connection'})`);
  }

  /** Redis did not answer in time. */
  late(): void {
    this.away('does not answer in time');
  }

  /** Redis took a write. */
  succeeded(): void {
    if (this.current === 'up') return;
    this.current = 'up';
    this.log.write('REDIS_BACK', 'Redis accepts hits again.');
  }

  /** Redis answered a question, which it also does while it takes no writes, but not while it loads. */
  answered(): void {
    if (this.current === 'away' || this.current === 'loading') this.succeeded();
  }

  /** What Redis has answered says more than the missing connection that follows from it. */
  private away(text: string): void {
    if (this.state === 'up' || this.state === 'away') this.become('away', text);
  }

  private become(state: Exclude<RedisState, 'up'>, text: string): void {
    const isNew = this.state !== state || (state !== 'away' && this.text !== text);
    this.current = state;
    this.text = text;
    this.since = performance.now();
    if (!isNew) return;
    this.limited.write(CODES[state], `Redis ${text}. Hits are kept in this process meanwhile.`);
  }
}

/** Returns false for an error of BullMQ itself, for example about a lock that was lost. */
export function isAboutRedis(error: Error): boolean {
  const { message, code } = error as NodeJS.ErrnoException;
  return (
    typeof code === 'string' ||
    answerIn(message) !== undefined ||
    /closed|time(?:d )?out|writeable|max retries|slots cache/i.test(message)
  );
}

/** Returns true for an error that a new connection may mend. */
export function wantsReconnect(error: Error): boolean {
  return answerIn(error.message)?.reconnect ?? false;
}

/** An error inside of a script has the word behind "ERR Error running script". */
function answerIn(message: string): Answer | undefined {
  const word = /(?:^|[\s:-])([A-Z]{3,})\b/g;
  for (const [, name] of message.slice(0, 300).matchAll(word)) {
    if (Object.hasOwn(ANSWERS, name!)) return ANSWERS[name!];
  }
  return undefined;
}
