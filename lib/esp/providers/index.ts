import type { EspProvider } from '../esp-provider.js';
import { amazonSes } from './amazon-ses.provider.js';
import { azure } from './azure.provider.js';
import { brevo } from './brevo.provider.js';
import { loops } from './loops.provider.js';
import { mailersend } from './mailersend.provider.js';
import { mailgun } from './mailgun.provider.js';
import { mailjet } from './mailjet.provider.js';
import { mailpace } from './mailpace.provider.js';
import { mailtrap } from './mailtrap.provider.js';
import { mandrill } from './mandrill.provider.js';
import { postal } from './postal.provider.js';
import { postmark } from './postmark.provider.js';
import { resend } from './resend.provider.js';
import { scaleway } from './scaleway.provider.js';
import { sendgrid } from './sendgrid.provider.js';
import { sparkpost } from './sparkpost.provider.js';
import { unisenderGo } from './unisender-go.provider.js';

/** Every provider that this package knows, by its key in `providers`. */
export const PROVIDERS = {
  amazonSes,
  azure,
  brevo,
  loops,
  mailersend,
  mailgun,
  mailjet,
  mailpace,
  mailtrap,
  mandrill,
  postal,
  postmark,
  resend,
  scaleway,
  sendgrid,
  sparkpost,
  unisenderGo,
} as const;

/** The options of a provider's own. */
type OptionsOf<Provider> = Provider extends EspProvider<infer Options> ? Options : never;

/** The options of the providers that this package knows. */
export type KnownProviders = {
  [Key in keyof typeof PROVIDERS]?: OptionsOf<(typeof PROVIDERS)[Key]>;
};
