export {
  type TrackingOtelAsyncOptions,
  TrackingOtelModule,
  type TrackingOtelOptions,
} from './tracking-otel.module.js';
