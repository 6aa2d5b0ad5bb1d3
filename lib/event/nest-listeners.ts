/**
 * What is known of the inside of @nestjs/event-emitter, because it has no door: the metadata of
 * `@OnEvent`, and the functions that it attaches to the emitter. Tested with versions 2, 3 and 12.
 */
import { EventEmitter2 } from '@nestjs/event-emitter';

/** Version 12 exports this name; versions 2 and 3 use the same. */
const EVENT_LISTENER_METADATA = 'EVENT_LISTENER_METADATA';

/** What one `@OnEvent` says. */
export interface ListenerMetadata {
  event: string | symbol | (string | symbol)[];
  options?: { prependListener?: boolean };
}

/** A function that an emitter calls. */
export type Listener = (event: unknown) => unknown;

/** Returns what the `@OnEvent` decorators of a method say. */
export function listenersOf(method: object): ListenerMetadata[] {
  const found = Reflect.getMetadata(EVENT_LISTENER_METADATA, method) as
    ListenerMetadata | ListenerMetadata[] | undefined;
  return found === undefined ? [] : [found].flat();
}

/** Returns an emitter that matches names as another one does. */
export function emitterLike(emitter: EventEmitter2 | undefined): EventEmitter2 {
  const { wildcard, delimiter } = (emitter ?? {}) as { wildcard?: boolean; delimiter?: string };
  return new EventEmitter2({
    wildcard: wildcard ?? false,
    ...(delimiter !== undefined && { delimiter }),
    maxListeners: 0,
  });
}

/** Returns true for a function that @nestjs/event-emitter attached for an `@OnEvent` method. */
export function isFromNest(listener: Listener): boolean {
  // Options such as `nextTick` make the emitter wrap it once more.
  const { _origin: origin = listener } = listener as Listener & { _origin?: Listener };
  return origin.toString().includes('wrapFunctionInTryCatchBlocks');
}
