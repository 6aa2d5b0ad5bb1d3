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
export { type Clicker, type ClickerList, type LinkFilter } from './sql/clickers.js';
export { type DomainsFilter, type DomainStats } from './sql/domains.js';
export {
  type BounceList,
  type BounceReason,
  type BouncesFilter,
  type EventList,
  type EventsFilter,
} from './sql/events.js';
export { type HourStats } from './sql/hours.js';
export {
  type ComparedDifference,
  type ComparedPair,
  type ComparedRate,
  type ComparedVariant,
  type CompareMetric,
  type CompareOptions,
  type CompareReason,
  type Comparison,
  type SplitCheck,
} from './compare.js';
export { type ConfidenceInterval } from './proportions.js';
export { type LinkStats, type TopLink } from './sql/links.js';
export { type ReaderClass } from './sql/reader.js';
export {
  type CampaignList,
  type CampaignsFilter,
  type CampaignSort,
  type CampaignsPage,
  type StatsStep,
} from './sql/numbers.js';
export { type Removed } from './sql/removal.js';
export { type SegmentFilter, type SegmentMember } from './sql/segment.js';
export {
  type MailList,
  type MailsFilter,
  type MailSort,
  type MailsPage,
  type MailState,
  type RecordedEvent,
  type Story,
  type StoryFilter,
} from './sql/story.js';
export { type StatsExport, type StatsExports } from './export-sources.js';
export { type ExportOptions } from './stats-export.js';
export {
  type BounceType,
  type StatsFilter,
  type StatsPage,
  type StatsPeriod,
} from './stats-filter.js';
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
export { StatsQuestions } from './stats-questions.js';
export { type Segment, type SegmentPage } from './stats-segment.js';
export { type StatsCounts } from './stats-sink.js';
export {
  TrackingStatsModule,
  type TrackingStatsModuleAsyncOptions,
  type TrackingStatsModuleExtras,
  type TrackingStatsModuleOptions,
  type TrackingStatsOptionsFactory,
} from './tracking-stats.module.js';
export { type TrackingStatsHealth, TrackingStatsService } from './tracking-stats.service.js';
