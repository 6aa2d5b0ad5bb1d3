import { objectOf } from 'nestjs-email-tracking/esp';
import type { Comparable, RecordedCase } from './recorded.js';

/** Where this package answers otherwise than the reference, on purpose. */
export interface Deviation {
  /** The cases, by what follows the last dot of their names. */
  cases: RegExp;
  /** Why ours is the better answer. */
  reason: string;
  /** The status of our answer, where the rule of `expectedStatus` does not say it. */
  status?: number;
  /** Our events, where they are not those of the reference. */
  events?: (recorded: Comparable[]) => Comparable[];
  /** What the app says instead of starting. */
  problem?: RegExp;
}

/** Changes fields of all events. */
export function change(fields: Partial<Comparable>): NonNullable<Deviation['events']> {
  return (recorded) => recorded.map((event) => ({ ...event, ...fields }));
}

/** Reads a member of what the provider sent. */
type Sent = (...path: string[]) => unknown;

/** Changes fields of all events by what the provider sent. */
export function changeBy(
  fieldsOf: (sent: Sent, recorded: Comparable) => Partial<Comparable>,
): NonNullable<Deviation['events']> {
  return (recorded) =>
    recorded.map((event) => {
      const sent: Sent = (...path) =>
        path.reduce((value, name) => objectOf(value)[name], event.espEvent);
      return { ...event, ...fieldsOf(sent, event) };
    });
}

/** An event of which the reference made an accident: what is not said of it is not compared. */
export function event(fields: Partial<Comparable> & { eventType: string }): () => Comparable[] {
  return () => [fields as Comparable];
}

/**
 * What holds for every provider:
 * - credentials that are missing are answered by 401, wrong ones by 403 (the reference: 400 for
 *   both), because a provider's operator should see which of the two it is;
 * - what cannot be read is answered by 400 (the reference: 500), because it is nobody's accident here;
 * - a route answers without its last slash, too (the reference: a redirect that loses the body).
 *
 * @returns the statuses that are right
 */
export function expectedStatus({ response, request }: RecordedCase): number[] {
  if (response.status === 400) return [401, 403];
  if (response.status === 500) return [400];
  if (response.status === 301 && request.method === 'POST') return [200];
  return [response.status];
}

