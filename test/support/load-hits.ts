/**
 * The hits of the largest load; others are parts of it. 20 000 is what docs/scaling.md reports. Fewer
 * (`TRACKING_LOAD_HITS`, a multiple of 500) show the same faster, as long as Redis or the process
 * ends in the middle of them.
 */
export const LOAD_HITS = Number(process.env.TRACKING_LOAD_HITS ?? 20_000);
