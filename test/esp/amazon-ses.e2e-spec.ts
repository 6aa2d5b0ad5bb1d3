import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { EspFetch } from 'nestjs-email-tracking/esp';
import type { TestApp } from '../support/app.js';
import { makeCertificate } from './openssl.js';
import {
  basic,
  type Credential,
  describeProvider,
  startEsp,
  type MadeRequest,
} from './provider-kit.js';

const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:ses-events';
const CERTIFICATE = 'https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-abc123.pem';

const { key, cert } = makeCertificate();
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

const bounce = {
  eventType: 'Bounce',
  mail: {
    messageId: 'ses-1',
    destination: ['one@example.com', 'two@example.com'],
    headers: [
      { name: 'X-Tag', value: 'spring' },
      {
        name: 'X-Metadata',
        value: '{"customer":7,"order":12345678901234567890,"message_id":"<ours@example.com>"}',
      },
    ],
  },
  bounce: {
    bounceType: 'Permanent',
    bounceSubType: 'General',
    bouncedRecipients: [{ emailAddress: 'one@example.com', diagnosticCode: '550 5.1.1' }],
  },
};

let ids = 0;

interface Message {
  type?: string;
  topic?: string;
  version?: '1' | '2';
  certificate?: string;
  signer?: string | KeyObject;
  subject?: string;
  id?: string;
}

/** A message as SNS signs it. */
function sns(content: string, message: Message = {}): MadeRequest {
  const { type = 'Notification', topic = TOPIC, version = '1', signer = key } = message;
  const isNotification = type === 'Notification';
  const envelope: Record<string, string> = {
    Type: type,
    MessageId: message.id ?? `sns-${++ids}`,
    TopicArn: topic,
    Message: content,
    Timestamp: '2026-11-20T08:00:00.000Z',
    ...(message.subject === undefined ? {} : { Subject: message.subject }),
    ...(isNotification ? {} : { Token: 'the-token', SubscribeURL: 'https://evil.example/' }),
  };
  const signed = isNotification
    ? ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type']
    : ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'];
  const text = signed
    .filter((name) => name in envelope)
    .map((name) => `${name}\n${envelope[name]}\n`)
    .join('');
  const signature = createSign(version === '1' ? 'RSA-SHA1' : 'RSA-SHA256').update(text);
  const body = JSON.stringify({
    ...envelope,
    SignatureVersion: version,
    Signature: signature.sign(signer, 'base64'),
    SigningCertURL: message.certificate ?? CERTIFICATE,
  });
  return {
    body,
    headers: {
      'Content-Type': 'text/plain; charset=UTF-8',
      'x-amz-sns-message-type': type,
      'x-amz-sns-message-id': envelope.MessageId!,
    },
  };
}

/** In place of Amazon: keeps what was asked for. */
function amazon(status = 200): { fetch: EspFetch; asked: string[] } {
  const asked: string[] = [];
  const fetch: EspFetch = (url) => {
    asked.push(url.href);
    return Promise.resolve({ status, body: cert });
  };
  return { fetch, asked };
}

describeProvider({
  key: 'amazonSes',
  routes: ['amazon_ses/tracking'],
  espName: 'Amazon SES',
  options: { topicArns: [TOPIC] },
  module: { fetch: amazon().fetch },
  setting: 'verifySignature',
  sample: { payload: bounce, eventType: 'bounced' },
  unknown: { eventType: 'Teleported', mail: { destination: ['one@example.com'] } },
  paths: {
    name: ['eventType'],
    recipient: ['bounce', 'bouncedRecipients', '0', 'emailAddress'],
    time: ['bounce', 'timestamp'],
  },
  clock: 'iso',
  inbound: { notificationType: 'Received', mail: {} },
  more: [{ eventType: 'Open', mail: bounce.mail, open: { userAgent: 'Agent/1' } }],
  make(payload: unknown, credential: Credential) {
    const request = sns(JSON.stringify(payload), {
      version: credential === 'second' ? '2' : '1',
      signer: credential === 'wrong' ? stranger : key,
    });
    if (credential !== 'missing') return request;
    const { Signature: _, ...unsigned } = JSON.parse(String(request.body)) as Record<
      string,
      string
    >;
    return { ...request, body: JSON.stringify(unsigned) };
  },
});

