import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type AxeResults, type RunOptions, source as AXE } from 'axe-core';
import { chromium, type Browser, type Page } from 'playwright-core';
import { describeIf } from './needs.js';

const EXECUTABLE = '/usr/bin/chromium';

/** A `describe` that needs Debian's Chromium. */
export const describeBrowser = describeIf(existsSync(EXECUTABLE), `no browser at ${EXECUTABLE}`);

/** A headless browser that asks nobody for anything but the pages it is sent to. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: EXECUTABLE,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** What a person's browser calls itself: the word for a headless one is what robots are known by. */
export const USER_AGENT =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';

/** The rules of accessibility that a page breaks, by axe, each with the elements that break it. */
export async function axeFaults(
  page: Page,
  options: RunOptions = {},
): Promise<[rule: string, elements: string[]][]> {
  if (!(await page.evaluate<boolean>('"axe" in window'))) await page.evaluate(AXE);
  const run = `axe.run(document, ${JSON.stringify({ resultTypes: ['violations'], ...options })})`;
  const { violations } = await page.evaluate<AxeResults>(run);
  return violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]);
}

/** Keeps a picture of a page in the folder that `TRACKING_SCREENSHOTS` names; else none. */
export async function takePicture(page: Page, name: string): Promise<void> {
  const folder = process.env.TRACKING_SCREENSHOTS;
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}
