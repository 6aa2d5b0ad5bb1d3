import { hash } from 'node:crypto';
import type { TrackingEvent } from '../event/tracking-event.js';
import { type Evidence, heaviest } from './evidence.js';
import type { HitFacts } from './hit-facts.js';
import { networkOf } from '../util/ip-address.js';
import type { WindowHit } from './window-store.js';

/**
 * How many characters the texts of a hit may have together. Ids come from providers, so that a store
 * bounded by hits alone would not be bounded. A longer hit has a verdict, but is not remembered.
 */
export const MAX_HIT_CHARACTERS = 512;

/** Every kind and certainty; the order is the order of their numbers in Redis: append only. */
export const KINDS = ['human', 'privacy-proxy', 'prefetch', 'scanner', 'unknown'] as const;
export const CERTAINTIES = ['possible', 'probable', 'certain'] as const;

export function toWindowHit(
  event: TrackingEvent,
  { type, at, userIp, userAgent }: HitFacts,
  evidence: readonly Evidence[],
): WindowHit {
  const { result, linkIndex, part } = event;
  const own = heaviest(evidence);
  const isProxied = evidence.some(({ isProxy }) => isProxy);
  return {
    id: event.eventId,
    at,
    type,
    link: linkIndex === null ? urlName(event.clickUrl) : `${part} ${linkIndex}`,
    part,
    isUnsubscribe: result?.isUnsubscribeLink ?? false,
    trackedLinks: result ? (result.trackedLinkCount ?? result.linkCount) : null,
    network: isProxied || userIp === null ? null : networkOf(userIp),
    agent: userAgent === null ? null : agentNumber(userAgent),
    kind: own?.kind ?? 'unknown',
    certainty: own?.certainty ?? 'possible',
  };
}

/** A name of a URL in place of itself, which may hold secrets. */
function urlName(url: string | null): string | null {
  return url === null ? null : hash('sha256', url, 'base64url').slice(0, URL_NAME_LENGTH);
}

/** As many characters as tell the links of a mail apart. */
const URL_NAME_LENGTH = 16;

/** Returns what stores keep of a hit: a copy, or `null` for a hit that is too long, or has no time. */
export function rememberedHit(hit: WindowHit): WindowHit | null {
  const { id, at, type, link, part, isUnsubscribe, trackedLinks, network } = hit;
  const { agent, kind, certainty } = hit;
  const characters = id.length + (link?.length ?? 0) + (part?.length ?? 0) + (network?.length ?? 0);
  if (characters > MAX_HIT_CHARACTERS || !Number.isSafeInteger(at)) return null;
  return {
    id: inOnePiece(id),
    at,
    type,
    link: inOnePiece(link),
    part,
    isUnsubscribe,
    trackedLinks: countOrNull(trackedLinks),
    network: inOnePiece(network),
    agent: countOrNull(agent),
    kind,
    certainty,
  };
}

/** A whole number that is not negative, or `null` for whatever else a store may have kept. */
function countOrNull(value: number | null | undefined): number | null {
  return Number.isSafeInteger(value) && value! >= 0 ? value! : null;
}

/** Names an agent in a window: FNV-1a, in as many bits as are no object in V8. */
function agentNumber(agent: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < agent.length; i++) {
    hash = Math.imul(hash ^ agent.charCodeAt(i), 0x01000193);
  }
  return hash >>> 2;
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
