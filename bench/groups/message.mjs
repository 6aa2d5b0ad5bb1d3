// Mails: finding their links, rewriting them whole, and rendering them for many recipients.

import { timeCandidates, Worker } from '../harness.mjs';
import { provideMails } from '../mails/corpus.mjs';
import { row, timesAsFast, timesTheTime } from '../rows.mjs';

const SCANNING = new URL('../message/scanning.mjs', import.meta.url);
const REWRITING = new URL('../message/rewriting.mjs', import.meta.url);
const ALLOCATION = new URL('../message/allocation.mjs', import.meta.url);

export async function measure(options) {
  const provided = await provideMails(options);
  const rows = [];
  try {
    for (const [corpus, mails] of Object.entries(provided.mails)) {
      if (mails.length === 0) {
        options.log(`  ${corpus}: not here or a smoke run, so there are no rows about them`);
        continue;
      }
      const size = mails.reduce((sum, { html }) => sum + html.length, 0);
      const links = await compareWork(corpus, mails);
      options.log(
        `  ${corpus}: ${mails.length} mails, ${(size / 1000).toFixed(0)} k characters, ${links} tracked links`,
      );
      // Only the mails that everyone can render promise something.
      const isPromised = corpus === 'rendered';
      rows.push(...(await measureCorpus(corpus, mails.length, isPromised, options)));
    }
  } finally {
    provided.remove();
  }
  return rows;
}

async function measureCorpus(corpus, count, isPromised, options) {
  const timed = async (file, names) => {
    const times = await timeCandidates(
      file,
      names.map((name) => `${name}:${corpus}`),
      // One call is a whole corpus: it takes some until all of the code is optimised.
      { ...options, warmUpMs: options.quick ? 150 : 1000 },
    );
    return Object.fromEntries(names.map((name) => [name, times[`${name}:${corpus}`] / count]));
  };
  const scan = await timed(SCANNING, ['ours', 'htmlparser2', 'parse5', 'scan', 'indexOf']);
  const rewrite = await timed(REWRITING, ['adaptHtml', 'cheerio', 'render', 'sealing']);
  const mails = isPromised ? `${count} mails` : `${count} mails of collections`;
  const target = (given) => (isPromised ? given : undefined);
  const compared = (compare, what, ours, other, promise) =>
    compare(`${what}, ${mails}`, ours, other, target(promise));
  return [
    compared(timesAsFast, 'scan and splice / htmlparser2', scan.ours, scan.htmlparser2, {
      atLeast: 3,
    }),
    compared(timesAsFast, 'scan and splice / parse5', scan.ours, scan.parse5, { atLeast: 14 }),
    compared(timesTheTime, "scan / indexOf('<')", scan.scan, scan.indexOf, { atMost: 8 }),
    compared(timesAsFast, 'adaptHtml / cheerio', rewrite.adaptHtml, rewrite.cheerio, {
      atLeast: 10,
    }),
    // Both seal the same links with the same code: this is what they differ in.
    compared(
      timesAsFast,
      'adaptHtml / cheerio, less the sealing',
      rewrite.adaptHtml - rewrite.sealing,
      rewrite.cheerio - rewrite.sealing,
    ),
    compared(timesAsFast, 'render / adaptHtml', rewrite.render, rewrite.adaptHtml, {
      atLeast: 1.6,
    }),
    compared(timesTheTime, 'render / sealing its tokens', rewrite.render, rewrite.sealing, {
      atMost: 1.3,
    }),
    ...(await measureAllocation(corpus, mails, options)),
  ];
}

async function measureAllocation(corpus, mails, { quick, log }) {
  const flags = ['--expose-gc', '--min-semi-space-size=64', '--max-semi-space-size=64'];
  const worker = await Worker.start(ALLOCATION, [corpus], { flags });
  try {
    const bytes = {};
    const asked = quick ? { warmUpMs: 100, rounds: 3 } : { warmUpMs: 1500, rounds: 5 };
    for (const work of [
      'scan',
      'scan and splice',
      'htmlparser2 and splice',
      'adaptHtml',
      'sealing',
      'render',
    ]) {
      const { allocated, given } = await worker.ask({ work, ...asked });
      log(`  ${work}: ${(allocated / given).toFixed(2)} bytes allocated per byte`);
      bytes[work] = { ours: allocated, other: given };
    }
    return ['scan', 'scan and splice', 'adaptHtml', 'render'].map((work) => {
      const { ours, other } = bytes[work];
      const name = `${work}, heap allocated / size of the mails, ${mails}`;
      return row(name, {
        ours: ours / 1024,
        other: other / 1024,
        ratio: ours / other,
        unit: 'KiB',
      });
    });
  } finally {
    await worker.stop();
  }
}

/**
 * Before anything is timed: who scans must find the same, and whoever rewrites must put the same
 * destinations into the mail.
 *
 * @returns how many links are tracked
 */
async function compareWork(corpus, mails) {
  const { FINDERS, splice } = await import(SCANNING.href);
  const { createService, RECIPIENTS, REWRITERS } = await import(REWRITING.href);
  const service = await createService();
  let links = 0;
  for (const { name, html } of mails) {
    const spliced = Object.entries(FINDERS).map(([who, find]) => [who, splice(html, find(html))]);
    requireEqual(name, spliced);
    // The mails of collections hold placeholders, which we leave alone, and cheerio's user has to.
    const whole = ['adaptHtml', 'render', ...(corpus === 'rendered' ? ['cheerio'] : [])];
    const destinationsOf = (who) =>
      destinations(service, REWRITERS[who](service, html)(RECIPIENTS[0]));
    requireEqual(
      name,
      whole.map((who) => [who, destinationsOf(who).join('\n')]),
    );
    links += destinationsOf('adaptHtml').filter((one) => one !== 'pixel').length;
  }
  return links;
}

/** An assertion would print both mails. */
function requireEqual(mail, [[first, expected], ...others]) {
  for (const [who, text] of others) {
    if (text === expected) continue;
    let at = 0;
    while (text[at] === expected[at]) at++;
    const around = (whose) => JSON.stringify(whose.slice(Math.max(0, at - 60), at + 60));
    throw new Error(
      `${mail}: ${who} and ${first} do not do the same work: ` +
        `${around(text)} in place of ${around(expected)}`,
    );
  }
}

function destinations(service, html) {
  return Array.from(
    html.matchAll(/https:\/\/t\.example\.com\/(open|click)\/[\w-]+/g),
    ([url, route]) => (route === 'open' ? 'pixel' : service.getClickTrackingResult(url).trackedUrl),
  );
}
