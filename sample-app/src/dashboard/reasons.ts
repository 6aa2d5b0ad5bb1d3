import { CATALOGUE } from 'nestjs-email-tracking';

/** What is not in the catalogue: what verdicts add by themselves, and what providers say. */
const OTHERS: Record<string, string> = {
  NO_EVIDENCE: 'Nothing that is known speaks for a person or for a machine.',
  NO_MESSAGE_KEY: 'The link names no mail, so this hit could not be compared with others.',
  WINDOW_UNAVAILABLE: 'The memory of earlier hits was away, so this one was judged by itself.',
  SENDGRID_MACHINE_OPEN: 'SendGrid says that Apple’s Mail Privacy Protection fetched it.',
  MAILGUN_BOT: 'Mailgun says that a machine did it.',
  BREVO_PROXY_OPEN: 'Brevo says that a proxy fetched it.',
  SPARKPOST_PREFETCHED: 'SparkPost says that it was fetched ahead, before anybody looked.',
  SPARKPOST_PROXY: 'SparkPost says that a proxy fetched it.',
};

/** Several lines of the catalogue share these codes; a verdict does not say which one spoke. */
const SHARED: Record<string, string> = {
  CHAT_PREVIEW: 'A chat program made a preview of a link that somebody shared.',
  OLD_SAFE_LINKS: 'Safe Links as it was, by its old browser or by its network.',
  HTTP_CLIENT: 'A program that fetches URLs, no browser.',
  DECLARED_PREFETCH: 'Says by a header that it fetches ahead: nobody has asked for it yet.',
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

/** A reason of a verdict in words. */
export function sentenceOf(code: string): string {
  return SENTENCES.get(code) ?? 'A rule of this app’s own, or of a newer catalogue.';
}
