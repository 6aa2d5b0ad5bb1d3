import { encodeAttribute } from './html/entities.js';
import { HtmlScanner, type MarkupVisitor } from './html/html-scanner.js';

/**
 * The image that counts opens. It takes no room without being hidden: filters and image proxies
 * look down on `display:none`, and some do not load it.
 *
 * @param url the open tracking URL
 */
export function pixelTag(url: string): string {
  const src = encodeAttribute(url, '"');
  return `<img src="${src}" width="1" height="1" alt="" style="border:0;width:1px;height:1px">`;
}

/** What a pixel's place depends on, gathered while the links are found. */
export interface PixelLandmarks {
  /** Behind the first `<body …>`. */
  bodyStart?: number;
  /** Before the last `</body>`, or before what hides it. */
  bodyEnd?: number;
  /** Before the last `</html>`, or before what hides it. */
  htmlEnd?: number;
  /**
   * Where something begins that the text leaves unfinished (a tag, or an element that hides its
   * content), or the length of the text.
   */
  safeEnd: number;
}

/** Elements whose content no client shows, or shows only in place of something else. */
export const HIDING = ['template', 'select', 'datalist', 'object', 'audio', 'video', 'canvas'];

/** The {@link HIDING} elements that are open. */
export class HidingElements {
  readonly #open = new Map<string, { depth: number; start: number }>();

  startTag(name: string, start: number): void {
    if (this.#isInTemplate(name)) return;
    const open = this.#open.get(name);
    if (open) open.depth++;
    else this.#open.set(name, { depth: 1, start });
  }

  endTag(name: string): void {
    if (this.#isInTemplate(name)) return;
    const open = this.#open.get(name);
    if (open && --open.depth === 0) this.#open.delete(name);
  }

  /** Whether a `<template>` is open, in which tags of the document's own frame mean nothing. */
  get isTemplate(): boolean {
    return this.#open.has('template');
  }

  // What is in a template opens and closes nothing outside of it.
  #isInTemplate(name: string): boolean {
    return this.isTemplate && name !== 'template';
  }

  /** The last place up to `at` that is in none of them. */
  lastVisible(at: number): number {
    return Math.min(at, ...[...this.#open.values()].map(({ start }) => start));
  }
}

/** Where to put the pixel: always between two tags, and never in what a browser would not render. */
export function placePixel(
  html: string,
  position: 'bottom' | 'top',
  landmarks: PixelLandmarks,
): number {
  if (position === 'top') return landmarks.bodyStart ?? endOfHead(html);
  // Filters drop what follows `</html>`, so that is the next best to `</body>`.
  return landmarks.bodyEnd ?? landmarks.htmlEnd ?? landmarks.safeEnd;
}

const HEAD = ['html', 'head', 'title', 'style', 'script', 'meta', 'link', 'base'];

const headScanner = new HtmlScanner(Object.fromEntries(HEAD.map((name) => [name, []])));

/**
 * Where the body begins if no tag says so: behind a doctype, comments, and what belongs into a
 * head. An image in front of those would make the browser move them into the body.
 */
function endOfHead(html: string): number {
  let end = html.startsWith('\ufeff') ? 1 : 0;
  let isOver = false;
  let raw: string | undefined;
  const pass = (from: number, to: number, endOf?: string): void => {
    // Between a `<style>` and its end is no text of the body.
    const isInside = raw !== undefined && raw === endOf;
    isOver ||= !isInside && /\S/.test(html.slice(end, from));
    if (!isOver) end = to;
    raw = undefined;
  };
  const visitor: MarkupVisitor = {
    startTag: ({ name, start, end: to }) => {
      pass(start, to);
      raw = name;
    },
    endTag: (name, start, to) => {
      if (name === 'html') isOver = true;
      pass(start, to, name);
    },
    comment: (start, to) => pass(start, to),
  };
  const safeEnd = headScanner.scan(html, visitor);
  return Math.min(end, safeEnd);
}
