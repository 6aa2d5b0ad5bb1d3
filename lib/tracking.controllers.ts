import type { Type } from '@nestjs/common';
import { PARAMTYPES_METADATA, SELF_DECLARED_DEPS_METADATA } from '@nestjs/common/constants.js';
import { ClickTrackingController } from './hit/click-tracking.controller.js';
import { OpenTrackingController } from './hit/open-tracking.controller.js';
import { TrackingError } from './tracking.error.js';
import type { TrackingModuleExtras } from './tracking.module-definition.js';
import { UnsubscribeController } from './unsubscribe/unsubscribe.controller.js';
import { freshController } from './util/router.js';

/** The injection token of the controllers of this registration; `null` if it has none. */
export const CONTROLLERS = 'nestjs-email-tracking:controllers';

/** The classes that Nest serves for one registration. */
export interface Controllers {
  open: Type;
  click: Type;
  unsubscribe: Type;
}

/** Makes the controllers of one registration; `null` with `controllers: false`. */
export function makeControllers({
  controllers,
  decorators,
}: TrackingModuleExtras): Controllers | null {
  if (controllers === false) return null;
  const given = {
    open: controllers?.open ?? OpenTrackingController,
    click: controllers?.click ?? ClickTrackingController,
    unsubscribe: controllers?.unsubscribe ?? UnsubscribeController,
  };
  for (const controller of Object.values(given)) checkInjectable(controller);
  return {
    open: freshController(given.open, decorators),
    click: freshController(given.click, decorators),
    unsubscribe: freshController(given.unsubscribe, decorators),
  };
}

/**
 * Nest knows what a constructor injects from the types that TypeScript writes down for a class with
 * a decorator (not with tsx and plain esbuild), or from `@Inject()` on its parameters.
 */
function checkInjectable(controller: Type): void {
  const types = (Reflect.getMetadata(PARAMTYPES_METADATA, controller) ?? []) as unknown[];
  const tokens = (Reflect.getMetadata(SELF_DECLARED_DEPS_METADATA, controller) ?? []) as {
    index: number;
  }[];
  const known = new Set([...types.keys(), ...tokens.map(({ index }) => index)]);
  for (let index = 0; index < controller.length; index++) {
    if (known.has(index)) continue;
    throw new TrackingError(
      'INVALID_OPTIONS',
      `controllers: Nest cannot know what the constructor of ${controller.name} injects. Put ` +
        `@Injectable() on ${controller.name}, or write @Inject(Dep) on each parameter: without ` +
        'emitDecoratorMetadata (tsx, plain esbuild) @Injectable() is not enough.',
    );
  }
}
