import type { SqlClient } from 'nestjs-email-tracking/suppression';

/** A database that fails, or that never answers, until it is told to work. */
export class Moody {
  mood: 'works' | 'fails' | 'hangs' = 'works';

  constructor(private readonly real: SqlClient) {}

  readonly client: SqlClient = {
    query: (...args) => this.by(() => this.real.query(...args)),
    transaction: (work) => this.by(() => this.real.transaction(work)),
  };

  private by<T>(work: () => Promise<T>): Promise<T> {
    if (this.mood === 'works') return work();
    if (this.mood === 'hangs') return new Promise(() => undefined);
    return Promise.reject(Object.assign(new Error('secret@example.com'), { code: '57P03' }));
  }
}
