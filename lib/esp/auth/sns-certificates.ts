import { X509Certificate, type KeyObject } from 'node:crypto';
import type { EspFetch } from '../esp-fetch.js';
import { EspRefusal, wrong } from '../esp-refusal.js';

/** The parts of a topic's ARN that are used: partition and region. */
const TOPIC_ARN = /^arn:(aws|aws-cn|aws-us-gov):sns:([a-z0-9-]{3,32}):\d{1,12}:[\w.-]{1,256}$/;

const PATH = /^\/SimpleNotificationService-[A-Za-z0-9]+\.pem$/;

/** How long a certificate is cached: Amazon changes them about once a year. */
const DAY_MS = 86_400_000;

/** How long a failure is cached, so that requests cannot make this host fetch in a loop. */
const MINUTE_MS = 60_000;

const MAX_FETCHES = 2;
const MAX_CACHED = 100;

/** @returns the host of SNS in the region of a topic; nothing if it is not the ARN of a topic */
export function snsHost(topicArn: string): string | undefined {
  const parts = TOPIC_ARN.exec(topicArn);
  if (!parts) return undefined;
  return `sns.${parts[2]}.amazonaws.com${parts[1] === 'aws-cn' ? '.cn' : ''}`;
}

type Cached = { until: number } & ({ key: KeyObject } | { failure: EspRefusal });

/**
 * Fetches and caches the keys of Amazon SNS, from certificates in the region of the topic only.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
 */
export class SnsCertificates {
  private readonly cache = new Map<string, Cached>();
  private readonly pending = new Map<string, Promise<Cached>>();

  constructor(
    private readonly fetch: EspFetch,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /**
   * @param certificateUrl from the message; checked before anything is fetched
   * @throws TrackingError `ESP_SIGNATURE`; with status 503 if a retry may succeed
   */
  async keyOf(certificateUrl: unknown, topicArn: string): Promise<KeyObject> {
    const url = pinned(certificateUrl, topicArn);
    if (!url)
      throw wrong('The SigningCertURL is not an Amazon SNS URL in the region of the topic.');
    const known = this.cache.get(url.href);
    if (known && known.until > this.now()) return keyOrThrow(known);
    let pending = this.pending.get(url.href);
    if (!pending) {
      if (this.pending.size >= MAX_FETCHES) throw later();
      pending = this.load(url).finally(() => this.pending.delete(url.href));
      this.pending.set(url.href, pending);
    }
    return keyOrThrow(await pending);
  }

  private async load(url: URL): Promise<Cached> {
    const loaded = await this.read(url);
    this.cache.delete(url.href);
    if (this.cache.size >= MAX_CACHED) this.cache.delete(this.leastWorth());
    this.cache.set(url.href, loaded);
    return loaded;
  }

  /** Anyone can choose names, so failures must not evict certificates from the cache. */
  private leastWorth(): string {
    for (const [href, cached] of this.cache) if ('failure' in cached) return href;
    return this.cache.keys().next().value!;
  }

  private async read(url: URL): Promise<Cached> {
    const until = this.now() + MINUTE_MS;
    try {
      const { status, body } = await this.fetch(url);
      if (status >= 500) return { until, failure: later() };
      if (status !== 200) return { until, failure: wrong('Amazon SNS has no such certificate.') };
      try {
        return { until: this.now() + DAY_MS, key: new X509Certificate(body).publicKey };
      } catch {
        return { until, failure: wrong('The SigningCertURL did not return a valid certificate.') };
      }
    } catch {
      return { until, failure: later() };
    }
  }
}

function pinned(certificateUrl: unknown, topicArn: string): URL | undefined {
  if (typeof certificateUrl !== 'string' || !URL.canParse(certificateUrl)) return undefined;
  const url = new URL(certificateUrl);
  const isPinned =
    url.protocol === 'https:' && url.host === snsHost(topicArn) && PATH.test(url.pathname);
  return isPinned && url.href === `https://${url.host}${url.pathname}` ? url : undefined;
}

function keyOrThrow(cached: Cached): KeyObject {
  if ('key' in cached) return cached.key;
  throw cached.failure;
}

function later(): EspRefusal {
  return new EspRefusal(
    503,
    'ESP_SIGNATURE',
    'The certificate of Amazon SNS cannot be fetched now: check that this host reaches it.',
  );
}
