import {
  Controller,
  type ControllerOptions,
  RequestMethod,
  SetMetadata,
  type Type,
  VERSION_NEUTRAL,
} from '@nestjs/common';
import {
  HOST_METADATA,
  SCOPE_OPTIONS_METADATA,
  VERSION_METADATA,
} from '@nestjs/common/constants.js';
import type { ApplicationConfig, HttpAdapterHost } from '@nestjs/core';
import type { AppRouter } from './app-router.js';
import { ExpressRouter } from './express-router.js';
import { FastifyRouter } from './fastify-router.js';

/** Returns the router of the app. */
export function routerOf({ httpAdapter }: HttpAdapterHost): AppRouter {
  return httpAdapter.getType() === 'fastify'
    ? new FastifyRouter(httpAdapter.getInstance())
    : new ExpressRouter(httpAdapter);
}

/** Makes a class of its own for one registration: two apps in a process may differ in its paths. */
export function freshController(base: Type, decorators: ClassDecorator[] = []): Type {
  const { [base.name]: fresh } = { [base.name]: class extends base {} };
  // What @nestjs/swagger looks for: the routes are no part of the app's API.
  SetMetadata('swagger/apiExcludeController', [true])(fresh!);
  for (const decorate of [...decorators].reverse()) decorate(fresh!);
  return fresh!;
}

/**
 * Puts a controller at paths. Nest reads them when it resolves routes, which is after it configured
 * the modules. A host, version and scope of its own `@Controller()` stay.
 *
 * @param hostName the only host at which it answers, in place of its own
 */
export function placeController(
  controller: Type,
  path: string | string[],
  hostName?: string,
): { host: unknown; version: unknown } {
  const read = <Value>(key: string) => Reflect.getMetadata(key, controller) as Value | undefined;
  const host = hostName ?? read<string>(HOST_METADATA);
  // A reader's request names no version, so a controller that names none answers without.
  const version = read<ControllerOptions['version']>(VERSION_METADATA) ?? VERSION_NEUTRAL;
  Controller({ ...read<object>(SCOPE_OPTIONS_METADATA), path, host, version })(controller);
  return { host, version };
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

/** The global prefix of the app, without slashes at its ends. */
export function prefixOf(config: ApplicationConfig): string {
  return config.getGlobalPrefix().replace(/^\/+|\/+$/g, '');
}

/** Whether the app exempts a path from its global prefix, as Nest decides it for `@All()`. */
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
