export {
  pgClient,
  pgliteClient,
  type PgliteLike,
  type PgliteResultLike,
  type PgliteTransactionLike,
  type PgPoolClientLike,
  type PgPoolLike,
  type SqlClient,
  type SqlResult,
} from '../sql/sql-client.js';
export {
  type IsSuppressed,
  type NotSuppressed,
  type Suppression,
  type SuppressionCheck,
  type SuppressionFilterOptions,
  type SuppressionList,
  type SuppressionListFilter,
  type SuppressionPage,
  type SuppressionQuery,
  type SuppressionReason,
  type SuppressionScope,
} from './suppression.js';
export { type TrackingSuppressionOptions } from './suppression-options.js';
export {
  TrackingSuppressionModule,
  type TrackingSuppressionModuleAsyncOptions,
  type TrackingSuppressionModuleExtras,
  type TrackingSuppressionModuleOptions,
  type TrackingSuppressionOptionsFactory,
} from './tracking-suppression.module.js';
export { type SuppressionExportOptions, type SuppressionFormat } from './export.js';
export {
  type SuppressionImportOptions,
  type SuppressionImportProblem,
  type SuppressionImportResult,
} from './import.js';
export {
  type SuppressionDay,
  type SuppressionFact,
  type SuppressionHistory,
  type SuppressionMoment,
} from './history.js';
export { type SuppressionSource } from './records.js';
export { SuppressionService } from './suppression.service.js';
export { type SuppressionHealth } from './suppression-access.js';
