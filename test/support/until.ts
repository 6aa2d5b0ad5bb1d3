import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until something holds, for so long at the most. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  what = String(holds),
  milliseconds = 10_000,
): Promise<void> {
  for (const end = performance.now() + milliseconds; performance.now() < end; await sleep(5)) {
    if (await holds()) return;
  }
  throw new Error(`This did not become true within ${milliseconds} ms: ${what}`);
}
