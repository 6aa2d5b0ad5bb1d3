import { percent } from './format.js';

/** A rate, with the count behind it. */
export const rate = (share: number | null, count: string): string =>
  share === null ? '–' : `<span><b>${percent(share)}</b> <small>${count}</small></span>`;

/** A count, with the rate that it makes. */
export const counted = (count: string, share: number | null): string =>
  share === null ? '–' : `<span><b>${count}</b> <small>${percent(share)}</small></span>`;
