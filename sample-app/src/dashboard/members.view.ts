import type { SegmentMember } from 'nestjs-email-tracking/stats';
import { ago, day, number, recipientPath, text } from './format.js';
import { renderTable, type Column } from './table.view.js';

const COLUMNS: Column[] = [
  { title: 'Recipient' },
  { title: 'Mails', isNumber: true },
  { title: 'Last opened' },
  { title: 'Last clicked' },
  { title: 'Last mail', isAside: true },
];

/** Recipients with the latest that is known of each. */
export function renderMembers(members: SegmentMember[]): string {
  if (members.length === 0) return '<p class="empty">Nobody.</p>';
  return renderTable(
    'Recipients, with the latest that is known of each',
    COLUMNS,
    members.map(({ recipient, mails, lastOpenAt, lastClickAt, lastSeen, lastMailAt }) => [
      `<a href="${recipientPath(recipient)}">${text(recipient)}</a>`,
      number(mails),
      lastOpenAt ? ago(lastOpenAt) : lastSeen ? day(new Date(`${lastSeen}T12:00:00`)) : '–',
      lastClickAt ? ago(lastClickAt) : '–',
      lastMailAt ? ago(lastMailAt) : '–',
    ]),
  );
}
