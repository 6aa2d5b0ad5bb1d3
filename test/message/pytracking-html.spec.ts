import { readVectors } from '../support/vectors.js';
import { decode, PIXEL, tracking } from './readable-links.js';

interface Case {
  input: {
    html?: string;
    /** What Python took as bytes is a string here: decoding is the caller's business. */
    html_bytes_b64?: string;
    metadata: Record<string, never>;
    click_tracking: boolean;
    open_tracking: boolean;
  };
  output: { rule_links: string[] };
}

/** Where the links that we track are not the ones that pytracking's rule selects. */
const DEVIATIONS: Record<string, { because: string; links: (rule: string[]) => string[] }> = {
  'case-and-whitespace-scheme': {
    because: 'browsers ignore case in a scheme and white space around a URL, and so do we',
    links: () => [
      'HTTP://e.com/1',
      'Https://e.com/2',
      ...[3, 4, 5, 6, 7, 8, 9].map((n) => `http://e.com/${n}`),
    ],
  },
  'href-unusual-chars': {
    because: 'browsers drop a line feed inside a URL, and so do we',
    links: (rule) => rule.map((url) => url.replace('\n', '')),
  },
  'already-tracked': {
    because: 'a link of our own is not wrapped again',
    links: () => [],
  },
  'newsletter-realistic': {
    because:
      'an email service provider still has to fill in *|UNIQID|*, and Outlook shows the button in a ' +
      'conditional comment instead of the one behind it',
    links: (rule) => [
      ...rule.filter((url) => !url.includes('*|')),
      'https://shop.example.com/akce',
    ],
  },
};

const vectors = readVectors<Case['input'], Case['output']>('pytracking/html.json');

describe('the inputs of pytracking', () => {
  const cases = vectors;

  it.each(cases.map((vector) => [vector.name, vector] as const))(
    '%s',
    (name, { input, output }) => {
      const { html, report } = tracking.adaptMessage({
        html: input.html ?? Buffer.from(input.html_bytes_b64 ?? '', 'base64').toString(),
        metadata: input.metadata ?? {},
        clickTracking: input.click_tracking,
        openTracking: input.open_tracking,
      });
      const tracked = report.links.filter((link) => link.tracked);
      const rule = input.click_tracking ? output.rule_links : [];
      const expected = DEVIATIONS[name]?.links(rule) ?? rule;
      expect(tracked.map(({ url }) => url)).toEqual(expected);
      expect(tracked.map(({ trackingUrl }) => decode(trackingUrl!).url)).toEqual(expected);
      for (const { trackingUrl } of tracked) {
        expect(decode(trackingUrl!).metadata ?? {}).toEqual(input.metadata ?? {});
      }
      expect(html!.match(PIXEL)?.length ?? 0).toBe(input.open_tracking ? 1 : 0);
    },
  );

  it('deviates where the table says so and nowhere else', () => {
    const names = cases.map(({ name }) => name);
    expect(Object.keys(DEVIATIONS).filter((name) => !names.includes(name))).toEqual([]);
    for (const { name, output } of cases) {
      const deviation = DEVIATIONS[name];
      if (deviation) expect(deviation.links(output.rule_links)).not.toEqual(output.rule_links);
    }
  });
});
