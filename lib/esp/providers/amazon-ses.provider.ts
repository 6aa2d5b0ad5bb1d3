import { isOneOf } from '../auth/checks.js';
import { sharedSecret } from '../auth/shared-secret.js';
import { snsHost, snsSignature } from '../auth/sns.js';
import type {
  EspAuthentication,
  EspProvider,
  EspProviderContext,
  EspProviderOptions,
  EspSecret,
} from '../esp-provider.js';
import { unreadable, wrong } from '../esp-refusal.js';
import type { EspRequest } from '../esp-request.js';
import { parseJson } from '../parse-json.js';
import { objectOf, requireObject, textOf, type RawObject } from '../values.js';
import { fromEventBridge, fromSes, sesEventOf, typeOf } from './amazon-ses-events.js';
import { confirmSubscription, contentOf, type SnsService } from './sns-messages.js';

/** What Amazon SES takes beside the options of every provider. */
export interface AmazonSesOptions {
  /** The ARNs of the SNS topics that may post. A signature alone proves only that it is some topic. */
  topicArns?: readonly string[];
  /**
   * Whether the signature of SNS is checked. It is a proof together with `topicArns` or `basicAuth`.
   *
   * @default true
   */
  verifySignature?: boolean;
  /**
   * Whether a subscription is confirmed, once its request has proved itself.
   *
   * @default true
   */
  autoConfirm?: boolean;
  /**
   * Whether EventBridge may post, too. It does not sign: `apiKey` or `basicAuth` is its proof.
   *
   * @default true with `apiKey`, else false
   */
  eventBridge?: boolean;
  /**
   * The value that the connection of EventBridge sends as `X-Api-Key`. A list rotates. Messages of
   * SNS do not need it.
   */
  apiKey?: EspSecret;
}

type Options = AmazonSesOptions & EspProviderOptions;

/** What SES says first, when a topic is chosen. */
const VALIDATED = 'Successfully validated SNS topic for Amazon SES event publishing.';

const AMAZON_SNS: SnsService = { name: 'Amazon SNS', hostOf: snsHost };

const TYPES = ['Notification', 'SubscriptionConfirmation', 'UnsubscribeConfirmation'];

/**
 * SES posts through SNS or EventBridge: one event at a time, which is one for each recipient here.
 * Messages of SNS are signed, and stay so when EventBridge may post beside it.
 */
export const amazonSes: EspProvider<AmazonSesOptions> = {
  key: 'amazonSes',
  espName: 'Amazon SES',
  routes: ['amazon_ses/tracking'],
  // A message of SNS has at most 256 KB, and is a flat object of ten texts. An event of EventBridge
  // has as many bytes, and is parsed when its sender is known.
  limits: { bytes: 256 * 1024, members: 100, unpacked: 64 * 1024 },
  options: {
    topicArns: {
      type: 'strings',
      check: (value) =>
        snsHost(value) === undefined
          ? 'must be ARNs of topics, such as arn:aws:sns:eu-west-1:123456789012:ses-events'
          : undefined,
    },
    verifySignature: { type: 'boolean' },
    autoConfirm: { type: 'boolean' },
    eventBridge: { type: 'boolean' },
    apiKey: { type: 'secret' },
  },

  authenticate(options, context) {
    const ofSns = snsChecks(options, context);
    const ofEventBridge = eventBridgeChecks(options, context);
    if (!ofSns && !ofEventBridge) return [];
    return [
      {
        async verify(request) {
          const isSns = isFromSns(request, options);
          const checks = isSns ? ofSns : ofEventBridge;
          if (!checks) throw wrong(isSns ? NO_PROOF_OF_SNS : NO_PROOF_OF_EVENT_BRIDGE);
          for (const check of checks) await check.verify(request);
        },
      },
    ];
  },

  inbound: {
    is: (raw) => typeOf(sesEventOf(objectOf(raw))) === 'Received',
    advice: 'In the receipt rule, choose another topic for SNS.',
  },

  async parse(request, options, context) {
    // Not `request.json()`, whose limit of members is for strangers.
    if (!isFromSns(request, options)) return [requireObject(parseJson(request.text()))];
    checkHeaders(request);
    const envelope = envelopeOf(request);
    switch (envelope.Type) {
      case 'SubscriptionConfirmation':
        if (options.autoConfirm === false) return [];
        if (!isProof(options, context)) {
          throw wrong('A subscription is only confirmed for topicArns, or with basicAuth.');
        }
        await confirmSubscription(envelope, AMAZON_SNS, context.fetch);
        return [];
      case 'UnsubscribeConfirmation':
        return [];
    }
    const message = contentOf(envelope, AMAZON_SNS);
    return message === VALIDATED ? [] : [requireObject(parseJson(message))];
  },

  toEvent: (raw, request, options) =>
    isFromSns(request, options)
      ? fromSes(objectOf(raw), envelopeOf(request))
      : fromEventBridge(objectOf(raw)),
};

const NO_PROOF_OF_SNS = 'Messages of Amazon SNS are only accepted with topicArns or basicAuth.';
const NO_PROOF_OF_EVENT_BRIDGE =
  'Events of Amazon EventBridge are only accepted with apiKey or basicAuth.';

/** SNS names the type of each message in a header, raw ones too. Which checks apply depends on it. */
function isFromSns(request: EspRequest, { apiKey, eventBridge = apiKey !== undefined }: Options) {
  return !eventBridge || request.header('x-amz-sns-message-type') !== undefined;
}

/** @returns nothing if the options ask for no proof of SNS */
function snsChecks(options: Options, context: EspProviderContext): EspAuthentication[] | undefined {
  const { topicArns, verifySignature = true } = options;
  if (!isProof(options, context)) return undefined;
  const checks: EspAuthentication[] = [{ verify: checkHeaders }];
  if (topicArns) checks.push({ verify: (request) => checkTopic(request, topicArns) });
  if (verifySignature) checks.push(snsSignature(context.fetch));
  return checks;
}

/** @returns nothing if the options ask for no proof of EventBridge */
function eventBridgeChecks(
  { apiKey: secrets }: Options,
  { basicAuth }: EspProviderContext,
): EspAuthentication[] | undefined {
  if (secrets) return [sharedSecret({ secrets, setting: 'apiKey', header: 'X-Api-Key' })];
  return basicAuth.length > 0 ? [] : undefined;
}

/** Without a topic or a password, anybody who has an account at AWS could post. */
function isProof(options: Options, { basicAuth }: EspProviderContext): boolean {
  const isSignedTopic = options.topicArns !== undefined && options.verifySignature !== false;
  return isSignedTopic || basicAuth.length > 0;
}

function checkTopic(request: EspRequest, topicArns: readonly string[]): void {
  const topic = textOf(envelopeOf(request).TopicArn);
  if (topic === null || !isOneOf(topic, topicArns)) {
    throw wrong('The topic is not one of topicArns.');
  }
}

function envelopeOf(request: EspRequest): RawObject {
  return requireObject(request.json());
}

/** What the headers say must be what the body says: routers and logs look at the headers. */
function checkHeaders(request: EspRequest): void {
  const envelope = envelopeOf(request);
  const type = textOf(envelope.Type);
  if (type === null || request.header('x-amz-sns-message-type') !== type) {
    throw wrong('The headers of Amazon SNS do not match the body: turn off raw message delivery.');
  }
  if (!TYPES.includes(type)) throw unreadable('This message type of Amazon SNS is unknown.');
  if (request.header('x-amz-sns-message-id') !== textOf(envelope.MessageId)) {
    throw wrong('The headers of Amazon SNS do not match the body.');
  }
}
