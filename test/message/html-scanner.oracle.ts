import fc from 'fast-check';
import { drawings, nastyHtml, outlookMails } from './nasty-html.js';
import {
  foundLinks,
  mailLinks,
  parsedLinks,
  scannedLinks,
  tokenizedLinks,
} from './parse5-oracle.js';

/** In milliseconds for each document: a bound for what hangs, on a slow machine. */
const LIMIT_PER_RUN = 3;

/** Holds the scanner against parse5, in so many documents. */
export function describeOracle(runs: number, seed = 20_260_101): void {
  const limit = Math.max(60_000, runs * LIMIT_PER_RUN);

  describe('HtmlScanner, with parse5 as the oracle', () => {
    it(
      `finds the links that parse5's tokenizer finds, in ${runs} documents`,
      () => {
        fc.assert(
          fc.property(nastyHtml, (html) => {
            expect(scannedLinks(html)).toEqual(tokenizedLinks(html));
          }),
          { numRuns: runs, seed: seed },
        );
      },
      limit,
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
          { numRuns: runs / 4, seed: seed },
        );
      },
      limit,
    );

    it(
      "finds the links that parse5's tokenizer finds in conditional comments",
      () => {
        fc.assert(
          fc.property(outlookMails, (html) => {
            expect(foundLinks(html)).toEqual(mailLinks(html));
          }),
          { numRuns: runs / 2, seed: seed },
        );
      },
      limit,
    );

    it('has something to find', () => {
      const documents = fc.sample(nastyHtml, { numRuns: 500, seed: seed });
      const links = documents.flatMap(tokenizedLinks);
      expect(links.length).toBeGreaterThan(100);
      expect(links.filter(({ value }) => value?.includes('&')).length).toBeGreaterThan(20);
      const hidden = fc.sample(outlookMails, { numRuns: 2000, seed: seed }).flatMap((html) => {
        const plain = tokenizedLinks(html).filter(({ tag }) => tag !== 'img');
        return mailLinks(html).slice(plain.length);
      });
      expect(hidden.length).toBeGreaterThan(100);
    });
  });
}
