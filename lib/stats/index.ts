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
export { type LinkStats, type TopLink } from './sql/links.js';
export { type ReaderClass } from './sql/reader.js';
export {
  type CampaignList,
  type CampaignsFilter,
  type StatsPage,
  type StatsStep,
} from './sql/numbers.js';
export { type Removed } from './sql/removal.js';
export {
  type MailList,
  type MailsFilter,
  type MailState,
  type RecordedEvent,
  type Story,
  type StoryFilter,
} from './sql/story.js';
export { type StatsFilter } from './stats-filter.js';
export {
  type CampaignTotals,
  type HitNumbers,
  type LinkClicks,
  type StatsCohort,
  type StatsNumbers,
  type StatsPoint,
  type StatsRates,
  type StatsTotals,
  type Tally,
  type UnsubscribeNumbers,
} from './stats-numbers.js';
export { type StatsRetentionOptions, type TrackingStatsOptions } from './stats-options.js';
export { type Retained } from './stats-retention.js';
export { type StatsCounts } from './stats-sink.js';
export {
  TrackingStatsModule,
  type TrackingStatsModuleAsyncOptions,
  type TrackingStatsModuleExtras,
  type TrackingStatsModuleOptions,
  type TrackingStatsOptionsFactory,
} from './tracking-stats.module.js';
export { type TrackingStatsHealth, TrackingStatsService } from './tracking-stats.service.js';
