import type { IncomingMessage } from 'node:http';
import type { FrameworkResponse } from './http-reply.js';
import {
  hasMark,
  MARK,
  SOME_TOKENS,
  type AppRouter,
  type PathFinder,
  type RequestHook,
  type RouteFinder,
} from './app-router.js';
import { otherSpelling } from './spellings.js';

/** What Fastify says about a route that was added. */
interface AddedRoute {
  url: string;
  method: unknown;
  handler: unknown;
  config?: object;
  constraints?: object;
}

interface FastifyRequest {
  raw: IncomingMessage;
  routeOptions?: { url?: string };
}

/** What is used of Fastify's instance. */
export interface FastifyApp {
  version?: string;
  addHook(name: 'onRoute', hook: (added: AddedRoute) => void): void;
  addHook(
    name: 'onRequest',
    hook: (request: FastifyRequest, reply: FrameworkResponse, done: () => void) => void,
  ): void;
  addConstraintStrategy(strategy: object): void;
  hasConstraintStrategy(name: string): boolean;
  route(route: object): unknown;
  findRoute?(route: {
    method: string;
    url: string;
    constraints: object;
  }): { params: Record<string, unknown> } | null;
}

/** The router makes code of the name, so it has to be an identifier. */
const SPELLING = 'trackingSpelling';

/**
 * Fastify 4 and 5, by its documented means: hooks, constraints and `findRoute`. `onRoute` is needed
 * because Nest 10 and 11 do not pass constraints on for `@All()`.
 */
export class FastifyRouter implements AppRouter {
  readonly wildcard = '*';
  readonly prefixWildcard: string;

  constructor(private readonly app: FastifyApp) {
    this.prefixWildcard = app.version?.startsWith('4.') ? '(.*)' : '*token';
  }

  /**
   * Nest filters hosts after Fastify has chosen a route, when it is too late to choose another; a
   * constraint is Fastify's own way.
   */
  watchRoute(mark: object, path: string, hostName?: string): RouteFinder {
    const lengthOf = otherSpelling(path);
    const urls = new Set<string>();
    const host =
      hostName === undefined
        ? undefined
        : new RegExp(`^${hostName.replaceAll('.', '\\.')}(?::\\d+)?$`, 'i');
    this.app.addHook('onRoute', (added) => {
      if (!isMarked(added, mark) || isRespelled(added)) return;
      urls.add(added.url);
      if (host) added.constraints = { ...added.constraints, host };
      this.addSpellings(added);
    });
    return {
      seesVersions: true,
      served: () => [...urls].map((url) => url.replace(/\*$/, '')),
      reaches: (path, hostname) =>
        SOME_TOKENS.every((token) => {
          const constraints = { host: hostname };
          const found = this.app.findRoute!({ method: 'GET', url: path + token, constraints });
          return found?.params['*'] === token && urls.has(`${path}*`);
        }),
      // Other spellings, and the root at other hosts, have the same URL.
      takes: ({ url = '', headers }, routed = '') =>
        (urls.has(routed) || (routed === '/*' && path !== '' && lengthOf(url) > 0)) &&
        (host?.test(headers.host ?? '') ?? true),
    };
  }

  watchPaths(mark: object): PathFinder {
    const urls = new Set<string>();
    this.app.addHook('onRoute', (added) => {
      const { method, url, handler, config, constraints } = added;
      if (!isMarked(added, mark) || url.endsWith('/*')) return;
      urls.add(url);
      // Nest cuts the last slash off a path; for Fastify, unlike Express, that is another route.
      this.app.route({ method, handler, config, constraints, url: `${url}/*` });
    });
    return {
      served: () => [...urls],
      reaches: (_path, routed = '') => urls.has(routed.replace(/\/\*$/, '')),
    };
  }

  runFirst(hook: RequestHook): void {
    this.app.addHook('onRequest', ({ raw, routeOptions }, reply, done) =>
      hook(raw, reply, done, routeOptions?.url),
    );
  }

  /** Adds a route that answers at other spellings of a wildcard route. */
  private addSpellings(added: AddedRoute): void {
    const path = added.url.replace(/^\/|\/\*$/g, '');
    if (path === '' || path === '*') return;
    const name = SPELLING + Buffer.from(path).toString('hex');
    if (!this.app.hasConstraintStrategy(name)) {
      const lengthOf = otherSpelling(path);
      this.app.addConstraintStrategy({
        name,
        storage: () => new Map(),
        deriveConstraint: ({ url = '' }: IncomingMessage) => (lengthOf(url) > 0 ? true : undefined),
        validate: () => undefined,
      });
    }
    const { method, handler, config } = added;
    const constraints = { ...added.constraints, [name]: true };
    this.app.route({ method, handler, config, url: '/*', constraints });
  }
}

function isMarked({ handler, config }: AddedRoute, mark: object): boolean {
  return hasMark(handler, mark) || (config as Record<string, unknown> | undefined)?.[MARK] === mark;
}

/** Whether a route was added for other spellings. */
function isRespelled({ constraints = {} }: AddedRoute): boolean {
  return Object.keys(constraints).some((name) => name.startsWith(SPELLING));
}
