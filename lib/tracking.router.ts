import type { Type } from '@nestjs/common';
import type { HttpAdapterHost } from '@nestjs/core';
import {
  type AddedRoute,
  addSpellings,
  type FastifyRoutes,
  isRespelled,
  respell,
} from './tracking.spellings.js';

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

/** Lets the router of Express, too, find a path in other spellings. */
export function routeSpellings(path: string, { httpAdapter }: HttpAdapterHost): void {
  if (path !== '' && httpAdapter.getType() === 'express') httpAdapter.use(respell(path));
}

/** Nest copies the metadata of a handler to the function that it gives the router. */
const MARK = 'nestjs-email-tracking:route';

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
  prototype[handler] = own;
}

function hasMark(handler: unknown, mark: object): boolean {
  return typeof handler === 'function' && Reflect.getMetadata(MARK, handler) === mark;
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
    if (!hasMark(added.handler, mark) || isRespelled(added)) return;
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
  route?: { path: unknown; stack: { handle: unknown }[] };
}

function watchExpress(mark: object, app: ExpressApp): RouteFinder {
  const layers = () =>
    (app._router ?? app.router)!.stack!.filter(({ route }) =>
      route?.stack.some(({ handle }) => hasMark(handle, mark)),
    );
  return {
    seesVersions: false,
    served: () =>
      layers()
        .map(({ route }) => route!.path)
        .filter((path) => typeof path === 'string')
        .map(withoutWildcard),
    reaches: (path) => layers().some((layer) => matches(layer, path + SOME_TOKENS[0]!)),
  };
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
