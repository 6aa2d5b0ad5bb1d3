import {
  ConfigurableModuleBuilder,
  type ConfigurableModuleAsyncOptions,
  type DynamicModule,
} from '@nestjs/common';
import type { EspTrackingModuleExtras, EspTrackingOptions } from './esp.options.js';

const definition = new ConfigurableModuleBuilder<EspTrackingOptions>({
  moduleName: 'nestjs-email-tracking-esp',
  optionsInjectionToken: 'nestjs-email-tracking:raw-esp-options',
})
  .setClassMethodName('forRoot')
  .setFactoryMethodName('createEspTrackingOptions')
  // Nest takes only the extras that are named here out of the options.
  .setExtras<EspTrackingModuleExtras>({ imports: undefined, decorators: undefined }, withExtras)
  .build();

function withExtras(definition: DynamicModule, extras: EspTrackingModuleExtras): DynamicModule {
  return {
    ...definition,
    imports: [...(definition.imports ?? []), ...(extras.imports ?? [])],
  };
}

/** What `EspTrackingModule.forRoot` takes. */
export type EspTrackingModuleOptions = EspTrackingOptions & EspTrackingModuleExtras;

/** What `EspTrackingModule.forRootAsync` takes: one of `useFactory`, `useClass`, `useExisting`. */
export type EspTrackingModuleAsyncOptions = ConfigurableModuleAsyncOptions<
  EspTrackingOptions,
  'createEspTrackingOptions'
> &
  Omit<EspTrackingModuleExtras, 'imports'>;

export const ConfigurableModuleClass = definition.ConfigurableModuleClass;

/** The injection token of the options as they were given. */
export const RAW_ESP_OPTIONS = definition.MODULE_OPTIONS_TOKEN;
