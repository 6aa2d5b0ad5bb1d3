import type { SuppressedRecipients } from '../plugin.js';
import type { SqlClient } from '../sql/sql-client.js';
import { checkLimit, invalid, membersOf } from '../util/query-checks.js';
import { scanSegment, type SegmentFilter, type SegmentMember } from './sql/segment.js';
import type { Tables } from './sql/tables.js';

/** Selects a page of a segment. */
export interface SegmentPage {
  /**
   * How many at the most, up to 1000.
   *
   * @default 50
   */
  limit?: number;
  /** The `next` of the page before. Default: the first page. */
  after?: string;
}

/** A page of recipients, in the order of their addresses. */
export interface Segment {
  /** The recipients of the page. */
  members: SegmentMember[];
  /** What to ask the next page `after`; `null` if this is the last one. */
  next: string | null;
}

/** A list that nobody can have left alone: only what stops all lists, or all mails, counts. */
const ANY_LIST = '*';

/** How many recipients a statement looks at: it starts with few, and goes on where members are rare. */
const MAX_SIZE = 20_000;

/** Checks which page is asked for. @throws TrackingError `INVALID_OPTIONS` */
export function checkSegmentPage(page: SegmentPage): Required<SegmentPage> {
  const known = Object.fromEntries(membersOf('segment', page, ['limit', 'after'])) as SegmentPage;
  const { limit = 50, after = '' } = known;
  if (typeof after !== 'string' || after.includes('\0'))
    throw invalid('segment', ['after: must be the next of the page before']);
  return { limit: checkLimit('segment', limit), after };
}

/** Returns a page of a segment, without those who must not be written to. */
export async function segment(
  client: SqlClient,
  tables: Tables,
  { list = ANY_LIST, withSuppressed = false, ...filter }: SegmentFilter,
  { limit, after }: Required<SegmentPage>,
  suppression: SuppressedRecipients | undefined,
): Promise<Segment> {
  if (list !== ANY_LIST && !withSuppressed && !suppression) throw noSuppression();
  const members: SegmentMember[] = [];
  let next: string | null = after;
  for (let size = 4 * limit; next !== null && members.length < limit; size *= 4) {
    const isRare = size > 16 * limit;
    const left = limit - members.length;
    const scan = { after: next, limit: left, size: Math.min(size, MAX_SIZE), isRare };
    const found = await scanSegment(client, tables, filter, scan);
    const allowed =
      withSuppressed || !suppression
        ? found.members
        : await suppression.filter(found.members, ({ recipient }) => recipient, { list });
    members.push(...allowed);
    next = found.next;
  }
  return { members, next };
}

function noSuppression() {
  return invalid('segment', [
    'list: who left it is not known, because the app does not import TrackingSuppressionModule; import it ' +
      'from nestjs-email-tracking/suppression, or set withSuppressed',
  ]);
}