/** The deviations of each provider, one section for each, in the order of the alphabet. */
export const DEVIATIONS: Readonly<Record<string, Deviation[]>> = {
  amazonSes: [
    {
      cases: /test_(?:bounce|click|delivery|open)_event|ExtraAmazonSES\.test_event_click|type_wins/,
      reason: 'an event happened when the event says, not when SNS published it',
      events: changeBy((sent) => {
        const type = String(sent('eventType') ?? sent('notificationType')).toLowerCase();
        return { timestamp: Date.parse(String(sent(type, 'timestamp'))) };
      }),
    },
    {
      cases: /test_(?:bounce|delivery|send)_event/,
      reason: "message tags are Amazon's own metadata and tags",
      events: changeBy((sent, { metadata, tags }) => {
        const all = Object.entries((sent('mail', 'tags') ?? {}) as Record<string, string[]>);
        const own = all.filter(([name]) => !name.startsWith('ses:'));
        return {
          metadata: {
            ...Object.fromEntries(own.map(([name, [value]]) => [name, value])),
            ...(metadata as object),
          },
          tags: [...own.flatMap(([, values]) => values), ...(tags as string[])],
        };
      }),
    },
    {
      cases:
        /test_send_event|rendering_failure|good_then_bad_metadata|metadata_not_object|naive_timestamp/,
      reason: 'a mail was sent, or not sent, at the time of the mail',
      events: changeBy((sent) => ({ timestamp: Date.parse(String(sent('mail', 'timestamp'))) })),
    },
    {
      cases: /test_event_deliverydelay/,
      reason: 'a delay is a deferral, of the recipients that it names',
      events: event({
        eventType: 'deferred',
        recipient: 'a@example.com',
        description: 'TransientCommunicationFailure',
        eventId: 'sns-1',
      }),
    },
    {
      cases: /test_bounce_no_recipients_key/,
      reason: 'a bounce of nobody is an unknown event, and kept',
      status: 200,
      events: event({ eventType: 'unknown', messageId: 'ses-msg-1' }),
    },
    {
      cases: /test_body_amazon_ses_nan/,
      reason: 'NaN is not JSON',
      status: 400,
    },
    {
      cases: /test_sns_subscription_confirmation_failure/,
      reason: 'the reference was told to fail here; ours reached an Amazon that does not',
      status: 200,
    },
  ],

  brevo: [
    {
      cases: /test_error_email/,
      reason: 'a time in seconds is one in seconds, also where milliseconds are documented',
      events: changeBy((sent) => ({ timestamp: Number(sent('ts_epoch')) * 1000 })),
    },
    {
      cases: /test_(?:empty_secret_string|none_secret|secret_without_colon)/,
      reason: 'a secret that is none is a mistake, which would leave the door open',
      problem: /providers\.brevo\.basicAuth/,
    },
    {
      cases: /test_base64_with_junk_chars/,
      reason: 'what is no base64 is no credential',
      status: 403,
      events: () => [],
    },
    {
      cases: /test_(?:unique_)?proxy_open_event/,
      reason: 'a tag that comes as a list is a list of tags, not a tag that is a list',
      events: change({ tags: ['transactionalTag'] }),
    },
    {
      cases: /test_body_brevo_list_of_null/,
      reason: 'a batch is taken; what is no event in it is reported',
      status: 200,
    },
    {
      cases: /test_batch_array/,
      reason: 'Brevo can send batches; these two events are one, sent twice',
      status: 200,
      events: event({ eventType: 'delivered', recipient: 'Recipient@Example.com' }),
    },
    {
      cases: /test_custom_not_json/,
      reason: 'a header of the sender that is not JSON loses no event, and is kept',
      status: 200,
      events: event({
        eventType: 'delivered',
        messageId: '<2018.1@x.com>',
        metadata: { 'X-Mailin-custom': 'plain string' },
      }),
    },
    {
      cases: /test_ts_epoch_string/,
      reason: 'digits are a number, whether or not in quotes',
      status: 200,
      events: event({ eventType: 'delivered', timestamp: 1533765600123 }),
    },
    {
      cases: /test_trailing_slash_missing_url/,
      reason: 'the event is taken, instead of a redirect that loses it',
      status: 200,
      events: event({ eventType: 'unknown' }),
    },
  ],

  mailersend: [
    {
      cases: /test_opened_unique/,
      reason: 'the first opening is an opening',
      events: change({ eventType: 'opened' }),
    },
    {
      cases: /test_clicked_unique/,
      reason: 'the first click is a click',
      events: change({ eventType: 'clicked' }),
    },
    {
      cases: /test_no_data/,
      reason: 'the wrapper says what happened, too',
      status: 200,
      events: event({ eventType: 'sent', messageId: null, recipient: null }),
    },
    {
      cases: /test_method_mailersend_head_without_esp_keys/,
      reason: 'HEAD asks for nothing that needs a key',
      status: 200,
    },
  ],

  mailgun: [
    {
      cases: /MailgunTestCase\.|ExtraMailgun\.test_(?!legacy|event_missing|sig_(?:bad|null))/,
      reason: 'the id of an event is its own: its token is another for each webhook',
      events: changeBy((sent, { eventId }) => ({ eventId: sent('event-data', 'id') ?? eventId })),
    },
    {
      cases: /test_failed_permanent_suppress_complaint/,
      reason: 'the recipient complained before',
      events: change({ rejectReason: 'spam' }),
    },
    {
      cases: /inbound|test_legacy_no_event_no_sender|test_sig_bad_json/,
      reason: 'Mailgun sends again what is not answered by 200 or 406, and this would fail again',
      status: 406,
    },
    {
      cases: /test_sig_null_block/,
      reason: 'no signature is no accident, but credentials that are missing',
      status: 401,
    },
    {
      cases: /test_event_missing/,
      reason: 'an event without a type is an unknown one, and kept',
      status: 200,
      events: event({ eventType: 'unknown', recipient: 'to@example.com' }),
    },
  ],

  mailjet: [
    {
      cases: /ExtraMailjet\.test_(?!event_missing|payload_null)/,
      reason: "CustomID is Mailjet's own label of a mail",
      events: changeBy((sent, { tags }) => ({
        tags: [...(tags as string[]), sent('CustomID')].filter((tag) => tag !== undefined),
      })),
    },
    {
      cases: /test_body_mailjet_(?:empty_object|wrong_content_type)|test_event_missing/,
      reason: 'an event without a type is an unknown one, and kept',
      status: 200,
      events: event({ eventType: 'unknown' }),
    },
    {
      cases: /test_body_mailjet_list_of_null/,
      reason: 'what is no event in a batch is reported, and the others go on',
      status: 200,
    },
    {
      cases: /test_body_mailjet_nan/,
      reason: 'NaN is not JSON',
      status: 400,
      events: () => [],
    },
    {
      cases: /test_message_id_null/,
      reason: 'no id is null, not the word None',
      events: change({ messageId: null }),
    },
    {
      cases: /test_payload_null/,
      reason: 'no payload is no metadata',
      status: 200,
      events: event({ eventType: 'delivered', messageId: '19421777835146490', metadata: {} }),
    },
  ],

  mailtrap: [
    {
      cases: /test_(?:bounce|suspension)_event|test_bounce_full/,
      reason: 'the category of a bounce, or its reason, explains it',
      events: changeBy((sent) => ({ description: sent('reason') || sent('bounce_category') })),
    },
    {
      cases: /test_no_timestamp/,
      reason: 'an event without a time happened when it arrived',
      status: 200,
      events: event({ eventType: 'delivered', eventId: 'bede7236-2284-43d6-a953-1fdcafd0fdbc' }),
    },
    {
      cases: /test_receiver_raises/,
      reason: 'a handler that fails takes nothing from the others, and the batch is not sent again',
      status: 200,
      events: () => [
        { eventType: 'delivered', eventId: 'e0' } as Comparable,
        { eventType: 'opened', eventId: 'e1' } as Comparable,
        { eventType: 'clicked', eventId: 'e2' } as Comparable,
      ],
    },
  ],

  mandrill: [
    {
      cases: /test_hard_bounce_event|test_event_hard_bounce/,
      reason: 'the description of a bounce explains it',
      events: changeBy((sent) => ({ description: sent('msg', 'bounce_description') })),
    },
    {
      cases: /test_ts_string/,
      reason: 'digits are a number, whether or not in quotes',
      status: 200,
      events: event({ eventType: 'sent', timestamp: 1461095246000, recipient: 'to@example.com' }),
    },
  ],

  postal: [
    {
      cases: /PostalDeliveryTestCase|ExtraPostal\.test_(?!timestamp|incoming|inbound)/,
      reason: 'the fraction of a second is kept',
      events: changeBy((sent, { timestamp }) => {
        const seconds = sent('timestamp');
        return { timestamp: seconds ? Math.floor(Number(seconds) * 1000) : timestamp };
      }),
    },
    {
      cases: /test_method_postal_(?!head_without)/,
      reason: 'a key that is cut off is found when the app starts',
      problem: /providers\.postal\.publicKey/,
    },
    {
      cases: /test_method_postal_head_without_esp_keys/,
      reason: 'HEAD asks for nothing that needs a key',
      status: 200,
    },
    {
      cases: /test_loaded_open/,
      reason: 'the pixel was loaded: an opening',
      events: change({ eventType: 'opened' }),
    },
    {
      cases: /test_timestamp_float_string/,
      reason: 'digits are a number, whether or not in quotes',
      status: 200,
      events: event({ eventType: 'delivered', timestamp: 1606753101900 }),
    },
  ],

  postmark: [
    {
      cases: /test_bounce_type_InboundError/,
      reason: 'inbound mail is no business of TrackingEvent, which has no type for its failure',
      events: change({ eventType: 'unknown' }),
    },
  ],

  resend: [
    {
      cases: /test_contact_created/,
      reason: 'an event of a contact names its address',
      events: changeBy((sent) => ({ recipient: sent('data', 'email') })),
    },
    {
      cases: /test_body_resend_(?:empty_object|wrong_content_type)/,
      reason: 'an event without a type is an unknown one, and kept',
      status: 200,
      events: event({ eventType: 'unknown' }),
    },
    {
      cases: /test_headers_null/,
      reason: 'null is as good as absent',
      status: 200,
      events: event({ eventType: 'sent', eventId: 'msg_1', recipient: 'to@example.com', tags: [] }),
    },
    {
      cases: /test_sig_no_version/,
      reason: 'a signature without a version is wrong, and no accident',
      status: 403,
    },
    {
      cases: /test_suppressed/,
      reason: 'Resend did not send: the recipient is suppressed',
      events: change({ eventType: 'rejected', rejectReason: 'blocked' }),
    },
  ],

  sendgrid: [
    {
      cases: /test_no_ids/,
      reason: 'the start of sg_message_id is the id of the mail where there is no smtp-id',
      events: changeBy((sent) => ({ messageId: sent('sg_message_id') })),
    },
    {
      cases: /test_machine_open|test_batch/,
      reason: "SendGrid's newer keys are not the sender's metadata",
      events: (recorded) =>
        recorded.map(({ metadata, ...rest }) => ({ ...rest, metadata: withoutNewKeys(metadata) })),
    },
  ],

  sparkpost: [
    {
      cases: /test_body_sparkpost_list_of_null/,
      reason: 'what is no event in a batch is reported, and the others go on',
      status: 200,
    },
    {
      cases: /test_initial_open_enabled/,
      reason: 'one id, type and recipient: one event',
      events: ([first]) => [first!],
    },
    {
      cases: /test_second_event_bad_aborts_all/,
      reason: 'an event without a type is an unknown one, and the others go on',
      status: 200,
      events: () =>
        ['opened', 'unknown', 'clicked'].map((eventType) => ({ eventType }) as Comparable),
    },
  ],

  unisenderGo: [
    {
      cases: /test_bad_event_time/,
      reason: 'an event without a time that can be read happened when it arrived',
      status: 200,
      events: event({ eventType: 'sent', messageId: 'any-1' }),
    },
    {
      cases: /test_gzip_compressed_body/,
      reason: 'what is packed is unpacked, and the signature is right',
      status: 200,
      events: event({ eventType: 'sent', messageId: 'any-1' }),
    },
    {
      cases: /test_single_event_no_name/,
      reason: 'an event without a name is an unknown one, and kept',
      status: 200,
      events: event({ eventType: 'unknown' }),
    },
    {
      cases: /test_two_users/,
      reason: 'the events of all users are taken; these two are one, sent twice',
      status: 200,
      events: event({ eventType: 'sent', messageId: 'any-1' }),
    },
  ],
};

function withoutNewKeys(metadata: unknown): object {
  return Object.fromEntries(
    Object.entries(metadata as object).filter(([key]) => !key.startsWith('sg_')),
  );
}
