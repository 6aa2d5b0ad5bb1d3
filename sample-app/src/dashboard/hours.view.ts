import type { HourStats } from 'nestjs-email-tracking/stats';
import { READERS } from '../words.js';
import { number, plural } from './format.js';

const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
const HOURS = Array.from({ length: 24 }, (_, hour) => hour);
/** How many shades there are. */
const SHADES = 5;

/** When people open and click: a table of weekdays and hours, the busier the darker. */
export function renderHours(hours: HourStats[], timeZone: string): string {
  const counts = new Map(hours.map((one) => [`${one.weekday} ${one.hour}`, hitsOf(one)]));
  const most = Math.max(0, ...counts.values());
  if (most === 0) return '<p class="empty">No opens or clicks by people yet.</p>';
  const rows = WEEKDAYS.map(
    (weekday, day) =>
      `<tr><th scope="row"><abbr title="${weekday}">${weekday.slice(0, 2)}</abbr></th>${HOURS.map(
        (hour) => renderCell(counts.get(`${day + 1} ${hour}`) ?? 0, most, weekday, hour),
      ).join('')}</tr>`,
  );
  return `<table class="heat"><caption>Opens and clicks by people, by the hours of ${timeZone}.
      ${busiestOf(hours, most)}</caption>
    <thead><tr><td></td>${HOURS.map(renderHour).join('')}</tr></thead>
    <tbody>${rows.join('')}</tbody></table>
    <p class="shades" aria-hidden="true">0 ${Array.from(
      { length: SHADES + 1 },
      (_, shade) => `<span class="heat-${shade}"></span>`,
    ).join('')} ${number(most)}</p>`;
}

const hitsOf = ({ opens, clicks }: HourStats): number => opens.people + clicks.people;

/** Every sixth hour is written out; the others are for those who hear the table. */
const renderHour = (hour: number): string =>
  `<th scope="col"><span${hour % 6 === 0 ? '' : ' class="visually-hidden"'}>${hour}</span></th>`;

function renderCell(count: number, most: number, weekday: string, hour: number): string {
  const shade = Math.ceil((count / most) * SHADES);
  return `<td class="heat-${shade}" title="${weekday}, ${hour}:00 to ${hour + 1}:00: ${number(count)}"><span class="visually-hidden">${number(count)}</span></td>`;
}

function busiestOf(hours: HourStats[], most: number): string {
  const busiest = hours.find((one) => hitsOf(one) === most)!;
  return `The busiest hour is ${WEEKDAYS[busiest.weekday - 1]} from ${busiest.hour}:00, with ${plural(most, 'hit')} of ${READERS.people.toLowerCase()}.`;
}
