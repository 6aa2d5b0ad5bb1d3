import fc from 'fast-check';
import { type DefaultTreeAdapterTypes, parse } from 'parse5';
import { trackingHelpers } from 'nestjs-email-tracking';
import { PIXEL, tracking } from './readable-links.js';

function place(html: string, pixelPosition: 'bottom' | 'top'): string {
  return tracking.adaptHtml(html, { clickTracking: false, pixelPosition }).replace(PIXEL, '*');
}

describe('the pixel', () => {
  it('is an image of one pixel that is not hidden', () => {
    const url = 'https://t.example.com/?a=1&b="';
    const { trackingPixel } = trackingHelpers({
      getOpenTrackingUrl: () => url,
      getClickTrackingUrl: () => url,
    });
    expect(trackingPixel().toHTML()).toBe(
      '<img src="https://t.example.com/?a=1&amp;b=&quot;" width="1" height="1" alt="" ' +
        'style="border:0;width:1px;height:1px">',
    );
  });
});

describe('the pixel at the bottom', () => {
  it.each([
    '<html><body><p>x</p>*</body></html>',
    '<BODY>x*</BODY >',
    '<body>x</body><p>late</p>*</body></html>',
    '<body>x*</body><!-- </body> --><script>"</body>"</script>',
    '<body>x<textarea></body></textarea>*',
    '<html><p>x</p>*</html>',
    '<html><head><title>x</title></head>*</html>',
    '<p>x</p>*',
    'text*',
    '*',
    'a < b <*',
    '<p>x</p>*<!-- unclosed </body>',
    '<p>x</p>*<style> </body>',
    '<p>x</p>*<script><!-- </script',
    '<p>x</p>*<a href="x </body>',
    '<p>x</p>*</bod',
    '<p>x</p>*</',
    '<p>x</p>*<plaintext></body>',
    '<body>x*</body><!-- unclosed',
    '<!--[if mso]></body><![endif]-->x*',
    '<body>x*<template>y</body>',
    '<body>x*<template>y',
    '<body>x*<template><template></template></body></html>',
    '<body>x<template></body></template>y*</body>',
    '<body>x<template></body></template>y*',
    '<body>x<svg><template></svg>y*</body>',
    '<body>x*<select><option>y</body>',
    '<body>x<template><object></template>y*</body>',
    '<body>x*<object><template></object></template>y</body>',
    '<body>x*<object data=y><p>z</p></body>',
    '<body>x<video></video><object><object></object></object></select>*</body>',
  ])('%s', (expected) => expect(place(expected.replace(/\*/, ''), 'bottom')).toBe(expected));
});

describe('the pixel at the top', () => {
  it.each([
    '<html><head></head><body class=">">*<p>x</p></body></html>',
    '<body>*x<body>y',
    '<!-- <body> --><body>*x',
    '<style><body></style><body>*x',
    '*<p>x</p>',
    '*',
    '\ufeff*<p>x</p>',
    '<!doctype html>*<p>x</p>',
    '<?xml version="1.0"?>\n<!doctype html>\n<!-- c -->\n<html>\n<head>\n</head>*\n<p>x</p></html>',
    '<html><head><title>a <b></title><style>c</style><meta><link><base></head>*<p>x',
    '<title>a</title><style></style>*<p>x</p><style>y</style>',
    '<script>a</script>*text<style>y</style>',
    '<html><head></head>*</html>',
    '*<title>unclosed',
    '<title>a</title>*<style>unclosed',
    '<meta>*<!-- unclosed',
    '<meta>*<p unclosed',
    '*<plaintext>',
    '<template><body></template><body>*x',
    '*<template><body>',
  ])('%s', (expected) => expect(place(expected.replace('*', ''), 'top')).toBe(expected));
});

describe('a pixel among elements that hide their content, with parse5 as the oracle', () => {
  const part = fc.constantFrom(
    ...['template', 'object', 'video', 'p', 'svg', 'table'].flatMap((name) => [
      `<${name}>`,
      `</${name}>`,
    ]),
    '<body>',
    '</body>',
    '</html>',
    'x',
    '<!-- x -->',
  );

  it.each(['bottom', 'top'] as const)('is never inside of a template at the %s', (position) => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const html = tracking.adaptHtml(parts.join(''), { pixelPosition: position });
        expect(pixelsOutside(parse(html), ['template'])).toBe(1);
      }),
      { numRuns: 500, seed: 3 },
    );
  });
});

/** How many images are in none of these elements. (What a template holds is not its child.) */
function pixelsOutside(node: DefaultTreeAdapterTypes.Node, hiding: readonly string[]): number {
  if (hiding.includes(node.nodeName)) return 0;
  if (node.nodeName === 'img') return 1;
  const children = 'childNodes' in node ? node.childNodes : [];
  return children.reduce((sum, child) => sum + pixelsOutside(child, hiding), 0);
}
