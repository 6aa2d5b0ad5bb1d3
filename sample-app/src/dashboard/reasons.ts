import { CATALOGUE } from 'nestjs-email-tracking';

/** Reasons that are not in the catalogue: those of the judge itself, and those of providers. */
const OTHERS: Record<string, string> = {
  NO_EVIDENCE: 'There is no sign of a person and none of a machine.',
  NO_MESSAGE_KEY: 'The link does not name its mail, so this hit could not be compared with others.',
  WINDOW_UNAVAILABLE: 'The store of earlier hits did not answer, so this hit was judged alone.',
  SENDGRID_MACHINE_OPEN: 'SendGrid says that Apple’s Mail Privacy Protection loaded it.',
  MAILGUN_BOT: 'Mailgun says that a machine did it.',
  BREVO_PROXY_OPEN: 'Brevo says that a proxy loaded it.',
  SPARKPOST_PREFETCHED: 'SparkPost says that it was loaded in advance.',
  SPARKPOST_PROXY: 'SparkPost says that a proxy loaded it.',
};

/** Codes that several lines of the catalogue share; a verdict does not say which line it was. */
const SHARED: Record<string, string> = {
  CHAT_PREVIEW: 'A chat program made a preview of a shared link.',
  OLD_SAFE_LINKS: 'An older version of Safe Links, known by its browser or its network.',
  HTTP_CLIENT: 'A program that loads URLs, not a browser.',
  DECLARED_PREFETCH: 'A header says that it was loaded in advance, before anybody asked for it.',
  GMAIL_PROXY_EARLY:
    'Gmail’s image proxy within a minute after sending or delivery: its own first fetch, or a person who opened the mail from a notification.',
  LINK_BURST: 'Three or more different links within a few seconds.',
  UNSUBSCRIBE_AND_BODY: 'The link that ends the subscription and another one within a minute.',
  WEBMAIL_PROXY: 'The image proxy of a webmail service, which fetches a picture for its reader.',
  NEW_OUTLOOK: 'The new Outlook for Windows, which a person reads in.',
  ROBOT_NAME: 'Has a name that says what it does, such as bot, crawler or checker.',
};

const SENTENCES = new Map([
  ...CATALOGUE.map(({ code, meaning }): [string, string] => [code, meaning]),
  ...Object.entries(SHARED),
  ...Object.entries(OTHERS),
]);

/** Explains a reason of a verdict. */
export function sentenceOf(code: string): string {
  return SENTENCES.get(code) ?? 'A custom rule of this app, or a rule of a newer catalogue.';
}
