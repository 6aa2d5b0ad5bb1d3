import {
  ContextIdFactory,
  type DiscoveryService,
  type MetadataScanner,
  type ModuleRef,
} from '@nestjs/core';
import { EventEmitter2 } from '@nestjs/event-emitter';
import type { QueuedEvent } from './event-codec.js';

/** Where `@OnEvent` writes what it is told. */
const LISTENER_METADATA = 'EVENT_LISTENER_METADATA';
/** The provider of @nestjs/event-emitter that attaches the `@OnEvent` methods to the emitter. */
const LOADER = 'EventSubscribersLoader';

interface ListenerMetadata {
  event: string | symbol | (string | symbol)[];
  options?: { prependListener?: boolean };
}

type Wrapper = ReturnType<DiscoveryService['getProviders']>[number];
type Listener = (event: QueuedEvent) => unknown;
type Method = (event: QueuedEvent) => unknown;

/** One `@OnEvent` method. */
export interface EventHandler {
  /** `Class.method`; a second one of that name has `#2` behind it. */
  readonly name: string;
  /** Calls the method. What it throws, or rejects with, is the caller's. */
  call(event: QueuedEvent): Promise<void>;
}

/**
 * The `@OnEvent` handlers of an app, found as @nestjs/event-emitter finds them. The emitter cannot
 * be the one that calls them for a queue: it swallows what they throw.
 */
export class HandlerRegistry {
  /** An emitter that is never emitted to: it knows how names match, wildcards included. */
  private readonly index: EventEmitter2;
  private readonly handlers = new Map<Listener, EventHandler>();
  private readonly found = new Map<string, readonly EventHandler[]>();
  private readonly ofNest = new Map<string | symbol, Set<unknown>>();
  private knowsOfNest = false;

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly moduleRef: ModuleRef,
    private readonly emitter: EventEmitter2 | undefined,
  ) {
    const { wildcard, delimiter } = (emitter ?? {}) as { wildcard?: boolean; delimiter?: string };
    this.index = new EventEmitter2({
      wildcard: wildcard ?? false,
      ...(delimiter !== undefined && { delimiter }),
      maxListeners: 0,
    });
  }

  /**
   * Tells listeners that @nestjs/event-emitter attaches from those that somebody added by hand, by
   * looking at the emitter before and after. Call it before the app's modules are bootstrapped.
   */
  watchNest(names: readonly string[]): void {
    const { emitter } = this;
    const loader = this.discovery
      .getProviders()
      .find(({ instance, name }) => name === LOADER && instance) as
      { instance: { onApplicationBootstrap?: () => unknown } } | undefined;
    const attach = loader?.instance.onApplicationBootstrap;
    if (!emitter || !loader || !attach) return;
    loader.instance.onApplicationBootstrap = () => {
      const before = new Map(
        names.map((name) => [name, new Set<unknown>(emitter.listeners(name))]),
      );
      const result = attach.call(loader.instance);
      for (const name of names) {
        const added = emitter.listeners(name).filter((fn) => !before.get(name)!.has(fn));
        this.ofNest.set(name, new Set<unknown>(added));
      }
      this.knowsOfNest = true;
      return result;
    };
  }

  /** Finds the handlers. Call it when the app is wired. */
  load(): void {
    const taken = new Map<string, number>();
    for (const wrapper of [...this.discovery.getProviders(), ...this.discovery.getControllers()]) {
      const instance = wrapper.instance as object | undefined;
      if (!instance || wrapper.isAlias) continue;
      const prototype = (Object.getPrototypeOf(instance) ?? {}) as object;
      for (const method of this.scanner.getAllMethodNames(prototype)) {
        for (const { event, options } of listenersOf(instance, method)) {
          const name = nameOf(prototype, method, taken);
          this.add({ name, call: this.caller(wrapper, method) }, event, options);
        }
      }
    }
  }

  /** The handlers of a name, in the order in which the emitter would call them. */
  of(name: string): readonly EventHandler[] {
    let found = this.found.get(name);
    if (!found) {
      const markers = this.index.listeners(name) as Listener[];
      found = markers.flatMap((marker) => this.handlers.get(marker) ?? []);
      this.found.set(name, found);
    }
    return found;
  }

  /** The listeners that were added by hand. */
  byHand(name: string): Listener[] {
    if (!this.emitter || !this.knowsOfNest) return [];
    const ofNest = this.ofNest.get(name);
    return (this.emitter.listeners(name) as Listener[]).filter((fn) => !ofNest?.has(fn));
  }

  private add(
    handler: EventHandler,
    event: ListenerMetadata['event'],
    options: ListenerMetadata['options'],
  ): void {
    const marker: Listener = () => undefined;
    this.handlers.set(marker, handler);
    if (options?.prependListener) this.index.prependListener(event, marker);
    else this.index.on(event, marker);
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

function listenersOf(instance: object, method: string): ListenerMetadata[] {
  const target = (instance as Record<string, unknown>)[method];
  if (typeof target !== 'function') return [];
  const found = Reflect.getMetadata(LISTENER_METADATA, target) as
    ListenerMetadata | ListenerMetadata[] | undefined;
  return found === undefined ? [] : [found].flat();
}

function nameOf(prototype: object, method: string, taken: Map<string, number>): string {
  const name = `${prototype.constructor.name}.${method}`;
  const count = (taken.get(name) ?? 0) + 1;
  taken.set(name, count);
  return count === 1 ? name : `${name}#${count}`;
}
