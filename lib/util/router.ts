import { RequestMethod, type Type } from '@nestjs/common';
import type { ApplicationConfig, HttpAdapterHost } from '@nestjs/core';
import {
  type AddedRoute,
  addSpellings,
  type FastifyRoutes,
  isRespelled,
  respell,
} from './spellings.js';

/**
 * What this package knows about the routers of Express 4 and 5 and Fastify 4 and 5. It reads them
 * and changes nothing in them.
 */
export interface RouterSpelling {
  /**
   * A wildcard at the end of a path. A parameter would not do: those of Fastify end at 100
   * characters by default, and tokens are longer.
   */
  wildcard: string;
  /** The same for `setGlobalPrefix`: Nest 10 has an older path-to-regexp. */
  pattern: string;
}

/** Finds the routes of one controller in the router of the app. */
export interface RouteFinder {
  /** The paths at which the router has the controller, with slashes around them. */
  served(): string[];
  /** Whether the router knows of versions that a header names. In Express, Nest filters them later. */
  readonly seesVersions: boolean;
  /** Whether a GET below a path gets to the controller. Paths start and end with a slash. */
  reaches(path: string, hostname: string): boolean;
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

/** Tells how the router of the app spells wildcards. */
export function spellingOf(adapterHost: HttpAdapterHost): RouterSpelling {
  const instance = instanceOf<ExpressApp & { version?: string }>(adapterHost);
  if (isFastify(adapterHost)) {
    const isFastify4 = instance.version?.startsWith('4.') ?? false;
    return { wildcard: '*', pattern: isFastify4 ? '(.*)' : '*token' };
  }
  return typeof instance.lazyrouter === 'function'
    ? { wildcard: '*', pattern: '(.*)' }
    : { wildcard: '*token', pattern: '*token' };
}

/**
 * Marks the handler of a controller, so that its routes can be found in the router. To be called
 * before Nest resolves the routes.
 *
 * @param hostName the only host at which the handler answers
 */
export function watchRoute(
  controller: Type,
  handler: string,
  adapterHost: HttpAdapterHost,
  hostName?: string,
): RouteFinder {
  const mark = {};
  markHandler(controller, handler, mark);
  return isFastify(adapterHost)
    ? watchFastify(mark, instanceOf<FastifyApp>(adapterHost), hostName)
    : watchExpress(mark, instanceOf<ExpressApp>(adapterHost));
}

/**
 * Marks the handler of a controller as {@link watchRoute} does, for paths without a wildcard. They
 * answer with and without slashes at their end.
 */
export function watchPaths(
  controller: Type,
  handler: string,
  adapterHost: HttpAdapterHost,
): PathFinder {
  const mark = {};
  markHandler(controller, handler, mark);
  if (!isFastify(adapterHost)) {
    const express = instanceOf<ExpressApp>(adapterHost);
    return {
      served: () => pathsOf(stackOf(express).filter((layer) => isMarkedLayer(layer, mark))),
      reaches(path) {
        const takesPost = ({ route }: ExpressLayer) => route?.methods.post ?? route?.methods._all;
        const first = stackOf(express).find((layer) => takesPost(layer) && matches(layer, path));
        return first !== undefined && isMarkedLayer(first, mark);
      },
    };
  }
  const urls = new Set<string>();
  const app = instanceOf<FastifyApp>(adapterHost);
  app.addHook('onRoute', (added) => {
    const { method, url, handler: handle, config, constraints } = added;
    if (!isMarked(added, mark) || url.endsWith('/*')) return;
    urls.add(url);
    // Nest cuts the last slash off a path; for Fastify, unlike Express, that is another route.
    app.route({ method, handler: handle, config, constraints, url: `${url}/*` });
  });
  return {
    served: () => [...urls],
    reaches: (_path, routed = '') => urls.has(routed.replace(/\/\*$/, '')),
  };
}

/** The path to give a controller so that Nest serves `path`; `path` itself if no path does. */
export function localPath(
  path: string,
  prefix: string,
  isExcluded: (path: string) => boolean,
): string {
  const withoutPrefix = `${path}/`.startsWith(`${prefix}/`) ? path.slice(prefix.length + 1) : path;
  const isServedAt = (local: string) => (isExcluded(local) ? local : joinPaths(prefix, local));
  return [path, withoutPrefix].find((local) => isServedAt(local) === path) ?? path;
}

/** Whether the app exempts a path from its global prefix, judged as Nest does for `@All()`. */
export function isExcluded(config: ApplicationConfig, path: string): boolean {
  const { exclude } = config.getGlobalPrefixOptions();
  return (exclude ?? []).some(
    ({ pathRegex, requestMethod }) =>
      requestMethod === RequestMethod.ALL && pathRegex.test(`/${path}`),
  );
}

/** Joins the segments that are not empty. */
export function joinPaths(...segments: string[]): string {
  return segments.filter((segment) => segment !== '').join('/');
}

/** Lets the router of Express, too, find a path in other spellings. */
export function routeSpellings(path: string, { httpAdapter }: HttpAdapterHost): void {
  if (path !== '' && httpAdapter.getType() === 'express') httpAdapter.use(respell(path));
}

/** Nest copies the metadata of a handler to the function that it gives the router. */
const MARK = 'nestjs-email-tracking:route';
/** The key of `@RouteConfig()`. Nest 12 wraps the handler of a path with parameters. */
const FASTIFY_CONFIG = '__fastify_route_config__';

/** The handler of the base class serves other apps too, so this controller gets one of its own. */
function markHandler(controller: Type, handler: string, mark: object): void {
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
}

function hasMark(handler: unknown, mark: object): boolean {
  return typeof handler === 'function' && Reflect.getMetadata(MARK, handler) === mark;
}

function isMarked({ handler, config }: AddedRoute, mark: object): boolean {
  return hasMark(handler, mark) || (config as Record<string, unknown> | undefined)?.[MARK] === mark;
}

/** As long as real tokens are: for the routers, a long parameter is another thing than a short one. */
const SOME_TOKENS = ['p'.repeat(60), 'p'.repeat(180)];

/** What is used of Fastify's instance. */
interface FastifyApp extends FastifyRoutes {
  addHook(name: 'onRoute', hook: (added: AddedRoute) => void): void;
  findRoute?(route: {
    method: string;
    url: string;
    constraints: object;
  }): { params: Record<string, unknown> } | null;
}

/**
 * Nest filters hosts after Fastify has chosen a route, when it is too late to choose another; a
 * constraint is Fastify's own way. The hook sets it, because Nest 10 and 11 do not pass constraints
 * on for `@All()`.
 */
function watchFastify(mark: object, app: FastifyApp, hostName: string | undefined): RouteFinder {
  const urls = new Set<string>();
  const host =
    hostName === undefined
      ? undefined
      : new RegExp(`^${hostName.replaceAll('.', '\\.')}(?::\\d+)?$`, 'i');
  app.addHook('onRoute', (added) => {
    if (!isMarked(added, mark) || isRespelled(added)) return;
    urls.add(added.url);
    if (host) added.constraints = { ...added.constraints, host };
    addSpellings(app, added);
  });
  return {
    seesVersions: true,
    served: () => [...urls].map(withoutWildcard),
    reaches(path, hostname) {
      return SOME_TOKENS.every((token) => {
        const constraints = { host: hostname };
        const found = app.findRoute!({ method: 'GET', url: path + token, constraints });
        return found?.params['*'] === token && urls.has(`${path}*`);
      });
    },
  };
}

/** What is used of Express' application: `_router` in 4, `router` in 5. */
interface ExpressApp {
  lazyrouter?: unknown;
  _router?: { stack?: ExpressLayer[] };
  router?: { stack?: ExpressLayer[] };
}

/** A layer of the stack. Its own `match()` would write to it. */
interface ExpressLayer {
  /** Express 4. */
  regexp?: RegExp;
  /** Express 5. */
  matchers?: ((path: string) => unknown)[];
  route?: { path: unknown; stack: { handle: unknown }[]; methods: Record<string, boolean> };
}

function watchExpress(mark: object, app: ExpressApp): RouteFinder {
  const layers = () => stackOf(app).filter((layer) => isMarkedLayer(layer, mark));
  return {
    seesVersions: false,
    served: () => pathsOf(layers()).map(withoutWildcard),
    reaches: (path) => layers().some((layer) => matches(layer, path + SOME_TOKENS[0]!)),
  };
}

function stackOf(app: ExpressApp): ExpressLayer[] {
  return (app._router ?? app.router)!.stack!;
}

function isMarkedLayer({ route }: ExpressLayer, mark: object): boolean {
  return route?.stack.some(({ handle }) => hasMark(handle, mark)) ?? false;
}

function pathsOf(layers: ExpressLayer[]): string[] {
  return layers.map(({ route }) => route!.path).filter((path) => typeof path === 'string');
}

function matches({ regexp, matchers }: ExpressLayer, path: string): boolean {
  return regexp ? regexp.test(path) : matchers!.some((matcher) => Boolean(matcher(path)));
}

function withoutWildcard(path: string): string {
  return path.replace(/(?:\*\w*|\(\.\*\))$/, '');
}

function isFastify({ httpAdapter }: HttpAdapterHost): boolean {
  return httpAdapter.getType() === 'fastify';
}

function instanceOf<Instance>({ httpAdapter }: HttpAdapterHost): Instance {
  return httpAdapter.getInstance<Instance>();
}
