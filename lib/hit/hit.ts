import type { LinkSettings } from '../link/link-settings.js';
import type { TrackingOverrides } from '../tracking.options.js';
import { rawResponse, send, type Answer, type FrameworkResponse } from './answers.js';
import { Budget } from './budget.js';
import type { TrackingRequest } from './request-data.js';

/** One request while it is being answered, and what has to wait until it is. */
export class Hit {
  readonly budget: Budget;
  overrides: TrackingOverrides | undefined;
  settings: LinkSettings | undefined;
  private readonly waiting: (() => void)[] = [];
  private done = false;

  constructor(
    readonly request: TrackingRequest,
    private readonly response: FrameworkResponse,
    budgetMs: number,
  ) {
    this.budget = new Budget(budgetMs);
  }

  /** HEAD gets the same answer, but nothing happens. */
  get isRecorded(): boolean {
    return this.request.method === 'GET';
  }

  /** Sends the answer, then runs what waited for it. */
  answer(answer: Answer): void {
    const raw = rawResponse(this.response);
    // `finish`: the answer is with the operating system. `close`: the reader has hung up.
    raw.once('finish', this.finish);
    raw.once('close', this.finish);
    send(this.response, answer);
  }

  /** Runs a task once the answer is out; at once if it is. */
  readonly afterwards = (task: () => void): void => {
    if (this.done) task();
    else this.waiting.push(task);
  };

  private readonly finish = (): void => {
    if (this.done) return;
    this.done = true;
    for (const task of this.waiting) task();
  };
}
