import { addressesOf } from './addresses.js';
import { isBag, listOf, type MailData } from './mail-data.js';
import { givenValues, withoutHeader } from './mail-headers.js';
import { parseAddresses } from './mail-message.js';
import type { NodemailerMessage } from './plugin-options.js';

const FIELDS = ['to', 'cc', 'bcc'] as const;

type Field = (typeof FIELDS)[number];

/** An entry of a field. What Nodemailer finds no address in has a name only. */
interface Entry {
  name?: string;
  address?: string;
}

type Entries = Record<Field, Entry[]>;

/** The recipients of a mail: those of its `envelope`, else those of its fields, as Nodemailer sends it. */
export class Recipients {
  private constructor(
    private readonly mail: NodemailerMessage,
    private readonly entries: Entries,
  ) {}

  /** @returns `undefined` if it cannot be told for certain */
  static async of(mail: NodemailerMessage): Promise<Recipients | undefined> {
    const { envelope } = mail.data as MailData;
    const entries = await parse(mail, (field) =>
      isBag(envelope) ? envelope[field] : fieldOf(mail.data, field),
    );
    return entries && new Recipients(mail, entries);
  }

  /** Each address once, as it is sent to the server. */
  get addresses(): string[] {
    const all = FIELDS.flatMap((field) => this.entries[field]);
    return [...new Set(all.flatMap(({ address }) => address || []))];
  }

  /**
   * Takes addresses off the envelope, and off `To`, `Cc` and `Bcc`: transports that post a mail over
   * HTTP read these, and readers take them for who got the mail. No object of the caller is changed.
   */
  async takeOff(gone: ReadonlySet<string>): Promise<void> {
    const data: MailData = this.mail.data;
    if (isBag(data.envelope)) {
      data.envelope = { ...data.envelope, ...changed(this.entries, gone) };
      const inHeader = await parse(this.mail, (field) => fieldOf(data, field));
      if (inHeader) putFields(data, changed(inHeader, gone));
    } else {
      putFields(data, changed(this.entries, gone));
    }
    for (const field of FIELDS) this.entries[field] = without(this.entries[field], gone);
  }
}

async function parse(
  mail: NodemailerMessage,
  valueOf: (field: Field) => unknown,
): Promise<Entries | undefined> {
  try {
    const given = byField(valueOf);
    const parsed = await parseAddresses(mail, given);
    if (parsed === undefined) return entriesOf(given);
    const found = byField((field) => flatten(parsed[field]));
    // Of texts, Nodemailer 6 and 7 make addresses that go to the server in another form.
    const sent = await parseAddresses(
      mail,
      byField((field) => found[field].filter(hasAddress)),
    );
    return byField((field) => [
      ...(listOf(sent![field]) as Entry[]),
      ...found[field].filter((entry) => !hasAddress(entry)),
    ]);
  } catch {
    return undefined;
  }
}

function byField<T>(valueOf: (field: Field) => T): Record<Field, T> {
  return { to: valueOf('to'), cc: valueOf('cc'), bcc: valueOf('bcc') };
}

/** The addresses of a mail that is not one of Nodemailer's. */
function entriesOf(given: Record<Field, unknown>): Entries | undefined {
  const lists = byField((field) => addressesOf(given[field])?.map((address) => ({ address })));
  const { to, cc, bcc } = lists;
  return to && cc && bcc && { to, cc, bcc };
}

/** The members of groups, too: they get the mail. */
function flatten(parsed: unknown): Entry[] {
  return listOf(parsed)
    .filter(isBag)
    .flatMap((entry) => (Array.isArray(entry.group) ? flatten(entry.group) : [entry as Entry]));
}

function hasAddress({ address }: Entry): boolean {
  return Boolean(address);
}

function fieldOf(data: MailData, field: Field): unknown {
  return data[field] || givenValues(data.headers, field);
}

/** The fields from which somebody is taken off, as Nodemailer takes them, without those. */
function changed(entries: Entries, gone: ReadonlySet<string>): Partial<Record<Field, unknown[]>> {
  const left = FIELDS.map((field) => [field, without(entries[field], gone)] as const);
  return Object.fromEntries(
    left
      .filter(([field, list]) => list.length < entries[field].length)
      .map(([field, list]) => [
        field,
        list.map((entry) => (hasAddress(entry) ? entry : entry.name)),
      ]),
  );
}

function without(entries: readonly Entry[], gone: ReadonlySet<string>): Entry[] {
  return entries.filter(({ address }) => address === undefined || !gone.has(address));
}

function putFields(data: MailData, fields: Partial<Record<Field, unknown[]>>): void {
  for (const [field, left] of Object.entries(fields)) {
    data.headers = withoutHeader(data.headers, field);
    if (left.length > 0) data[field as Field] = left;
    else delete data[field as Field];
  }
}
