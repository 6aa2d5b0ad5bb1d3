import type { RecordedCase } from './recorded.js';

/** Settings of the vectors that no line below reads; the replay fails if there are some. */
export const UNSET: string[] = [];

/** What the settings of the reference are called here: provider, option. */
const OPTIONS: Readonly<Record<string, readonly [key: string, option: string]>> = {
  AMAZON_SES_AUTO_CONFIRM_SNS_SUBSCRIPTIONS: ['amazonSes', 'autoConfirm'],
  MAILERSEND_SIGNING_SECRET: ['mailersend', 'signingSecret'],
  MAILGUN_WEBHOOK_SIGNING_KEY: ['mailgun', 'signingKey'],
  MAILGUN_API_KEY: ['mailgun', 'signingKey'],
  MAILTRAP_TRACKING_SECRET: ['mailtrap', 'signatureSecret'],
  MANDRILL_WEBHOOK_KEY: ['mandrill', 'webhookKey'],
  MANDRILL_WEBHOOK_URL: ['mandrill', 'publicUrl'],
  POSTAL_WEBHOOK_KEY: ['postal', 'publicKey'],
  RESEND_SIGNING_SECRET: ['resend', 'signingSecret'],
  SENDGRID_TRACKING_WEBHOOK_VERIFICATION_KEY: ['sendgrid', 'verificationKey'],
  SPARKPOST_TRACK_INITIAL_OPEN_AS_OPENED: ['sparkpost', 'trackInitialOpenAsOpened'],
  UNISENDER_GO_API_KEY: ['unisenderGo', 'apiKey'],
};

/** Settings that have no counterpart: nothing here calls AWS through its SDK. */
const WITHOUT = ['AMAZON_SES_CLIENT_PARAMS'];

/** What replaying needs: those signatures of SNS are not real, and Mailgun's window is ours. */
const FOR_REPLAY: Readonly<Record<string, object>> = {
  amazonSes: { verifySignature: false },
  mailgun: { signatureMaxAgeSeconds: false },
};

/** The options of a provider under which a case was recorded. */
export function optionsOf(key: string, { settings }: RecordedCase): object {
  const options: Record<string, unknown> = { insecure: true, ...FOR_REPLAY[key] };
  for (const [name, value] of Object.entries(settings)) {
    const known = OPTIONS[name];
    if (name === 'WEBHOOK_SECRET') options.basicAuth = value;
    else if (known?.[0] === key) options[known[1]] = withoutCredentials(value);
    else if (!known && !WITHOUT.includes(name)) UNSET.push(name);
  }
  return options;
}

/** The reference takes a URL with credentials in it; here they stand in basicAuth alone. */
function withoutCredentials(value: unknown): unknown {
  return typeof value === 'string' ? value.replace(/^(https?:\/\/)[^/@]*@/, '$1') : value;
}
