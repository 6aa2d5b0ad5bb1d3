import {
  ContextIdFactory,
  type DiscoveryService,
  type MetadataScanner,
  type ModuleRef,
} from '@nestjs/core';
import type { EventEmitter2 } from '@nestjs/event-emitter';
import { TrackingError } from '../tracking.error.js';
import {
  emitterLike,
  isFromNest,
  type Listener,
  type ListenerMetadata,
  listenersOf,
} from './nest-listeners.js';
import { namesOf } from './tracking-events.js';

type Wrapper = ReturnType<DiscoveryService['getProviders']>[number];
type Method = (event: object) => unknown;

/** One `@OnEvent` or `@OnTrackingEvent` method. */
export interface EventHandler {
  /** `Class.method`; a second one of that name, for the same event, has `#2` behind it. */
  readonly name: string;
  /** What its decorator names: a name, or a pattern. */
  readonly event: ListenerMetadata['event'];
  /** Calls the method. What it throws, or rejects with, is the caller's. */
  readonly call: (event: object) => Promise<void>;
}

/**
 * The handlers of an app. The emitter cannot call them for a queue, because it swallows what they
 * throw.
 */
export class HandlerRegistry {
  /** Never emitted to: it knows how names match, wildcards included. */
  private readonly index: EventEmitter2;
  private readonly handlers = new Map<unknown, EventHandler>();
  private readonly found = new Map<string, readonly EventHandler[]>();

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly moduleRef: ModuleRef,
    private readonly emitter: EventEmitter2 | undefined,
  ) {
    this.index = emitterLike(emitter);
    this.load();
  }

  /** Returns the handlers of a name, in the order in which the emitter would call them. */
  of(name: string): readonly EventHandler[] {
    let found = this.found.get(name);
    if (!found) {
      found = numbered(this.index.listeners(name).map((marker) => this.handlers.get(marker)!));
      this.found.set(name, found);
    }
    return found;
  }

  /**
   * Returns the listeners that were added by hand with `emitter.on()`; none if they cannot be told
   * from the handlers, because nothing may be called twice.
   */
  byHand(name: string): Listener[] {
    const listeners = this.listeners(name);
    const byHand = listeners.filter((listener) => !isFromNest(listener));
    return listeners.length - byHand.length === this.of(name).length ? byHand : [];
  }

  /**
   * Checks that the handlers of these names are those that @nestjs/event-emitter attached to the
   * emitter, if it has attached any yet.
   *
   * @throws TrackingError `INVALID_OPTIONS` if there are more or fewer
   */
  check(names: readonly string[]): void {
    const attached = names.map((name) => this.listeners(name).filter(isFromNest).length);
    if (attached.every((count) => count === 0)) return;
    const at = attached.findIndex((count, i) => count !== this.of(names[i]!).length);
    if (at < 0) return;
    throw new TrackingError(
      'INVALID_OPTIONS',
      `nestjs-email-tracking found ${this.of(names[at]!).length} handlers of ${names[at]}, and ` +
        `@nestjs/event-emitter attached ${attached[at]}. Use version 2, 3 or 12 of ` +
        '@nestjs/event-emitter, or @OnTrackingEvent instead of @OnEvent.',
    );
  }

  private listeners(name: string): Listener[] {
    return (this.emitter?.listeners(name) ?? []) as Listener[];
  }

  private load(): void {
    for (const wrapper of [...this.discovery.getProviders(), ...this.discovery.getControllers()]) {
      const instance = wrapper.instance as Record<string, unknown> | undefined;
      if (!instance || wrapper.isAlias) continue;
      const prototype = (Object.getPrototypeOf(instance) ?? {}) as object;
      for (const method of this.scanner.getAllMethodNames(prototype)) {
        if (typeof instance[method] !== 'function') continue;
        for (const { event, options } of metadataOf(instance[method])) {
          const name = `${prototype.constructor.name}.${method}`;
          this.add({ name, event, call: this.caller(wrapper, method) }, options);
        }
      }
    }
  }

  private add(handler: EventHandler, options: ListenerMetadata['options']): void {
    const marker = () => undefined;
    this.handlers.set(marker, handler);
    if (options?.prependListener) this.index.prependListener(handler.event, marker);
    else this.index.on(handler.event, marker);
  }

  private caller(wrapper: Wrapper, method: string): EventHandler['call'] {
    if (wrapper.isDependencyTreeStatic()) {
      const { instance } = wrapper as { instance: Record<string, Method> };
      return async (event) => void (await instance[method]!(event));
    }
    const token = wrapper.token as string;
    return async (event) => {
      const contextId = ContextIdFactory.create();
      this.moduleRef.registerRequestByContextId(event, contextId);
      const instance = await this.moduleRef.resolve<Record<string, Method>>(token, contextId, {
        strict: false,
      });
      await instance[method]!(event);
    };
  }
}

/** `@OnTrackingEvent` says by itself which names it is for; `@OnEvent` may say others. */
function metadataOf(method: object): ListenerMetadata[] {
  const own = namesOf(method);
  const others = listenersOf(method).filter(({ event }) => !own.includes(event as string));
  return [...own.map((event) => ({ event })), ...others];
}

/** Two handlers of an event may have one name: two classes, or a method with two decorators. */
function numbered(handlers: readonly EventHandler[]): EventHandler[] {
  const counts = new Map<string, number>();
  return handlers.map((handler) => {
    const count = (counts.get(handler.name) ?? 0) + 1;
    counts.set(handler.name, count);
    return count === 1 ? handler : { ...handler, name: `${handler.name}#${count}` };
  });
}
