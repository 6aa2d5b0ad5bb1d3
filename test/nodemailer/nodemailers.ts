import nodemailer10 from 'nodemailer';
import nodemailer6 from 'nodemailer6';

/** What a transporter says of a mail that it sent. */
export interface SentMail {
  messageId: string;
  message?: unknown;
  envelope: { to: string[] };
}

/** What the tests use of a transporter, of whatever version. */
export interface TestTransporter {
  use(step: string, plugin: (mail: never, callback: never) => void): unknown;
  sendMail(mail: object): Promise<SentMail>;
  close(): void;
}

type CreateTransport = (options: object, defaults?: object) => TestTransporter;

/** The oldest and the newest Nodemailer that the plugin serves. */
export const NODEMAILERS: [version: string, createTransport: CreateTransport][] = [
  ['6', nodemailer6.createTransport as CreateTransport],
  ['10', nodemailer10.createTransport as unknown as CreateTransport],
];

/** What an outcome says of a mail that names no list, and of whom nobody is suppressed. */
export const NOTHING = { suppressed: 0, unsubscribe: 'off', dkim: null };
