import type { EventHandler, HandlerRegistry } from './handler-registry.js';
import type { EventSink } from './event-sink.js';
import type { TrackingEvent } from './tracking-event.js';
import { TRACKING_UNSUBSCRIBED } from './tracking-events.js';
import type { UnsubscribeStore } from './unsubscribe-store.js';

/** How safe a store is: `durable` survives a crash, `app` is the app's own, `memory` is lost in a crash. */
type Kind = 'durable' | 'app' | 'memory';

/** What is needed of a place to store a wish to leave. */
export interface LeavingPlace {
  /** Rejects if it is not stored. */
  store(event: TrackingEvent): Promise<void>;
  /** The sink that has it now, and must not get it again. */
  sink?: EventSink;
  /** Calls the other handlers and listeners; absent if they are called in the usual way. */
  tellOthers?(event: TrackingEvent): Promise<unknown>;
}

/** The places, beside a queue, where a wish to leave can be stored. */
export class LeavingStores {
  private readonly stores = new Map<Kind, UnsubscribeStore & EventSink>();
  private handlers: HandlerRegistry | undefined;

  /** The functions are called late: modules that start after this one have registered by then. */
  constructor(
    private readonly findStore: () => UnsubscribeStore | undefined,
    private readonly findHandlers: () => HandlerRegistry | undefined,
  ) {}

  add(kind: Kind, store: UnsubscribeStore & EventSink): void {
    this.stores.set(kind, store);
  }

  /** Finds the app's own store. @returns a sink that also gets what a queue, or a safer store, took first */
  appSink(): EventSink | undefined {
    if (this.stores.has('app')) return undefined;
    const store = this.findStore();
    if (!store) return undefined;
    const sink = new AppStoreSink(store);
    this.stores.set('app', sink);
    return sink;
  }

  /** Returns the safest place that the app has; `undefined` if it has none. */
  choose(): LeavingPlace | undefined {
    const store = this.stores.get('durable') ?? this.stores.get('app');
    if (store) return asPlace(store);
    const handlers = (this.handlers ??= this.findHandlers());
    const own = handlers?.of(TRACKING_UNSUBSCRIBED).filter(isExact) ?? [];
    if (handlers && own.length > 0) return new HandlersPlace(handlers, own);
    const memory = this.stores.get('memory');
    return memory && asPlace(memory);
  }

  /** Whether nothing but memory is there. */
  get isForgetful(): boolean {
    const memory = this.stores.get('memory');
    return memory !== undefined && this.choose()?.sink === memory;
  }
}

function asPlace(store: UnsubscribeStore & EventSink): LeavingPlace {
  return { store: (event) => store.store(event), sink: store };
}

/** Gives the wishes to leave that come by our links to the app's own store, and nothing else. */
class AppStoreSink implements EventSink, UnsubscribeStore {
  constructor(private readonly own: UnsubscribeStore) {}

  store(event: TrackingEvent): Promise<void> {
    return this.own.store(event);
  }

  accept(event: TrackingEvent): Promise<void> | void {
    if (event.eventType === 'unsubscribed' && event.source === 'link') return this.own.store(event);
  }
}

/** The app's handlers are the store: a wildcard says nothing about leaving, so it does not count. */
class HandlersPlace implements LeavingPlace {
  constructor(
    private readonly handlers: HandlerRegistry,
    private readonly own: readonly EventHandler[],
  ) {}

  async store(event: TrackingEvent): Promise<void> {
    for (const handler of this.own) await handler.call(event);
  }

  async tellOthers(event: TrackingEvent): Promise<unknown> {
    const others = this.handlers.of(TRACKING_UNSUBSCRIBED).filter((handler) => !isExact(handler));
    return Promise.all([
      ...others.map((handler) => handler.call(event)),
      ...this.handlers.byHand(TRACKING_UNSUBSCRIBED).map(async (listener) => {
        await listener(event);
      }),
    ]);
  }
}

function isExact({ event }: EventHandler): boolean {
  return event === TRACKING_UNSUBSCRIBED;
}
