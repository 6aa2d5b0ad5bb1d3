export {
  RECIPIENT_STORE,
  type Person,
  type PrivacyMode,
  type RecipientHash,
  type RecipientStore,
} from '../plugin.js';
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
export { type ConsentGrant, type ConsentRecord, type ConsentWithdrawal } from './consent.js';
export { type ErasureReport, type StoreErasure } from './person-data.js';
export { type TrackingPrivacyOptions } from './privacy-options.js';
export { PrivacyService } from './privacy.service.js';
export {
  TrackingPrivacyModule,
  type TrackingPrivacyModuleAsyncOptions,
  type TrackingPrivacyModuleExtras,
  type TrackingPrivacyModuleOptions,
  type TrackingPrivacyOptionsFactory,
} from './tracking-privacy.module.js';