describe('Amazon SES through SNS', () => {
  let app: TestApp;
  afterEach(() => app.close());

  const start = async (options: object, fetch: EspFetch) => {
    app = await startEsp('express', { amazonSes: options }, { fetch });
  };
  const post = async (request: MadeRequest) =>
    (await app.get('/anymail/amazon_ses/tracking/', { method: 'POST', ...request })).status;

  test('judges the topic and the certificate before anything is fetched', async () => {
    const { fetch, asked } = amazon();
    await start({ topicArns: [TOPIC] }, fetch);
    const content = JSON.stringify(bounce);
    const other = 'arn:aws:sns:eu-west-1:999999999999:ses-events';
    expect(await post(sns(content, { topic: other }))).toBe(403);
    expect(await post(sns('', { topic: other, type: 'SubscriptionConfirmation' }))).toBe(403);
    for (const certificate of [
      'http://sns.eu-west-1.amazonaws.com/SimpleNotificationService-a.pem',
      'https://sns.eu-west-1.amazonaws.com:8443/SimpleNotificationService-a.pem',
      'https://user@sns.eu-west-1.amazonaws.com/SimpleNotificationService-a.pem',
      'https://sns.us-east-1.amazonaws.com/SimpleNotificationService-a.pem',
      'https://sns.eu-west-1.amazonaws.com.cn/SimpleNotificationService-a.pem',
      'https://sns.eu-west-1.amazonaws.com.evil.example/SimpleNotificationService-a.pem',
      'https://s3.amazonaws.com/SimpleNotificationService-a.pem',
      'https://sns.eu-west-1.amazonaws.com/bucket/SimpleNotificationService-a.pem',
      'https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-a.pem?x',
      'https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-a.pem#x',
      'https://sns.eu-west-1.amazonaws.com/x/../../etc/SimpleNotificationService-.pem',
      'file:///SimpleNotificationService-a.pem',
      '',
    ]) {
      expect([certificate, await post(sns(content, { certificate }))]).toEqual([certificate, 403]);
    }
    expect(asked).toEqual([]);
    expect(app.recorder.events).toEqual([]);
  });

  test('fetches a certificate once, and a missing one not twice', async () => {
    const { fetch, asked } = amazon();
    await start({ topicArns: [TOPIC] }, fetch);
    const requests = Array.from({ length: 5 }, () => sns(JSON.stringify(bounce)));
    expect(await Promise.all(requests.map(post))).toEqual([200, 200, 200, 200, 200]);
    expect(asked).toEqual([CERTIFICATE]);
    await app.close();

    const nothing = amazon(404);
    await start({ topicArns: [TOPIC] }, nothing.fetch);
    for (const request of requests) expect(await post(request)).toBe(403);
    expect(nothing.asked).toEqual([CERTIFICATE]);
  });

  test('keeps a cached certificate when many invalid ones are requested', async () => {
    const asked: string[] = [];
    const fetch: EspFetch = (url) => {
      asked.push(url.href);
      return Promise.resolve({ status: url.href === CERTIFICATE ? 200 : 404, body: cert });
    };
    await start({ topicArns: [TOPIC] }, fetch);
    const event = JSON.stringify(bounce);
    expect(await post(sns(event))).toBe(200);
    for (let i = 0; i < 120; i++) {
      const certificate = CERTIFICATE.replace('abc123', `none${i}`);
      expect(await post(sns(event, { certificate, signer: stranger }))).toBe(403);
    }
    expect(await post(sns(event))).toBe(200);
    expect(asked.filter((href) => href === CERTIFICATE)).toHaveLength(1);
    expect(asked).toHaveLength(121);
  });

  test('fetches two certificates at once at most, and asks for the message again', async () => {
    let open = 0;
    let most = 0;
    await start({ topicArns: [TOPIC] }, async () => {
      most = Math.max(most, ++open);
      await new Promise((resolve) => setTimeout(resolve, 100));
      open--;
      return { status: 200, body: cert };
    });
    const statuses = await Promise.all(
      ['a', 'b', 'c', 'd'].map((name) =>
        post(sns(JSON.stringify(bounce), { certificate: CERTIFICATE.replace('abc123', name) })),
      ),
    );
    expect(statuses.sort()).toEqual([200, 200, 503, 503]);
    expect(most).toBe(2);
  });

  test('asks for the message again where Amazon is not reached', async () => {
    await start({ topicArns: [TOPIC] }, () => Promise.reject(new Error('no route')));
    expect(await post(sns(JSON.stringify(bounce)))).toBe(503);
    expect(app.recorder.events).toEqual([]);
  });

  test('confirms a subscription at Amazon, in the region of the topic, and nowhere else', async () => {
    const { fetch, asked } = amazon();
    await start({ topicArns: [TOPIC] }, fetch);
    const confirmation = sns('', { type: 'SubscriptionConfirmation', version: '2' });
    expect(await post(confirmation)).toBe(200);
    expect(asked).toEqual([
      CERTIFICATE,
      `https://sns.eu-west-1.amazonaws.com/?${new URLSearchParams({
        Action: 'ConfirmSubscription',
        TopicArn: TOPIC,
        Token: 'the-token',
      }).toString()}`,
    ]);
    expect(await post(sns('', { type: 'UnsubscribeConfirmation' }))).toBe(200);
    expect(asked).toHaveLength(2);
    expect(app.recorder.events).toEqual([]);
  });

  test('does not confirm a subscription if that is turned off', async () => {
    const { fetch, asked } = amazon();
    await start({ topicArns: [TOPIC], autoConfirm: false }, fetch);
    expect(await post(sns('', { type: 'SubscriptionConfirmation' }))).toBe(200);
    expect(asked).toEqual([CERTIFICATE]);
  });

  test('confirms nothing for strangers', async () => {
    const { fetch, asked } = amazon();
    await start({ insecure: true }, fetch);
    expect(await post(sns('', { type: 'SubscriptionConfirmation' }))).toBe(403);
    expect(asked).toEqual([]);
  });

  test('challenges a client without credentials, as SNS wants it', async () => {
    await start({ basicAuth: 'user:first' }, amazon().fetch);
    const answer = await app.get('/anymail/amazon_ses/tracking/', {
      method: 'POST',
      ...sns(JSON.stringify(bounce)),
    });
    expect([answer.status, answer.headers['www-authenticate']]).toEqual([
      401,
      expect.stringContaining('Basic realm='),
    ]);
    const { body, headers } = sns(JSON.stringify(bounce));
    expect(await post({ body, headers: { ...headers, ...basic('user:first') } })).toBe(200);
    const forged = sns(JSON.stringify(bounce), { signer: stranger });
    expect(await post({ ...forged, headers: { ...forged.headers, ...basic('user:first') } })).toBe(
      403,
    );
  });

  test('makes an event for each recipient, and says where it does not know whose it is', async () => {
    await start({ topicArns: [TOPIC] }, amazon().fetch);
    const click = {
      eventType: 'Click',
      mail: bounce.mail,
      click: { link: 'https://example.com/', ipAddress: '192.0.2.1', userAgent: 'Agent/1' },
    };
    expect(await post(sns(JSON.stringify(bounce), { id: 'sns-b', subject: 'Events' }))).toBe(200);
    expect(await post(sns(JSON.stringify(click), { id: 'sns-c' }))).toBe(200);
    expect(app.recorder.events).toMatchObject([
      {
        eventId: 'sns-b',
        eventType: 'bounced',
        recipient: 'one@example.com',
        recipientCertain: true,
        permanent: true,
        mtaResponse: '550 5.1.1',
        description: 'Permanent: General',
        messageId: '<ours@example.com>',
        metadata: { customer: 7, order: '12345678901234567890' },
        tags: ['spring'],
        espEvent: bounce,
      },
      {
        eventId: 'sns-c',
        recipient: 'one@example.com',
        recipientCertain: false,
        userIp: '192.0.2.1',
      },
      { eventId: 'sns-c', recipient: 'two@example.com', recipientCertain: false },
    ]);
  });

  test('knows that a topic proves nothing without its signature', async () => {
    const refused = startEsp('express', {
      amazonSes: { topicArns: [TOPIC], verifySignature: false },
    });
    await expect(refused).rejects.toThrow('providers.amazonSes: has no authentication');
    await start({ topicArns: [TOPIC] }, amazon().fetch);
  });
});
