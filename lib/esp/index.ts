export { EspTrackingModule } from './esp.module.js';
export { EspTrackingService, type UnknownEventCounts } from './esp-tracking.service.js';
export type {
  EspProvidersOptions,
  EspTrackingModuleAsyncOptions,
  EspTrackingModuleExtras,
  EspTrackingModuleOptions,
  EspTrackingOptions,
  EspTrackingOptionsFactory,
} from './esp.options.js';
export {
  defineEspProvider,
  type ConfiguredEspProvider,
  type EspAnswer,
  type EspAuthentication,
  type EspEvent,
  type EspFetch,
  type EspFetchResult,
  type EspOptionRule,
  type EspProvider,
  type EspProviderContext,
  type EspProviderOptions,
  type EspSecret,
  type EspVerdict,
} from './esp-provider.js';
export type { FormFields as EspForm } from '../util/form.js';
export type { EspRequest, ReceivedRequest } from './esp-request.js';
export { EspRefusal, inboundPayload, missing, unreadable, wrong } from './esp-refusal.js';
export { hmacOverBody, type HmacScheme } from './auth/hmac.js';
export {
  publicKeyRule,
  signedWithKey,
  type PublicKeyScheme,
  type PublicKeyType,
} from './auth/public-key.js';
export { sharedSecret, type SharedSecretScheme } from './auth/shared-secret.js';
export {
  signingSecretRule,
  standardWebhooks,
  type StandardWebhooksScheme,
} from './auth/standard-webhooks.js';
export { checkWindow, isOneOf, isSame, several } from './auth/checks.js';
export { lookUp } from './meanings.js';
export { fromIso, fromUnixMilliseconds, fromUnixSeconds } from './times.js';
export {
  bareAddress,
  firstOf,
  listOf,
  objectOf,
  onlyAddress,
  requireObject,
  textOf,
  type RawObject,
} from './values.js';
export type { KnownProviders } from './providers/index.js';
export type { AmazonSesOptions } from './providers/amazon-ses.provider.js';
export type { AzureOptions } from './providers/azure.provider.js';
export type { BrevoOptions } from './providers/brevo.provider.js';
export type { LoopsOptions } from './providers/loops.provider.js';
export type { MailerSendOptions } from './providers/mailersend.provider.js';
export type { MailgunOptions } from './providers/mailgun.provider.js';
export type { MailjetOptions } from './providers/mailjet.provider.js';
export type { MailPaceOptions } from './providers/mailpace.provider.js';
export type { MailtrapOptions } from './providers/mailtrap.provider.js';
export type { MandrillOptions } from './providers/mandrill.provider.js';
export type { PostalOptions } from './providers/postal.provider.js';
export type { PostmarkOptions } from './providers/postmark.provider.js';
export type { ResendOptions } from './providers/resend.provider.js';
export type { ScalewayOptions } from './providers/scaleway.provider.js';
export type { SendGridOptions } from './providers/sendgrid.provider.js';
export type { SparkPostOptions } from './providers/sparkpost.provider.js';
export type { UnisenderGoOptions } from './providers/unisender-go.provider.js';
