import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'parse5';
import { normaliseUrl } from '../../lib/message/link-rules.js';
import { describeIf, findOutsideVectors } from '../support/vectors.js';
import { decode, isOurs, PIXEL, tracking } from './readable-links.js';
import { type LinkPlace, mailLinks, outline } from './parse5-oracle.js';

const folder = findOutsideVectors('mails');

/** @param step which of the mails are adapted: each, or every so many */
export function describeRealMails(step: number): void {
  describeIf(folder)('real mails', () => {
    const names = folder === undefined ? [] : readdirSync(folder).sort();
    const some = names.filter((_, i) => i % step === 0);

    it('are there', () => {
      expect(names.length).toBeGreaterThanOrEqual(143);
    });

    it.each(some.flatMap((name) => [[name, 'bottom'] as const, [name, 'top'] as const]))(
      '%s, pixel at the %s',
      (name, pixelPosition) => {
        const html = readFileSync(join(folder!, name), 'utf8');
        const adapted = tracking.adaptMessage({ html, pixelPosition });
        const { links, pixel, bytes } = adapted.report;
        const before = mailLinks(html);

        // Every link that a browser sees is in the report, in its place, and leads where it led.
        expect(links).toHaveLength(before.length);
        const after = mailLinks(adapted.html!);
        const trackedLinkCount = links.filter(({ tracked }) => tracked).length;
        before.forEach(({ value }, i) => {
          const { tracked, trackingUrl } = links[i]!;
          expect(after[i]!.value).toBe(tracked ? trackingUrl : value);
          if (tracked) {
            const url = normaliseUrl(value!);
            expect(decode(trackingUrl!)).toEqual({
              url: url.startsWith('//') ? `https:${url}` : url,
              part: 'html',
              linkIndex: i,
              linkCount: before.length,
              ...(trackedLinkCount < before.length && { trackedLinkCount }),
            });
          }
        });

        // Not a byte has changed but those.
        expect(pixel).toBe(pixelPosition);
        expect(adapted.html!.match(PIXEL)).toHaveLength(1);
        expect(withEdits(html, before, links)).toBe(adapted.html!.replace(PIXEL, ''));
        expect(bytes).toEqual({
          before: Buffer.byteLength(html),
          after: Buffer.byteLength(adapted.html!),
        });

        // The tree is the same but for hrefs and the pixel.
        expect(tree(adapted.html!)).toBe(tree(html));

        // The second run changes nothing.
        expect(tracking.adaptMessage({ html: adapted.html!, pixelPosition }).html).toBe(
          adapted.html,
        );
      },
    );

    it('hold links of most kinds', () => {
      const reasons = new Map<string, number>();
      for (const name of names) {
        const html = readFileSync(join(folder!, name), 'utf8');
        for (const { reason = 'tracked' } of tracking.adaptMessage({ html }).report.links) {
          reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
        }
      }
      expect(reasons.get('tracked')).toBeGreaterThan(400);
      expect(reasons.get('placeholder')).toBeGreaterThan(50);
      expect([...reasons.keys()]).not.toContain('undecodable');
    });
  });
}

/** The original with its links replaced at the places that parse5 names. */
function withEdits(html: string, before: LinkPlace[], links: { trackingUrl?: string }[]): string {
  let edited = '';
  let at = 0;
  before.forEach(({ start, end }, i) => {
    const url = links[i]!.trackingUrl;
    if (url === undefined) return;
    edited += html.slice(at, start) + url;
    at = end;
  });
  return edited + html.slice(at);
}

function tree(html: string): string {
  const isPixel = (name: string, value: string): boolean => name === 'src' && isOurs(value);
  return outline(parse(html, { scriptingEnabled: false }), ({ tagName, attrs }) => {
    if (tagName === 'img' && attrs.some(({ name, value }) => isPixel(name, value))) return 'drop';
    return tagName === 'a' || tagName === 'area' ? 'no-href' : 'keep';
  });
}
