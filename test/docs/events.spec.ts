import * as tracking from 'nestjs-email-tracking';
import { EVENT_NAMES } from '../../lib/event/tracking-events.js';
import { membersOf } from './declarations.js';
import { documents } from './documents.js';
import { tablesOf } from './markdown.js';

const guide = documents.get('docs/events.md')!;

test('every name that is exported has a row, with its payload', () => {
  const names = Object.entries(tracking)
    .filter(([constant]) => /^TRACKING_[A-Z_]+$/.test(constant))
    .map(([, value]) => value)
    .filter((value) => typeof value === 'string' && /^tracking\.\w+$/.test(value));
  const { rows } = tablesOf(guide, 'Names')[0]!;
  expect(rows.map(([name]) => name).toSorted()).toEqual(names.toSorted());
  const withTrackingEvent = rows.filter(([, payload]) => payload === 'TrackingEvent');
  expect(withTrackingEvent.map(([name]) => name).toSorted()).toEqual(
    Object.values(EVENT_NAMES).toSorted(),
  );
});

test('every field of an event is listed, with its type', () => {
  const { rows } = tablesOf(guide, 'Fields of an event')[0]!;
  const all = membersOf('lib/event/tracking-event.ts', 'TrackingEvent');
  const others = /The other fields \(([^)]*)\)/.exec(guide.text.replaceAll('\n', ' '))![1]!;
  const unused = [...others.matchAll(/`(\w+)`/g)].map(([, field]) => field);
  expect(rows.map(([field, type]) => [field, type])).toEqual(
    all.filter(({ name }) => !unused.includes(name)).map(({ name, type }) => [name, type]),
  );
  expect(rows).toHaveLength(all.length - unused.length);
});
