import type { ApplicationConfig, HttpAdapterHost } from '@nestjs/core';
import type { EspSettings, ReadyProvider } from './esp-settings.js';
import type { BodyLimits } from './raw-body.js';

/** Finds the provider that a path belongs to. */
export class EspRoutes {
  private readonly byPath = new Map<string, ReadyProvider>();
  private readonly paths: readonly string[];

  constructor(private readonly settings: EspSettings) {
    const below = settings.providers.flatMap((ready) =>
      ready.provider.routes.map((route) => [`${settings.path}/${route}`, ready] as const),
    );
    for (const [path, ready] of below) this.byPath.set(path.toLowerCase(), ready);
    this.paths = below.map(([path]) => path);
  }

  /**
   * Works out what to tell Nest. A global prefix that the path starts with is taken off, because
   * Nest puts it on again.
   */
  place(config: ApplicationConfig, { httpAdapter }: HttpAdapterHost): string[] {
    const prefix = config.getGlobalPrefix().replace(/^\/+|\/+$/g, '');
    const excluded = (path: string) =>
      (config.getGlobalPrefixOptions().exclude ?? []).some(({ pathRegex }) =>
        pathRegex.test(`/${path}`),
      );
    const local = this.paths.map((path) => {
      if (prefix === '' || excluded(path)) return path;
      if (path.startsWith(`${prefix}/`)) return path.slice(prefix.length + 1);
      this.byPath.set(`${prefix}/${path}`.toLowerCase(), this.find(path)!);
      return path;
    });
    // Nest cuts the last slash off a path; for Fastify, unlike Express, that is another route.
    return httpAdapter.getType() === 'fastify'
      ? local.flatMap((path) => [path, `${path}/*`])
      : local;
  }

  /** Returns the limits of a body for a path; `undefined` if it is no provider's. */
  limitsOf(path: string): BodyLimits | undefined {
    const ready = this.find(path);
    if (!ready) return undefined;
    const { bytes = Infinity, unpacked } = ready.provider.limits ?? {};
    return { bytes: Math.min(bytes, this.settings.bodyLimit), unpacked };
  }

  /** @param path without its query; with any number of slashes at its ends, in any case */
  find(path: string): ReadyProvider | undefined {
    return this.byPath.get(withoutEdges(path).toLowerCase());
  }
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
