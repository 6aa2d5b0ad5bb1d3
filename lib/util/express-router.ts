import type { IncomingMessage } from 'node:http';
import type { HttpAdapterHost } from '@nestjs/core';
import {
  hasMark,
  SOME_TOKENS,
  type AppRouter,
  type PathFinder,
  type RequestHook,
  type RouteFinder,
} from './app-router.js';
import type { FrameworkResponse } from './http-reply.js';
import { otherSpelling } from './spellings.js';

/** What is used of Express' application: `_router` in 4, `router` in 5. */
interface ExpressApp {
  lazyrouter?: unknown;
  _router?: { stack?: ExpressLayer[] };
  router?: { stack?: ExpressLayer[] };
}

/** Express adds the host name, which a trusted proxy may have forwarded. */
type NamedRequest = IncomingMessage & { hostname?: string };

/** A layer of the stack. Its own `match()` would write to it. */
interface ExpressLayer {
  name?: string;
  /** Express 4. */
  regexp?: RegExp;
  /** Express 5. */
  matchers?: ((path: string) => unknown)[];
  route?: { path: unknown; stack: { handle: unknown }[]; methods: Record<string, boolean> };
}

/**
 * Express 4 and 5. Neither documents a way to ask which route answers at a path, nor to put middleware in
 * front of what is there already, so this reads the stack of the router, and moves one layer in it.
 */
export class ExpressRouter implements AppRouter {
  readonly wildcard: string;
  readonly prefixWildcard: string;
  private readonly app: ExpressApp;

  constructor(private readonly adapter: HttpAdapterHost['httpAdapter']) {
    this.app = adapter.getInstance<ExpressApp>();
    const isExpress4 = typeof this.app.lazyrouter === 'function';
    this.wildcard = isExpress4 ? '*' : '*token';
    this.prefixWildcard = isExpress4 ? '(.*)' : '*token';
  }

  watchRoute(mark: object, path: string, hostName?: string): RouteFinder {
    const lengthOf = otherSpelling(path);
    const canonical = (url: string) => {
      const length = path === '' ? 0 : lengthOf(url);
      return length > 0 ? `/${path}/${url.slice(length)}` : url;
    };
    if (path !== '') {
      this.adapter.use((request: IncomingMessage, _response: unknown, next: () => void) => {
        request.url = canonical(request.url ?? '');
        next();
      });
    }
    const layers = () => this.stack.filter((layer) => isMarked(layer, mark));
    let own: ExpressLayer[] | undefined;
    return {
      seesVersions: false,
      served: () => pathsOf(layers()).map((served) => served.replace(/(?:\*\w*|\(\.\*\))$/, '')),
      reaches: (below) => layers().some((layer) => matches(layer, below + SOME_TOKENS[0]!)),
      takes: (request: NamedRequest) => {
        const { url = '', hostname } = request;
        const path = canonical(url).split('?', 1)[0]!;
        if (hostName !== undefined && hostname?.toLowerCase() !== hostName.toLowerCase())
          return false;
        own ??= layers();
        return own.some((layer) => matches(layer, path)) && this.isFirst(path, mark);
      },
    };
  }

  watchPaths(mark: object): PathFinder {
    return {
      served: () => pathsOf(this.stack.filter((layer) => isMarked(layer, mark))),
      reaches: (path) => this.isFirst(path, mark),
    };
  }

  /**
   * Where Nest creates the app, `use` alone would do. In an app made for tests, and for a module that
   * is loaded later, the host's parsers are there already, and have read the body.
   */
  runFirst(hook: RequestHook): void {
    // With a fourth parameter, Express would take it for a handler of errors.
    this.adapter.use((request: IncomingMessage, response: FrameworkResponse, next: () => void) =>
      hook(request, response, next),
    );
    const { stack } = this;
    const own = stack.pop()!;
    // Behind the two layers that Express 4 puts first, which give requests their methods.
    const names = stack.map(({ name }) => name);
    stack.splice(Math.max(names.indexOf('query'), names.indexOf('expressInit')) + 1, 0, own);
  }

  /** Whether the first layer that takes a POST to a path is a marked one. */
  private isFirst(path: string, mark: object): boolean {
    const first = this.stack.find(
      (layer) => (layer.route?.methods.post ?? layer.route?.methods._all) && matches(layer, path),
    );
    return first !== undefined && isMarked(first, mark);
  }

  private get stack(): ExpressLayer[] {
    return (this.app._router ?? this.app.router)!.stack!;
  }
}

function isMarked({ route }: ExpressLayer, mark: object): boolean {
  return route?.stack.some(({ handle }) => hasMark(handle, mark)) ?? false;
}

function pathsOf(layers: ExpressLayer[]): string[] {
  return layers.map(({ route }) => route!.path).filter((path) => typeof path === 'string');
}

function matches({ regexp, matchers }: ExpressLayer, path: string): boolean {
  return regexp ? regexp.test(path) : matchers!.some((matcher) => Boolean(matcher(path)));
}
