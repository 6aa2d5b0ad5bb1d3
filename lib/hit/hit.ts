import { ipAddressOf } from '../util/ip-address.js';
import type { LinkSettings } from '../link/link-settings.js';
import type { TrackingOverrides } from '../options/tracking.options.js';
import { rawResponse, send, type Answer, type FrameworkResponse } from './answers.js';
import { Budget } from './budget.js';
import type { FrameworkRequest, TrackingRequest } from './request-data.js';

/** One request while it is being answered, and what has to wait until it is. */
export class Hit {
  readonly request: TrackingRequest;
  readonly budget: Budget;
  overrides: TrackingOverrides | undefined;
  settings: LinkSettings | undefined;
  private readonly waiting: (() => void)[] = [];
  private done = false;

  constructor(
    request: FrameworkRequest,
    private readonly response: FrameworkResponse,
    budgetMs: number,
  ) {
    this.request = new HitRequest(request, this);
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
    raw.on('finish', this.finish);
    raw.on('close', this.finish);
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

/** The hit that a request belongs to; `undefined` for a request that no responder made. */
export function hitOf(request: TrackingRequest): Hit | undefined {
  return HitRequest.hitOf(request);
}

/**
 * What hooks see of a request, and, where they cannot look, the way back to its hit. A WeakMap from
 * one to the other took a quarter of a hit's time in garbage collection.
 */
class HitRequest implements TrackingRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: TrackingRequest['headers'];
  readonly ip: string | undefined;
  readonly #hit: Hit;

  constructor(request: FrameworkRequest, hit: Hit) {
    this.method = request.method;
    this.url = request.originalUrl ?? request.url;
    this.headers = request.headers;
    this.ip = ipAddressOf(request.ip) ?? undefined;
    this.#hit = hit;
  }

  static hitOf(request: TrackingRequest): Hit | undefined {
    return request instanceof HitRequest ? request.#hit : undefined;
  }
}
