import { load, type CheerioAPI } from 'cheerio';
import { newestMail, type Sample } from './start-sample.js';

/** Headers of a person's browser. */
export const BROWSER = {
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
  accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
  'accept-language': 'en-US,en;q=0.9',
  'sec-fetch-dest': 'document',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-site': 'cross-site',
  'sec-fetch-user': '?1',
};

export const pathOf = (messageId: string): string =>
  `/messages/${encodeURIComponent(messageId.replace(/^<|>$/g, ''))}`;

/** A page of the app, to be looked at. */
export async function pageAt({ http }: Sample, path: string, status = 200): Promise<CheerioAPI> {
  const { text } = await http.get(path).expect(status).expect('Content-Type', /html/);
  return load(text);
}

/** Asks again until a page shows what it must: numbers are written a moment after the event. */
export async function pageWith(
  sample: Sample,
  path: string,
  shows: ($: CheerioAPI) => boolean,
): Promise<CheerioAPI> {
  let last = '';
  for (let tries = 0; tries < 200; tries++) {
    const { text } = await sample.http.get(path);
    const $ = load(text);
    if (shows($)) return $;
    last = $('main').text().replace(/\s+/g, ' ');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${path} did not come to show it: ${last}`);
}

/** Who is quicker than that after a mail was sent may be a machine. */
const A_PERSON_TAKES_MS = 2100;

/** A person opens the newest mail and follows its first link. */
export async function read(sample: Sample): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, A_PERSON_TAKES_MS));
  const { html } = await newestMail(sample);
  await sample.http.get(/\/open\/[\w=-]+/.exec(html)![0]).set({
    ...BROWSER,
    accept: 'image/avif,image/webp,*/*;q=0.8',
    'sec-fetch-dest': 'image',
    'sec-fetch-mode': 'no-cors',
  });
  await sample.http
    .get(/\/click\/[\w=-]+/.exec(html)![0])
    .set(BROWSER)
    .expect(302);
}

/** The cells of a table's row that begins so. */
export function rowOf($: CheerioAPI, table: string, heading: string): string[] {
  const row = $(`${table} tbody tr`).filter((_, element) =>
    $(element).find('th').text().includes(heading),
  );
  return row
    .find('td')
    .toArray()
    .map((cell) => $(cell).text().replace(/\s+/g, ' ').trim());
}

/** The tiles of a page: title, and number with what is said of it. */
export function tilesOf($: CheerioAPI): Record<string, string> {
  return Object.fromEntries(
    $('.tile')
      .toArray()
      .map((tile) => [
        $(tile).find('dt').text(),
        `${$(tile).find('b').text()} ${$(tile).find('small').text()}`,
      ]),
  );
}
