import { VERSION_NEUTRAL, VersioningType, type Type } from '@nestjs/common';
import type { ApplicationConfig, HttpAdapterHost } from '@nestjs/core';
import type { ClickTrackingController } from './hit/click-tracking.controller.js';
import type { OpenTrackingController } from './hit/open-tracking.controller.js';
import { parseUrl } from './link/parse-url.js';
import { joinTrackingUrl } from './link/tracking-url.js';
import type { TrackingOptions } from './tracking.options.js';
import type { Problem } from './tracking.error.js';

/** One of the two routes: which options speak of it. */
interface Route {
  name: 'open' | 'click';
  path: 'openPath' | 'clickPath';
  host: 'openHost' | 'clickHost';
  base: 'baseOpenTrackingUrl' | 'baseClickTrackingUrl';
  handler: string;
}

const OPEN: Route = {
  name: 'open',
  path: 'openPath',
  host: 'openHost',
  base: 'baseOpenTrackingUrl',
  handler: 'answerOpen' satisfies keyof OpenTrackingController,
};

const CLICK: Route = {
  name: 'click',
  path: 'clickPath',
  host: 'clickHost',
  base: 'baseClickTrackingUrl',
  handler: 'answerClick' satisfies keyof ClickTrackingController,
};

/** Where the routes of a configuration answer: paths without slashes at their ends. */
export interface RoutePaths {
  open: string;
  click: string;
}

/**
 * Works out the paths of both routes.
 *
 * @param problems gets what keeps the routes from being served
 */
export function routePaths(options: TrackingOptions, problems: Problem[]): RoutePaths {
  const paths = { open: pathOf(OPEN, options, problems), click: pathOf(CLICK, options, problems) };
  const sameHost = options.openHost === options.clickHost;
  if (paths.open !== undefined && paths.open === paths.click && sameHost) {
    problems.push({
      option: 'openPath, clickPath',
      remedy: 'must differ: opens and clicks cannot answer at the same path',
    });
  }
  return { open: paths.open ?? '', click: paths.click ?? '' };
}

function pathOf(route: Route, options: TrackingOptions, problems: Problem[]): string | undefined {
  const path = trimmed(options[route.path] ?? promisedPath(route, options));
  if (path === undefined) {
    // A base that is no URL was reported as that.
    if (options[route.base] !== undefined && options.urlJoin !== 'python') return undefined;
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
        `is needed because the ${route.name} route answers at the root, where it would swallow ` +
        'the app; set it to the host name of the tracking URLs, or give them a path',
    });
  }
  return path;
}

/** The path below which a base URL puts its tokens, as far as it can be seen from here. */
function promisedPath(route: Route, options: TrackingOptions): string | undefined {
  const base = options[route.base];
  if (base === undefined) return undefined;
  return parseUrl(joinTrackingUrl(base, '', options.urlJoin ?? 'append', false))?.pathname;
}

function trimmed(path: string | undefined): string | undefined {
  return path?.replace(/^\/+|\/+$/g, '');
}

/** What the app that hosts the routes does to paths. Known only when Nest configures modules. */
export interface Host {
  config: ApplicationConfig;
  adapterHost: HttpAdapterHost;
}

/**
 * Puts the controllers where their paths say. Nest reads a controller's path when it resolves
 * routes, which is after it configured the modules, so that paths may come from async options.
 *
 * @returns warnings about routes that would answer elsewhere than the base URLs promise
 */
export function placeRoutes(
  options: TrackingOptions,
  controllers: { open: Type; click: Type },
  host: Host,
): string[] {
  const paths = routePaths(options, []);
  return [
    ...placeRoute(OPEN, paths.open, options, controllers.open, host),
    ...placeRoute(CLICK, paths.click, options, controllers.click, host),
  ];
}

function placeRoute(
  route: Route,
  path: string,
  options: TrackingOptions,
  controller: Type,
  { config, adapterHost }: Host,
): string[] {
  const { wildcard, pattern, isFastify } = routerOf(adapterHost);
  const prefix = trimmed(config.getGlobalPrefix()) ?? '';
  const excluded = prefix !== '' && isExcluded(config, join(path, wildcard));
  const startsWithPrefix = `${path}/`.startsWith(`${prefix}/`);
  const local =
    prefix !== '' && !excluded && startsWithPrefix ? path.slice(prefix.length + 1) : path;
  setMetadata('path', join(local, wildcard), controller);
  const hostName = options[route.host];
  if (hostName !== undefined) {
    setMetadata('host', hostName, controller);
    if (isFastify) constrainFastify(route, controller, hostName, adapterHost);
  }

  const served = excluded ? local : join(prefix, local);
  const promised = trimmed(promisedPath(route, options));
  const warnings: string[] = [];
  if (promised !== undefined && served !== promised && path === promised) {
    warnings.push(
      `The ${route.name} route answers at /${served}/ because of the global prefix, but ` +
        `${route.base} promises /${promised}/. Exempt it: ` +
        `app.setGlobalPrefix('${prefix}', { exclude: ['${join(path, pattern)}'] })`,
    );
  }
  return [
    ...warnings,
    ...versionWarning(route, controller, config),
    ...hostWarning(route, options),
  ];
}

