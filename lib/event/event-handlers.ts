import type { LineLog } from '../util/log.js';

/** The part of EventEmitter2 that is used. */
export interface Emitter {
  emitAsync(event: string, payload: unknown): Promise<unknown>;
}

/** Calls the `@OnEvent` handlers. What they throw is logged. */
export class EventHandlers {
  private emitter: Emitter | undefined;
  private findEmitter: () => Emitter | undefined = () => undefined;
  private count = 0;

  constructor(private readonly log: LineLog<'TrackingEvents'>) {}

  /** How many events have handlers that are not done. */
  get running(): number {
    return this.count;
  }

  /**
   * Says where the emitter is. It is looked for when the first event is published: its module may
   * start after this one, and a module that is loaded lazily runs no hook.
   */
  connect(findEmitter: () => Emitter | undefined): void {
    this.findEmitter = findEmitter;
  }

  /**
   * Calls the handlers of a name. Never rejects.
   *
   * @param call calls them in another way than by the emitter
   */
  async handle(
    name: string,
    payload: unknown,
    call = () => this.emitAsync(name, payload),
  ): Promise<void> {
    this.count++;
    try {
      await call();
    } catch (error) {
      this.log.write('HANDLER_FAILED', `A handler of ${name} failed.`, error);
    } finally {
      this.count--;
    }
  }

  /** `emitAsync`, because it also catches what an app with `suppressErrors: false` lets through. */
  private async emitAsync(name: string, payload: unknown): Promise<unknown> {
    this.emitter ??= this.findEmitter();
    return this.emitter?.emitAsync(name, payload);
  }
}
