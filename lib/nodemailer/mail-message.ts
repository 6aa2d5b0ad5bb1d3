import { type Bag, isBag } from './mail-data.js';
import type { Access, PartName } from './mail-part.js';
import type { NodemailerMessage } from './plugin-options.js';

/**
 * Access that is closed by the mail, the transporter or its defaults stays closed. Nodemailer 6
 * lets a mail open again what the defaults close, and its way for plugins knows no limits at all.
 */
export function accessOf(mail: NodemailerMessage): Access {
  const { mailer } = mail as NodemailerMessage & { mailer?: { options?: Bag; _defaults?: Bag } };
  const places = [mail.data as Bag, mailer?.options, mailer?._defaults];
  const isOpen = (flag: string) => !places.some((place) => isBag(place) && Boolean(place[flag]));
  return { files: isOpen('disableFileAccess'), urls: isOpen('disableUrlAccess') };
}

interface ContentResolver {
  resolveContent(
    data: object,
    key: string,
    callback: (error: Error | null, value?: unknown) => void,
  ): unknown;
}

/** Reads a part as Nodemailer does. */
export function resolveContent(mail: NodemailerMessage, part: PartName): Promise<unknown> {
  return new Promise((resolve, reject) => {
    (mail as NodemailerMessage & ContentResolver).resolveContent(
      mail.data,
      part,
      (error, value) => {
        if (error) reject(error);
        else resolve(value);
      },
    );
  });
}

interface AddressResolver {
  resolveAll(callback: (error: Error | null) => void): void;
}

/**
 * Reads address fields as this version of Nodemailer does, which decides who gets the mail: the
 * versions disagree about quotes. Nodemailer's `resolveAll` is called for a mail that has nothing
 * but these fields, so no content is read.
 *
 * @returns the parsed fields, or `undefined` if the mail is not one of Nodemailer's
 * @throws what Nodemailer throws for values that it cannot read
 */
export async function parseAddresses<Field extends string>(
  mail: NodemailerMessage,
  fields: Readonly<Record<Field, unknown>>,
): Promise<Record<Field, unknown> | undefined> {
  const { resolveAll } = mail as NodemailerMessage & Partial<AddressResolver>;
  if (typeof resolveAll !== 'function') return undefined;
  const copies = Object.entries(fields).map(([field, value]) => [field, copyOf(value)]);
  const data = Object.fromEntries(copies) as Record<Field, unknown>;
  const bare = Object.assign(Object.create(mail) as AddressResolver, { data, message: null });
  await new Promise<void>((resolve, reject) => {
    bare.resolveAll((error) => (error ? reject(error) : resolve()));
  });
  return data;
}

/** Nodemailer 6 writes into the objects that it parses. */
function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyOf);
  return isBag(value) ? { ...value } : value;
}
