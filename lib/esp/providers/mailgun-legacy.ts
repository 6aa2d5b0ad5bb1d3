import type { RejectReason, TrackingEventType } from '../../plugin.js';
import type { EspEvent } from '../esp-provider.js';
import { unreadable } from '../esp-refusal.js';
import type { EspRequest } from '../esp-request.js';
import { first, last, type FormFields } from '../../util/form.js';
import { jsonField } from '../parse-json.js';
import { lookUp } from '../meanings.js';
import { fromUnixSeconds } from '../times.js';
import { isObject, listOf, textOf } from '../values.js';

/** `event` of the webhooks before 2018. */
const EVENTS: Readonly<Record<string, TrackingEventType>> = {
  delivered: 'delivered',
  dropped: 'rejected', // Not tried any more: rejected, or bounced before.
  bounced: 'bounced',
  complained: 'complained',
  unsubscribed: 'unsubscribed',
  opened: 'opened',
  clicked: 'clicked',
};

/**
 * Codes of Mailgun's own among the SMTP codes. Compared with django-anymail and Symfony
 * (MailgunPayloadConverter.php).
 */
export const CODES: Readonly<Record<string, RejectReason>> = {
  499: 'timed_out', // Delivering took too long.
  605: 'bounced', // The address bounced before.
  606: 'unsubscribed', // The recipient unsubscribed before (Symfony).
  607: 'spam', // The recipient complained before.
};

/** The events whose fields hold the sender's variables among Mailgun's own. */
const WITH_VARIABLES = ['clicked', 'opened', 'unsubscribed'];

/** Mailgun's own fields of those events. */
const OWN_FIELDS: ReadonlySet<string> = new Set(
  (
    'event recipient domain ip country region city user-agent device-type client-type client-name ' +
    'client-os campaign-id campaign-name tag mailing-list timestamp token signature body-plain h ' +
    'message-id'
  ).split(' '),
);

/** In these, Mailgun's own value comes behind the sender's. */
const SENDER_FIRST = ['signature', 'timestamp', 'token'];

/**
 * Returns the form of an event, or of inbound mail, as its raw event.
 *
 * @throws TrackingError `ESP_PAYLOAD` for any other body
 */
export function legacyForm(request: EspRequest): unknown {
  const form = request.form();
  if (form.has('event') || form.has('sender')) return Object.fromEntries(form);
  throw unreadable('The body is neither JSON (by its Content-Type) nor the form of an event.');
}

/** Reads the form of an event. */
export function fromLegacyForm(form: FormFields): EspEvent {
  const event = first(form, 'event')!;
  const code = first(form, 'code');
  return {
    eventType: lookUp(EVENTS, event) ?? 'unknown',
    name: event,
    eventId: last(form, 'token'),
    timestamp: fromUnixSeconds(last(form, 'timestamp')),
    messageId: angled(first(form, 'Message-Id') ?? first(form, 'message-id')),
    recipient: first(form, 'recipient'),
    metadata: variables(form, event),
    tags: form.get('tag') ?? form.get('X-Mailgun-Tag') ?? [],
    rejectReason: code === undefined ? null : reasonOf(code),
    permanent: code === undefined ? null : isPermanent(code),
    description: first(form, 'description'),
    mtaResponse: first(form, 'error') || first(form, 'notification'),
    userAgent: first(form, 'user-agent'),
    userIp: first(form, 'ip'),
    clickUrl: first(form, 'url'),
  };
}

/** A Message-ID in the angle brackets that it has on the wire. */
export function angled(id: unknown): string | null {
  const text = textOf(id);
  if (!text) return null;
  return text.startsWith('<') ? text : `<${text}>`;
}

function reasonOf(code: string): RejectReason {
  if (/^\s*[+-]?\d+\s*$/.test(code)) {
    const number = Number(code);
    return CODES[number] ?? (number >= 400 && number < 600 ? 'bounced' : 'other');
  }
  return ['4', '5'].includes(code.split('.', 1)[0]!) ? 'bounced' : 'other';
}

function isPermanent(given: string): boolean | null {
  // Cut here: in the expressions, space around would make them quadratic.
  const code = given.trim();
  if (/^(?:5\d\d|60[5-7]|5\.\d.*)$/.test(code)) return true;
  return /^(?:4\d\d|4\.\d.*)$/.test(code) ? false : null;
}

function variables(form: FormFields, event: string): object {
  const headers = first(form, 'message-headers');
  if (headers !== undefined) return fromHeaders(headers);
  if (!WITH_VARIABLES.includes(event)) return {};
  const found: [string, string][] = [];
  for (const [name, values] of form) {
    const isOwn = OWN_FIELDS.has(name) || (name === 'url' && event === 'clicked');
    if (!isOwn) found.push([name, values.at(-1)!]);
    else if (name !== 'tag' && values.length > 1) {
      found.push([name, SENDER_FIRST.includes(name) ? values[0]! : values.at(-1)!]);
    }
  }
  return Object.fromEntries(found);
}

/** Merges the JSON of all headers `X-Mailgun-Variables`. Where a name is repeated, the last wins. */
function fromHeaders(text: string): object {
  const entries = listOf(jsonField(text)).flatMap((header) => {
    const [name, value] = listOf(header);
    const found = name === 'X-Mailgun-Variables' ? jsonField(value) : undefined;
    return isObject(found) ? Object.entries(found) : [];
  });
  return Object.fromEntries(entries);
}
