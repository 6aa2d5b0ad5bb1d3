import { VERSION_NEUTRAL, VersioningType, type Type } from '@nestjs/common';
import type { ApplicationConfig, HttpAdapterHost } from '@nestjs/core';
import type { ClickTrackingController } from './hit/click-tracking.controller.js';
import type { OpenTrackingController } from './hit/open-tracking.controller.js';
import type { UnsubscribeController } from './unsubscribe/unsubscribe.controller.js';
import type { Controllers } from './tracking.controllers.js';
import { parseUrl } from './util/parse-url.js';
import { joinTrackingUrl } from './link/tracking-url.js';
import type { TrackingOptions } from './options/tracking.options.js';
import {
  isExcluded,
  joinPaths as join,
  localPath,
  placeController,
  prefixOf,
  routerOf,
} from './util/router.js';
import type { LogLine } from './util/log.js';
import { markHandler, type RouteFinder } from './util/app-router.js';
import { installBodyReader } from './util/body-reader.js';
import { BODY_LIMITS } from './unsubscribe/unsubscribe-request.js';
import type { Problem } from './tracking.error.js';

/** One of the routes: which options are about it, and what handles it. */
const OPEN = {
  name: 'open',
  path: 'openPath',
  host: 'openHost',
  base: 'baseOpenTrackingUrl',
  handler: 'answerOpen' satisfies keyof OpenTrackingController,
} as const;

const CLICK = {
  name: 'click',
  path: 'clickPath',
  host: 'clickHost',
  base: 'baseClickTrackingUrl',
  handler: 'answerClick' satisfies keyof ClickTrackingController,
} as const;

const UNSUBSCRIBE = {
  name: 'unsubscribe',
  path: 'unsubscribePath',
  host: 'unsubscribeHost',
  base: 'baseUnsubscribeUrl',
  handler: 'answerUnsubscribe' satisfies keyof UnsubscribeController,
} as const;

type Route = typeof OPEN | typeof CLICK | typeof UNSUBSCRIBE;

/** Where the routes of a configuration answer: paths without slashes at their ends. */
export interface RoutePaths {
  open: string;
  click: string;
  /** `undefined` if there is no such route. */
  unsubscribe: string | undefined;
}

/**
 * Works out the paths of the routes.
 *
 * @param problems gets what keeps the routes from being served
 */
export function routePaths(options: TrackingOptions, problems: Problem[]): RoutePaths {
  const open = pathOf(OPEN, options, problems);
  const click = pathOf(CLICK, options, problems);
  const unsubscribe = isUnsubscribing(options) ? pathOf(UNSUBSCRIBE, options, problems) : undefined;
  if (open !== undefined && open === click && options.openHost === options.clickHost) {
    problems.push({
      option: 'openPath, clickPath',
      remedy: 'must differ: opens and clicks cannot answer at the same path',
    });
  }
  if (unsubscribe !== undefined) {
    for (const [route, path] of [
      [OPEN, open],
      [CLICK, click],
    ] as const) {
      if (path === undefined || !isInTheWay(unsubscribe, path, route, options)) continue;
      problems.push({
        option: `${route.path}, unsubscribePath`,
        remedy:
          `must differ, and ${route.path} must not be below unsubscribePath: its requests would ` +
          'get to the unsubscribe route',
      });
    }
  }
  return { open: open ?? '', click: click ?? '', unsubscribe };
}

/** Returns true if unsubscribe links are written or read. */
export function isUnsubscribing(options: TrackingOptions): boolean {
  return options.baseUnsubscribeUrl !== undefined || options.unsubscribePath !== undefined;
}

/** Where a router takes the first route that fits, the unsubscribe route comes first. */
function isInTheWay(
  unsubscribe: string,
  path: string,
  route: Route,
  options: TrackingOptions,
): boolean {
  const { unsubscribeHost } = options;
  if (path === unsubscribe) return unsubscribeHost === options[route.host];
  const isBelow = unsubscribe === '' || path.startsWith(`${unsubscribe}/`);
  const host = options[route.host] ?? promisedUrl(route, options)?.hostname;
  return isBelow && (unsubscribeHost === undefined || unsubscribeHost === host);
}

function pathOf(route: Route, options: TrackingOptions, problems: Problem[]): string | undefined {
  const path = trimmed(options[route.path] ?? promisedUrl(route, options)?.pathname);
  if (path === undefined) {
    // A base that is no URL was reported as that.
    const isJoined = route !== UNSUBSCRIBE && options.urlJoin === 'python';
    if (options[route.base] !== undefined && !isJoined) return undefined;
    problems.push({
      option: route.base,
      remedy:
        `is needed, or ${route.path}, to know where the ${route.name} route answers ` +
        '(controllers: false serves no routes)',
    });
  } else if (path === '' && options[route.host] === undefined) {
    problems.push({
      option: route.host,
      remedy:
        `is needed because the path of the ${route.name} route is the root, where it would answer ` +
        'for the whole app; set it to the host name of the tracking URLs, or give them a path',
    });
  }
  return path;
}

/** The URL that tokens are appended to. */
function promisedUrl(route: Route, options: TrackingOptions): URL | undefined {
  const base = options[route.base];
  if (base === undefined) return undefined;
  const join = route === UNSUBSCRIBE ? 'append' : (options.urlJoin ?? 'append');
  return parseUrl(joinTrackingUrl(base, '', join, false));
}

function trimmed(path: string | undefined): string | undefined {
  return path?.replace(/^\/+|\/+$/g, '');
}

type Warning = LogLine<'TrackingModule'>;

/** What the app that hosts the routes does to paths. Known only when Nest configures modules. */
export interface Host {
  config: ApplicationConfig;
  adapterHost: HttpAdapterHost;
}

