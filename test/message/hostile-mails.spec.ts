import { tracking } from './readable-links.js';

const N = 100_000;

/**
 * Each would take minutes, or end the stack, if some character were read more than a few times or
 * some bracket were followed by recursion. How the time grows is measured by the bench.
 */
describe('hostile mails', () => {
  it.each([
    ['attributes in one tag', `<a ${'x=1 '.repeat(N)}href=https://e.com>`, 1],
    ['opt-outs in one tag', `<a ${'data-no-track '.repeat(N)}href=https://e.com>`, 1],
    ['labels without spaces', `<a ${'data-track-label="x"'.repeat(N)}href=https://e.com>`, 1],
    ['spaces before an opt-out', `<a ${' '.repeat(N)}data-no-track href=https://e.com>`, 1],
    ['tags without end', '<a '.repeat(N), 0],
    ['unclosed quotes', '<a href="'.repeat(N), 0],
    ['nested quotes', `<a title="'${`"'`.repeat(N)}">`, 0],
    ['misnested tables', '<table><a href=https://e.com><td></table></a>'.repeat(N / 10), N / 10],
    ['open links', '<a href=https://e.com>x'.repeat(N / 10), N / 10],
    ['less-than signs in a link', `<a href=https://e.com>${'<'.repeat(N)}</a>`.repeat(10), 10],
    ['images in a link', `<a href=https://e.com>${'<img alt alt='.repeat(N)}</a>`, 1],
    ['comments in links', `<a href=https://e.com>${'<!--x'.repeat(200)}-->`.repeat(1000), 1000],
    ['unclosed comments', '<!--'.repeat(N), 0],
    ['unclosed conditional comments', '<!--[if mso]>'.repeat(N), 0],
    [
      'conditional comments',
      '<!--[if mso]><a href=https://e.com><![endif]-->'.repeat(N / 10),
      N / 10,
    ],
    ['nested conditional comments', `${'<!--[if mso]>'.repeat(N)}${'<![endif]-->'.repeat(N)}`, 0],
    ['long conditions', `<!--[if ${'('.repeat(N)}]><a href=https://e.com><![endif]-->`, 1],
    ['ends of conditions', `<!--[if mso]>${`<![endif]${' '.repeat(99)}`.repeat(N / 10)}-->`, 0],
    ['unfinished conditions', '<!--[if -->'.repeat(N), 0],
    ['bogus conditions', '<![if '.repeat(N), 0],
    ['unclosed styles', '<style>'.repeat(N), 0],
    ['drawings', `${'<svg>'.repeat(N)}<a xlink:href=https://e.com>`, 1],
    ['pixels', '<img src=https://t.example.com/open/e30>'.repeat(N / 100), 0],
    ['our own links', '<a href=https://t.example.com/click/e30>x'.repeat(N / 100), N / 100],
    ['references', `<a href="https://e.com/?${'&amp;'.repeat(N)}">`, 1],
    ['half references', `<a href="https://e.com/?${'&#'.repeat(N)}">`, 1],
    ['percent signs', `<a href="https://e.com/${'%%a'.repeat(N)}">`, 1],
  ])('%s', (_, html, count) => {
    const { report } = tracking.adaptMessage({ html });
    expect(report.links).toHaveLength(count);
  });

  it('5 MB with 10 000 links', () => {
    const filler = '<td style="padding:0">some text &nbsp;</td>'.repeat(10);
    const html = Array.from(
      { length: 10_000 },
      (_, i) => `<tr>${filler}<a class="x" href="https://e.com/?a=1&amp;b=${i}">read ${i}</a></tr>`,
    ).join('\n');
    expect(html.length).toBeGreaterThan(5_000_000);
    const { report } = tracking.adaptMessage({ html });
    expect(report.links.filter(({ tracked }) => tracked)).toHaveLength(10_000);
    expect(report.links.at(-1)!.url).toBe('https://e.com/?a=1&b=9999');
  });
});
