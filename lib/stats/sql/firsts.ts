import { READER_CLASSES } from './kinds.js';

/**
 * When something first happened to a mail of a recipient: the columns of the table of readers that
 * unique numbers are made of.
 */
export const FIRSTS = [
  ...READER_CLASSES.map((_, i) => `open_${i}`),
  ...READER_CLASSES.map((_, i) => `click_${i}`),
  'delivered',
  'bounced',
  'complained',
  'unsubscribed',
] as const;

/** The place in {@link FIRSTS} of an event; -1 for one that has none. */
export function firstOf(type: string, hitClass: number | null): number {
  if (type === 'opened') return hitClass ?? 1;
  if (type === 'clicked') return READER_CLASSES.length + (hitClass ?? 1);
  return FIRSTS.indexOf(type);
}
