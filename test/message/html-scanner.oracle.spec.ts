import fc from 'fast-check';
import { drawings, nastyHtml, outlookMails } from './nasty-html.js';
import {
  foundLinks,
  mailLinks,
  parsedLinks,
  scannedLinks,
  tokenizedLinks,
} from './parse5-oracle.js';

// For a longer search: npm run fuzz:html
const RUNS = Number(process.env.TRACKING_ORACLE_RUNS ?? 20_000);
/** In milliseconds: a bound for what hangs, on a slow machine. */
const LIMIT = Math.max(60_000, RUNS * 3);
const SEED = Number(process.env.TRACKING_ORACLE_SEED ?? 20_260_101);

describe('HtmlScanner, with parse5 as the oracle', () => {
  it(
    `finds the links that parse5's tokenizer finds, in ${RUNS} documents`,
    () => {
      fc.assert(
        fc.property(nastyHtml, (html) => {
          expect(scannedLinks(html)).toEqual(tokenizedLinks(html));
        }),
        { numRuns: RUNS, seed: SEED },
      );
    },
    LIMIT,
  );

  it(
    "finds the links that parse5's parser reads, with SVG and MathML among them",
    () => {
      fc.assert(
        fc.property(drawings, (html) => {
          expect(foundLinks(html)).toEqual(
            parsedLinks(html).map(({ start, end, value }) => ({ start, end, value })),
          );
        }),
        { numRuns: RUNS / 4, seed: SEED },
      );
    },
    LIMIT,
  );

  it(
    "finds the links that parse5's tokenizer finds in conditional comments",
    () => {
      fc.assert(
        fc.property(outlookMails, (html) => {
          expect(foundLinks(html)).toEqual(mailLinks(html));
        }),
        { numRuns: RUNS / 2, seed: SEED },
      );
    },
    LIMIT,
  );

  it('has something to find', () => {
    const documents = fc.sample(nastyHtml, { numRuns: 500, seed: SEED });
    const links = documents.flatMap(tokenizedLinks);
    expect(links.length).toBeGreaterThan(100);
    expect(links.filter(({ value }) => value?.includes('&')).length).toBeGreaterThan(20);
    const hidden = fc.sample(outlookMails, { numRuns: 2000, seed: SEED }).flatMap((html) => {
      const plain = tokenizedLinks(html).filter(({ tag }) => tag !== 'img');
      return mailLinks(html).slice(plain.length);
    });
    expect(hidden.length).toBeGreaterThan(100);
  });
});