function versionWarning(route: Route, controller: Type, config: ApplicationConfig): string[] {
  const version: unknown = Reflect.getMetadata('__version__', controller);
  if (config.getVersioning()?.type !== VersioningType.URI || version === VERSION_NEUTRAL) return [];
  return [
    `The ${route.name} route moves with URI versioning, away from what ${route.base} promises. ` +
      'Take `version` off the @Controller() of your subclass, or set it to VERSION_NEUTRAL.',
  ];
}

function hostWarning(route: Route, options: TrackingOptions): string[] {
  const base = options[route.base];
  const promised = base === undefined ? undefined : parseUrl(base)?.hostname;
  const served = options[route.host];
  if (promised === undefined || served === undefined || served.toLowerCase() === promised)
    return [];
  return [
    `The ${route.name} route answers only at the host ${served}, but ${route.base} promises ` +
      `${promised}. Set ${route.host} to that.`,
  ];
}

interface Router {
  isFastify: boolean;
  /**
   * How the router spells a wildcard. It is one because Fastify's parameters end at 100 characters
   * by default, and no real token is that short.
   */
  wildcard: string;
  /** How `setGlobalPrefix` spells the same: Nest 10 by an older path-to-regexp. */
  pattern: string;
}

function routerOf({ httpAdapter }: HttpAdapterHost): Router {
  const instance = httpAdapter.getInstance<{ lazyrouter?: unknown; version?: string }>();
  if (httpAdapter.getType() === 'fastify') {
    const isFastify4 = instance.version?.startsWith('4.') ?? false;
    return { isFastify: true, wildcard: '*', pattern: isFastify4 ? '(.*)' : '*token' };
  }
  const isExpress4 = typeof instance.lazyrouter === 'function';
  return isExpress4
    ? { isFastify: false, wildcard: '*', pattern: '(.*)' }
    : { isFastify: false, wildcard: '*token', pattern: '*token' };
}

/**
 * Nest filters hosts after Fastify chose a route, when it is too late to choose another; a route
 * constraint is Fastify's own way. A hook sets it, because Nest 10 and 11 do not pass constraints
 * on for `@All()`. The handler is marked for it, and the handler of the base class serves other
 * apps too, so this controller gets one of its own.
 */
function constrainFastify(
  route: Route,
  controller: Type,
  hostName: string,
  { httpAdapter }: HttpAdapterHost,
): void {
  const prototype = controller.prototype as Record<string, (...args: unknown[]) => unknown>;
  const inherited = prototype[route.handler]!;
  const own = function (this: unknown, ...args: unknown[]) {
    return inherited.apply(this, args);
  };
  for (const key of Reflect.getMetadataKeys(inherited) as string[]) {
    Reflect.defineMetadata(key, Reflect.getMetadata(key, inherited), own);
  }
  const host = new RegExp(`^${hostName.replaceAll('.', '\\.')}(?::\\d+)?$`, 'i');
  Reflect.defineMetadata(CONSTRAINT, host, own);
  prototype[route.handler] = own;
  httpAdapter.getInstance<FastifyHooks>().addHook('onRoute', (added) => {
    if (Reflect.getMetadata(CONSTRAINT, added.handler) === host) {
      added.constraints = { ...added.constraints, host };
    }
  });
}

/** Nest copies the metadata of a handler to what it gives Fastify. */
const CONSTRAINT = 'nestjs-email-tracking:host';

/** What Fastify's instance has that is used here. */
interface FastifyHooks {
  addHook(name: 'onRoute', hook: (added: { handler: object; constraints?: object }) => void): void;
}

/** Whether the app exempted a route from its global prefix, judged as Nest judges it. */
function isExcluded(config: ApplicationConfig, path: string): boolean {
  const { exclude } = config.getGlobalPrefixOptions();
  return (exclude ?? []).some(({ pathRegex }) => pathRegex.test(`/${path}`));
}

function join(...segments: string[]): string {
  return segments.filter((segment) => segment !== '').join('/');
}

/** Nest's metadata keys of a controller are not exported; they have been these since its start. */
function setMetadata(key: 'path' | 'host', value: unknown, controller: Type): void {
  Reflect.defineMetadata(key, value, controller);
}
