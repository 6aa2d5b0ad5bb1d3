import type { Type } from '@nestjs/common';
import type { ApplicationConfig, HttpAdapterHost } from '@nestjs/core';
import { markHandler, type PathFinder } from '../util/app-router.js';
import type { LogLine } from '../util/log.js';
import type { BodyLimits } from '../util/body-reader.js';
import {
  isExcluded,
  joinPaths,
  localPath,
  placeController,
  prefixOf,
  routerOf,
} from '../util/router.js';
import type { EspSettings, ReadyProvider } from './esp-settings.js';

/** A path of a provider. */
interface EspRoute {
  /** `/<path>/<provider>/tracking`, or what else the provider has. */
  path: string;
  /** What Nest is told: without the global prefix that `path` starts with. */
  local: string;
  ready: ReadyProvider;
}

/**
 * Finds the provider that a request is for. The end of the path tells which one; what is in front
 * of it is up to the app, so the router tells whether the request is for this module at all.
 */
export class EspRoutes {
  /** Nest routes a module that it configures. It does not configure one that is loaded lazily. */
  isRouted = false;
  private routes: readonly EspRoute[];
  private finder: PathFinder | undefined;
  private config: ApplicationConfig | undefined;

  constructor(private readonly settings: EspSettings) {
    this.routes = settings.providers.flatMap((ready) =>
      ready.provider.routes
        .map((route) => `${settings.path}/${route}`)
        .map((path) => ({ path, local: path, ready })),
    );
  }

  /** Tells Nest the paths. To be called again when the app has set its global prefix. */
  place(controller: Type, config: ApplicationConfig): void {
    this.config = config;
    const prefix = prefixOf(config);
    this.routes = this.routes.map(({ path, ready }) => ({
      path,
      local: localPath(path, prefix, (local) => isExcluded(config, local)),
      ready,
    }));
    placeController(
      controller,
      this.routes.map(({ local }) => local),
    );
  }

  /** Watches where the router puts the paths. To be called once, before Nest resolves the routes. */
  watch(controller: Type, handler: string, adapterHost: HttpAdapterHost): void {
    this.finder = routerOf(adapterHost).watchPaths(markHandler(controller, handler));
  }

  /**
   * Returns the limits of a body; `undefined` if the request is not for this module: by the router, or,
   * where Nest does not route the module, by the documented paths.
   *
   * @param routed the path of the route that Fastify chose
   */
  limitsOf(path: string, routed: string | undefined): BodyLimits | undefined {
    const ready = this.find(path);
    const isOurs = ready && (this.isRouted ? this.isServed(path, routed) : this.isPlaced(path));
    if (!isOurs) return undefined;
    const { bytes = Infinity, unpacked } = ready.provider.limits ?? {};
    return { bytes: Math.min(bytes, this.settings.bodyLimit), unpacked };
  }

  /** @param path without its query; with any number of slashes at its ends, in any case */
  find(path: string): ReadyProvider | undefined {
    const bare = withoutEdges(path).toLowerCase();
    let found: EspRoute | undefined;
    for (const route of this.routes) {
      const isLonger = route.local.length > (found?.local.length ?? 0);
      if (isLonger && endsWithPath(bare, route.local.toLowerCase())) found = route;
    }
    return found?.ready;
  }

  /** Returns what to warn of when the app has started: paths at which no provider is answered. */
  warnings(): LogLine<'EspTrackingModule'>[] {
    const served = this.served();
    const missed = this.routes.find(
      (route) => served.length > 0 && !served.includes(`/${this.documentedPath(route)}`),
    );
    if (!missed) return [];
    const instead = served.find((path) => endsWithPath(path.slice(1), missed.local));
    return [
      {
        code: 'ESP_ROUTE_MOVED',
        message:
          `The webhook of ${missed.ready.provider.espName} answers at ${instead ?? served[0]!}, not at ` +
          `/${this.documentedPath(missed)}, and other webhooks may be moved as well. Enter the path that is ` +
          'served at the provider. Or take EspTrackingModule out of RouterModule.register(), if it is ' +
          'there, and write `exclude` of the global prefix without a method, because the routes answer ' +
          'to all.',
      },
    ];
  }

  /** The path in docs/esp.md. Users expect `exclude` to work with any method. */
  private documentedPath({ path, local }: EspRoute): string {
    const { exclude } = this.config!.getGlobalPrefixOptions();
    const isNamed = (exclude ?? []).some(({ pathRegex }) => pathRegex.test(`/${path}`));
    return isNamed || local !== path ? path : joinPaths(prefixOf(this.config!), path);
  }

  private isPlaced(path: string): boolean {
    const config = this.config!;
    const placeOf = ({ local }: EspRoute) =>
      isExcluded(config, local) ? local : joinPaths(prefixOf(config), local);
    const bare = withoutEdges(path).toLowerCase();
    return this.routes.some((route) => placeOf(route).toLowerCase() === bare);
  }

  private served(): string[] {
    try {
      return this.finder!.served();
    } catch {
      return [];
    }
  }

  private isServed(path: string, routed: string | undefined): boolean {
    try {
      return this.finder!.reaches(path, routed);
    } catch {
      return false;
    }
  }
}

function endsWithPath(path: string, end: string): boolean {
  return path === end || path.endsWith(`/${end}`);
}

const SLASH = 0x2f;

/** Strangers choose the path of every POST, and an expression for this is quadratic in slashes. */
function withoutEdges(path: string): string {
  let start = 0;
  let end = path.length;
  while (start < end && path.charCodeAt(start) === SLASH) start++;
  while (end > start && path.charCodeAt(end - 1) === SLASH) end--;
  return path.slice(start, end);
}