/**
 * Puts the controllers where their paths say. Nest reads a controller's path when it resolves
 * routes, which is after it configured the modules, so that paths may come from async options.
 *
 * @returns `warnings` is to be called when the app has started: warns about routes that do not answer
 *   where the base URLs lead
 */
export function placeRoutes(
  options: TrackingOptions,
  controllers: Controllers,
  host: Host,
): { warnings: () => Warning[] } {
  const paths = routePaths(options, []);
  const warnings = [
    placeRoute(OPEN, paths.open, options, controllers.open, host).warnings,
    placeRoute(CLICK, paths.click, options, controllers.click, host).warnings,
  ];
  if (paths.unsubscribe === undefined) {
    removeRoute(controllers.unsubscribe, UNSUBSCRIBE);
  } else {
    const route = placeRoute(
      UNSUBSCRIBE,
      paths.unsubscribe,
      options,
      controllers.unsubscribe,
      host,
    );
    warnings.push(route.warnings);
    installBodyReader(routerOf(host.adapterHost), (request, routed) =>
      request.method === 'POST' && route.finder.takes(request, routed) ? BODY_LIMITS : undefined,
    );
  }
  return { warnings: () => warnings.flatMap((warningsOf) => warningsOf()) };
}

/**
 * Which controllers there are is known before the options. Nest routes the methods that have its
 * metadata, and the one that takes the place of the handler has none.
 */
function removeRoute(controller: Type, { handler }: Route): void {
  const unrouted = { value: () => undefined, configurable: true, writable: true };
  Object.defineProperty(controller.prototype, handler, unrouted);
}

function placeRoute(
  route: Route,
  path: string,
  options: TrackingOptions,
  controller: Type,
  { config, adapterHost }: Host,
): { finder: RouteFinder; warnings: () => Warning[] } {
  const router = routerOf(adapterHost);
  const prefix = prefixOf(config);
  const hostName = options[route.host];
  const served = (local: string) => join(local, router.wildcard);
  const local = localPath(path, prefix, (local) => isExcluded(config, served(local)));
  const { host, version } = placeController(controller, served(local), hostName);
  const finder = router.watchRoute(markHandler(controller, route.handler), path, hostName);
  const promised = promisedUrl(route, options);
  // Where `openPath` says something else, a proxy in front changes the path.
  if (promised === undefined || trimmed(promised.pathname) !== path) {
    return { finder, warnings: () => [] };
  }
  const pathWarning = (): Warning[] => {
    const served = servedInstead(finder, slashed(path), hostName ?? promised.hostname);
    const versioning = config.getVersioning();
    const byHeader = versioning !== undefined && versioning.type !== VersioningType.URI;
    const mayMiss = served !== undefined || !finder.seesVersions;
    if (byHeader && !isNeutral(version) && mayMiss) {
      return warn(
        'ROUTE_VERSIONED',
        `The ${route.name} route answers only requests for the version of your subclass, and a ` +
          `request for ${route.base} names no version. ${NO_VERSION}`,
      );
    }
    if (served === undefined) return [];
    const own = `Or set ${route.path} to '${local}' and let ${route.base} lead to ${served}.`;
    const moved =
      `The ${route.name} route answers at ${served}, but ${route.base} leads to ` +
      `${slashed(path)}, where nothing of this module answers. `;
    if (served === slashed(path)) {
      return warn(
        'ROUTE_TAKEN',
        `The ${route.name} route is registered at ${served}, but another route of the app answers ` +
          `there. Change the path of that route, or of ${route.base}.`,
      );
    }
    if (served === slashed(join(prefix, path))) {
      return warn(
        'ROUTE_PREFIXED',
        `${moved}Take it out of the global prefix: ` +
          `app.setGlobalPrefix('${prefix}', { exclude: ['${join(path, router.prefixWildcard)}'] }), without a ` +
          `method, because the route answers to all. ${own}`,
      );
    }
    if (versioning && !isNeutral(version)) {
      return warn('ROUTE_VERSIONED', `${moved}URI versioning moves it. ${NO_VERSION} ${own}`);
    }
    return warn(
      'ROUTE_MOVED',
      `${moved}Take TrackingModule out of RouterModule.register(), if it is there. ${own}`,
    );
  };
  const warnings = () => [...pathWarning(), ...hostWarning(route, promised.hostname, host)];
  return { finder, warnings };
}

const NO_VERSION =
  'Remove `version` from the @Controller() of your subclass, or set it to VERSION_NEUTRAL.';

/**
 * Asks the router.
 *
 * @returns where a controller answers instead of at a path; `undefined` if it answers there, or if
 *   the router cannot be read
 */
function servedInstead(finder: RouteFinder, path: string, hostname: string): string | undefined {
  try {
    const [served] = finder.served();
    return served === undefined || finder.reaches(path, hostname) ? undefined : served;
  } catch {
    return undefined;
  }
}

function hostWarning(route: Route, promised: string, host: unknown): Warning[] {
  const hosts = [host].flat();
  const isName = (item: unknown) => typeof item === 'string' && /^[\w.-]+$/.test(item);
  if (!hosts.every(isName)) return [];
  const names = hosts as string[];
  if (names.some((name) => name.toLowerCase() === promised)) return [];
  return warn(
    'ROUTE_HOST_DIFFERS',
    `The ${route.name} route answers only at the host ${names.join(', ')}, but ${route.base} leads ` +
      `to ${promised}. Set ${route.host} to ${promised}.`,
  );
}

function warn(code: Warning['code'], message: string): Warning[] {
  return [{ code, message }];
}

function isNeutral(version: unknown): boolean {
  return [version].flat().includes(VERSION_NEUTRAL);
}

function slashed(path: string): string {
  return path === '' ? '/' : `/${path}/`;
}
