/** Returns the day (UTC) of a time, such as `2026-11-29`. */
export function utcDay(time: Date): string {
  return time.toISOString().slice(0, 10);
}
