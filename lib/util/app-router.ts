import type { IncomingMessage } from 'node:http';
import type { Type } from '@nestjs/common';
import type { FrameworkResponse } from './http-reply.js';

/** What this package asks of the routers of Express 4 and 5 and Fastify 4 and 5. */
export interface AppRouter {
  /**
   * A wildcard at the end of a path. A parameter would not do: those of Fastify end at 100
   * characters by default, and tokens are longer.
   */
  readonly wildcard: string;
  /** The same for `setGlobalPrefix`: Nest 10 has an older path-to-regexp. */
  readonly prefixWildcard: string;
  /**
   * Watches where a marked handler with a wildcard is routed, and lets it answer at other spellings
   * of its path. To be called before Nest resolves the routes.
   *
   * @param path without slashes at its ends
   * @param hostName the only host at which the handler answers
   */
  watchRoute(mark: object, path: string, hostName?: string): RouteFinder;
  /** The same for paths without a wildcard: they answer with and without slashes at their end. */
  watchPaths(mark: object): PathFinder;
  /** Runs a hook for each request, before what the host does to it. */
  runFirst(hook: RequestHook): void;
}

/** Finds the routes of one controller in the router of the app. */
export interface RouteFinder {
  /** The paths at which the router has the controller, with slashes around them. */
  served(): string[];
  /** Whether the router knows of versions that a header names. In Express, Nest filters them later. */
  readonly seesVersions: boolean;
  /** Whether a GET below a path gets to the controller. Paths start and end with a slash. */
  reaches(path: string, hostname: string): boolean;
  /**
   * Whether a POST gets to the controller, asked before the router has chosen.
   *
   * @param routed the path of the route that Fastify chose
   */
  takes(request: IncomingMessage, routed: string | undefined): boolean;
}

/** Finds the routes of one controller whose paths have no wildcard. */
export interface PathFinder {
  /** The paths at which the router has the controller, with a slash in front. */
  served(): string[];
  /**
   * Whether a POST gets to the controller.
   *
   * @param path without its query
   * @param routed the path of the route that Fastify chose
   */
  reaches(path: string, routed?: string): boolean;
}

/** @param routed the path of the route that Fastify chose */
export type RequestHook = (
  request: IncomingMessage,
  response: FrameworkResponse,
  next: () => void,
  routed?: string,
) => void;

/** Nest copies the metadata of a handler to the function that it gives the router. */
export const MARK = 'nestjs-email-tracking:route';
/** The key of `@RouteConfig()`. Nest 12 wraps the handler of a path with parameters. */
const FASTIFY_CONFIG = '__fastify_route_config__';

/**
 * Marks the handler of a controller, so that its routes can be found in the router. The handler of
 * the base class serves other apps too, so the controller gets one of its own.
 *
 * @returns the mark
 */
export function markHandler(controller: Type, handler: string): object {
  const mark = {};
  const prototype = controller.prototype as Record<string, (...args: unknown[]) => unknown>;
  const inherited = prototype[handler]!;
  const own = function (this: unknown, ...args: unknown[]) {
    return inherited.apply(this, args);
  };
  for (const key of Reflect.getMetadataKeys(inherited) as string[]) {
    Reflect.defineMetadata(key, Reflect.getMetadata(key, inherited), own);
  }
  Reflect.defineMetadata(MARK, mark, own);
  const config: unknown = Reflect.getMetadata(FASTIFY_CONFIG, inherited);
  Reflect.defineMetadata(FASTIFY_CONFIG, { ...(config as object), [MARK]: mark }, own);
  prototype[handler] = own;
  return mark;
}

/** Whether a function that the router has is the handler with this mark. */
export function hasMark(handler: unknown, mark: object): boolean {
  return typeof handler === 'function' && Reflect.getMetadata(MARK, handler) === mark;
}

/** As long as real tokens are: for the routers, a long parameter is another thing than a short one. */
export const SOME_TOKENS = ['p'.repeat(60), 'p'.repeat(180)];
