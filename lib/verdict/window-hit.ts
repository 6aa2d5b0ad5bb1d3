import { hash } from 'node:crypto';
import type { WindowHit } from './window-store.js';

/**
 * How many characters the texts of a hit may have together. Ids come from providers, so that a store
 * bounded by hits alone would not be bounded. A longer hit is judged, but not remembered.
 */
export const MAX_HIT_CHARACTERS = 512;

/** Every kind and certainty; the order is the order of their numbers in Redis: append only. */
export const KINDS = ['human', 'privacy-proxy', 'prefetch', 'scanner', 'unknown'] as const;
export const CERTAINTIES = ['possible', 'probable', 'certain'] as const;

/**
 * What stores keep of a hit: a copy of its own, or `null` for a hit that no store remembers, since it
 * is too long or has no time.
 */
export function rememberedHit(hit: WindowHit): WindowHit | null {
  const { id, at, type, link, part, isUnsubscribe, network, kind, certainty } = hit;
  const characters = id.length + (link?.length ?? 0) + (part?.length ?? 0) + (network?.length ?? 0);
  if (characters > MAX_HIT_CHARACTERS || !Number.isSafeInteger(at)) return null;
  const isCount = Number.isSafeInteger(hit.trackedLinks) && hit.trackedLinks! >= 0;
  const trackedLinks = isCount ? hit.trackedLinks : null;
  return {
    id: inOnePiece(id),
    at,
    type,
    link: inOnePiece(link),
    part,
    isUnsubscribe,
    trackedLinks,
    network: inOnePiece(network),
    kind,
    certainty,
  };
}

/**
 * Texts that were put together are trees of their pieces until somebody reads them: `randomUUID` alone
 * makes half a kilobyte of 36 characters. Reading one character makes one piece of it.
 */
function inOnePiece<T extends string | null>(text: T): T {
  text?.charCodeAt(0);
  return text;
}

/** Longer keys are named by their hash, so that a window's size is bounded. */
const MAX_NAME = 256;

/** The name of a window in the memory of this process. */
export function localName(key: string): string {
  return key.length <= MAX_NAME ? inOnePiece(key) : windowName(key);
}

/** The name of a window that others see: of one length, and without the address that its key holds. */
export function windowName(key: string): string {
  return hash('sha256', key, 'base64url');
}
