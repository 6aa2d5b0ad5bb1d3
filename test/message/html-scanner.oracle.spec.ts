import fc from 'fast-check';
import { drawings, nastyHtml } from './nasty-html.js';
import { parsedLinks, scannedLinks, tokenizedLinks } from './parse5-oracle.js';

// For a longer search: TRACKING_ORACLE_RUNS=1000000 TRACKING_ORACLE_SEED=$RANDOM
const RUNS = Number(process.env.TRACKING_ORACLE_RUNS ?? 20_000);
const SEED = Number(process.env.TRACKING_ORACLE_SEED ?? 20_260_101);

describe('HtmlScanner, with parse5 as the oracle', () => {
  it(`finds the links that parse5's tokenizer finds, in ${RUNS} documents`, () => {
    fc.assert(
      fc.property(nastyHtml, (html) => {
        expect(scannedLinks(html)).toEqual(tokenizedLinks(html));
      }),
      { numRuns: RUNS, seed: SEED },
    );
  });

  it("finds the links that parse5's parser reads, with SVG and MathML among them", () => {
    fc.assert(
      fc.property(drawings, (html) => {
        expect(scannedLinks(html)).toEqual(parsedLinks(html));
      }),
      { numRuns: RUNS / 4, seed: SEED },
    );
  });

  it('has something to find', () => {
    const documents = fc.sample(nastyHtml, { numRuns: 500, seed: SEED });
    const links = documents.flatMap(tokenizedLinks);
    expect(links.length).toBeGreaterThan(100);
    expect(links.filter(({ value }) => value?.includes('&')).length).toBeGreaterThan(20);
  });
});
