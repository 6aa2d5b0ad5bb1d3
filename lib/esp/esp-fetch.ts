/** The response of a fetch. */
export interface EspFetchResult {
  /** The HTTP status. */
  status: number;
  /** The body as text. */
  body: string;
}

/**
 * Fetches a URL by GET: no redirects, a short time limit, a bounded body. Replaced in tests, and
 * where an app must go through a proxy.
 *
 * @throws whatever kept it from an answer
 */
export type EspFetch = (url: URL) => Promise<EspFetchResult>;

const TIMEOUT_MS = 3_000;
const MAX_BYTES = 64 * 1024;

/** The {@link EspFetch} that is used by default. */
export const fetchFromProvider: EspFetch = async (url) => {
  const response = await fetch(url, {
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
    credentials: 'omit',
  });
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    const part = chunk as Uint8Array;
    bytes += part.length;
    if (bytes > MAX_BYTES) throw new Error('The answer is larger than 64 KiB.');
    chunks.push(part);
  }
  return { status: response.status, body: Buffer.concat(chunks).toString('utf8') };
};
