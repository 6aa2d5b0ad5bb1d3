import { X509Certificate, type KeyObject } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { EspAuthentication, EspFetch } from '../esp-provider.js';
import { EspRefusal, missing, wrong } from '../esp-refusal.js';
import { parseUrl } from '../../util/parse-url.js';
import { requireObject, textOf, type RawObject } from '../values.js';
import { readBase64 } from './checks.js';
import { isSignedBy } from './public-key.js';

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

/** The signed members, in this order. Missing members are left out. */
const NOTIFICATION = 'Message MessageId Subject Timestamp TopicArn Type'.split(' ');
const CONFIRMATION = 'Message MessageId SubscribeURL Timestamp Token TopicArn Type'.split(' ');

/** `SignatureVersion`. */
const HASHES = new Map([
  ['1', 'sha1'],
  ['2', 'sha256'],
]);

/**
 * Checks the signature of Amazon SNS: RSA, PKCS #1 v1.5.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
 */
export function snsSignature(fetch: EspFetch): EspAuthentication {
  const certificates = new SnsCertificates(fetch);
  return {
    async verify(request) {
      const envelope = requireObject(request.json());
      const given = textOf(envelope.Signature);
      if (!given) {
        throw missing('The message of Amazon SNS is not signed (verifySignature).');
      }
      const hash = HASHES.get(textOf(envelope.SignatureVersion) ?? '');
      const signature = readBase64(given);
      if (hash === undefined || !signature) throw wrong(WRONG);
      const topicArn = textOf(envelope.TopicArn) ?? '';
      const key = await certificates.keyOf(envelope.SigningCertURL, topicArn);
      const isRsa = key.asymmetricKeyType === 'rsa';
      if (!isRsa || !isSignedBy(key, hash, signedText(envelope), signature)) throw wrong(WRONG);
    },
  };
}

const WRONG = 'The signature of Amazon SNS is wrong (verifySignature).';

function signedText(envelope: RawObject): Buffer {
  const names = envelope.Type === 'Notification' ? NOTIFICATION : CONFIRMATION;
  const lines = names
    .filter((name) => typeof envelope[name] === 'string')
    .map((name) => `${name}\n${envelope[name] as string}\n`);
  return Buffer.from(lines.join(''));
}

/**
 * Fetches and caches the keys of Amazon SNS, from certificates in the region of the topic only.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
 */
class SnsCertificates {
  private readonly keys = new LRUCache<string, KeyObject>({ max: MAX_CACHED, ttl: DAY_MS });
  /** Apart from the keys: anyone can choose names, and they must not evict certificates. */
  private readonly failures = new LRUCache<string, EspRefusal>({
    max: MAX_CACHED,
    ttl: MINUTE_MS,
  });
  private readonly pending = new Map<string, Promise<KeyObject>>();

  constructor(private readonly fetch: EspFetch) {}

  /**
   * @param certificateUrl from the message; checked before anything is fetched
   * @throws TrackingError `ESP_SIGNATURE`; with status 503 if a retry may succeed
   */
  async keyOf(certificateUrl: unknown, topicArn: string): Promise<KeyObject> {
    const url = pinned(certificateUrl, topicArn);
    if (!url)
      throw wrong('The SigningCertURL is not an Amazon SNS URL in the region of the topic.');
    const known = this.keys.get(url.href) ?? this.failures.get(url.href);
    if (known instanceof EspRefusal) throw known;
    if (known) return known;
    let pending = this.pending.get(url.href);
    if (!pending) {
      if (this.pending.size >= MAX_FETCHES) throw later();
      pending = this.load(url).finally(() => this.pending.delete(url.href));
      this.pending.set(url.href, pending);
    }
    return pending;
  }

  private async load(url: URL): Promise<KeyObject> {
    try {
      const { status, body } = await Promise.resolve(url)
        .then(this.fetch)
        .catch(() => {
          throw later();
        });
      if (status >= 500) throw later();
      if (status !== 200) throw wrong('Amazon SNS has no such certificate.');
      const key = readCertificate(body);
      this.keys.set(url.href, key);
      return key;
    } catch (error) {
      this.failures.set(url.href, error as EspRefusal);
      throw error;
    }
  }
}

function readCertificate(pem: string): KeyObject {
  try {
    return new X509Certificate(pem).publicKey;
  } catch {
    throw wrong('The SigningCertURL did not return a valid certificate.');
  }
}

function pinned(certificateUrl: unknown, topicArn: string): URL | undefined {
  const url = typeof certificateUrl === 'string' ? parseUrl(certificateUrl) : undefined;
  const host = snsHost(topicArn);
  const isPinned =
    host !== undefined &&
    url?.href === `https://${host}${url?.pathname}` &&
    PATH.test(url.pathname);
  return isPinned ? url : undefined;
}

function later(): EspRefusal {
  return new EspRefusal(
    503,
    'ESP_SIGNATURE',
    'The certificate of Amazon SNS cannot be fetched now: check that this host reaches it.',
  );
}
