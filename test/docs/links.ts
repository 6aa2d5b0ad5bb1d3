import { join, normalize } from 'node:path';
import type { Document } from './markdown.js';

/** A relative link or image: `](target#anchor)`. */
const LINK = /\]\((?!\w+:)([^)#\s]*)(?:#([^)\s]+))?\)/g;

export interface Link {
  target: string;
  anchor: string | undefined;
}

/** The relative links of a document, from the root of the repository. */
export function linksOf(name: string, { prose }: Document): Link[] {
  return [...prose.matchAll(LINK)].map(([, target, anchor]) => ({
    target: target ? normalize(join(name, '..', target)) : name,
    anchor,
  }));
}
