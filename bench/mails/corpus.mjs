// The mails that are measured: rendered here, so that none is copied into the project. Rendering
// takes seconds, so it is done once; the processes that are measured read what it left in a file.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const VARIABLE = 'BENCH_MAILS';

/**
 * Renders the corpus, and collects the mails of the shared vectors if they are there.
 *
 * @param quick keeps every fourth of the rendered ones only, for a smoke run
 * @returns the mails by corpus, and what removes the file again
 */
export async function provideMails({ quick }) {
  const { mjmlMails } = await import('./mjml.mjs');
  const { reactMails } = await import('./react-email.mjs');
  const rendered = [...(await mjmlMails()), ...(await reactMails())];
  const mails = quick
    ? { rendered: rendered.filter((_, i) => i % 4 === 0), vectors: [] }
    : { rendered, vectors: vectors() };
  const folder = mkdtempSync(join(tmpdir(), 'bench-mails-'));
  const file = join(folder, 'mails.json');
  writeFileSync(file, JSON.stringify(mails));
  process.env[VARIABLE] = file;
  return { mails, remove: () => rmSync(folder, { recursive: true }) };
}

/** In a process that is measured: the HTML of one corpus, strings of one piece. */
export function readMails(corpus) {
  return JSON.parse(readFileSync(process.env[VARIABLE], 'utf8'))[corpus].map(({ html }) => html);
}

/** Mails of public collections, where the project stands beside them. */
function vectors() {
  const folder =
    process.env.TRACKING_VECTORS ??
    fileURLToPath(new URL('../../../shared/vectors', import.meta.url));
  const mails = join(folder, 'mails');
  if (!existsSync(mails)) return [];
  return readdirSync(mails)
    .filter((name) => name.endsWith('.html'))
    .sort()
    .map((name) => ({ name, html: readFileSync(join(mails, name), 'utf8') }));
}
