/** How a service writes the links that it puts in place of others. */
export interface Wrapper {
  /** The service. */
  name: string;
  /** Who uses it: the `provider` that sends a mail, or a `receiver` after it is delivered. */
  side: 'provider' | 'receiver';
  /** What its links look like, from the host on: `host/path?query`. */
  link: RegExp;
  /** What the URL of its pixel looks like, from the host on. */
  pixel?: RegExp;
  /** Whether nobody but the service can tell where a link leads. */
  isOpaque: boolean;
  /** How to switch it off. */
  off: string;
  /** Where the shape was seen. */
  source: string;
  /** Whether the source shows this very shape. */
  verified: boolean;
}

/**
 * Providers whose switch is known, with the links that they make. Most serve them from a domain of
 * the sender as well, so the path decides wherever it is unmistakable.
 */
const PROVIDERS: readonly Omit<Wrapper, 'side'>[] = [
  {
    name: 'Klaviyo',
    link: /^[^/]*\bklclick\d*\.com\/(?:l|f|ls|wf)\//,
    pixel: /^[^/]*\bklclick\d*\.com\/(?:o\/|wf\/open)/,
    isOpaque: true,
    off: 'Ask the support of Klaviyo.',
    source: 'https://github.com/easylist/easylist/pull/3582',
    verified: false,
  },
  {
    name: 'SendGrid',
    link: /^[^/]+\/(?:ls|wf)\/click\?/,
    pixel: /^[^/]+\/wf\/open\?/,
    isOpaque: true,
    off: '`tracking_settings.click_tracking` with `enable` and `enable_text` false in the API, `filters.clicktrack` in `X-SMTPAPI`, or Settings > Tracking > Click Tracking.',
    source: 'https://github.com/sendgrid/docs/issues/5774',
    verified: true,
  },
  {
    name: 'Mailgun',
    link: /^[^/]+\/c\/eJ[\w-]{20}/,
    pixel: /^[^/]+\/o\/eJ[\w-]{20}/,
    isOpaque: false,
    off: '`o:tracking-clicks=no`, or the header `X-Mailgun-Track-Clicks: no`.',
    source: 'https://github.com/mitodl/micromasters/issues/1938',
    verified: true,
  },
  {
    name: 'Mailjet',
    link: /^(?:[^/]+\.mjt\.lu\/lnk\/|[^/]+\/lnk\/[\w-]{16,200}\/\d)/,
    pixel: /^[^/]+\/oo\/[\w-]{16}/,
    isOpaque: false,
    off: '`TrackClicks: "disabled"`, or the header `X-Mailjet-TrackClick: 1`.',
    source: 'https://github.com/sublime-security/static-files/pull/516',
    verified: true,
  },
  {
    name: 'Postmark',
    link: /^(?:click|track)\.pstmrk\.it\/\d?\w\//,
    pixel: /^[^/]*\bpstmrk\.it\/open/,
    isOpaque: false,
    off: '`TrackLinks: "None"`, or the header `X-PM-TrackLinks: None`.',
    source: 'https://github.com/newhouse/url-tracking-stripper/issues/108',
    verified: true,
  },
  {
    name: 'SparkPost',
    link: /^[^/]+\/(?:f\/a|q)\/[\w-]{8,200}~{0,2}\/[\w-]{4,200}~/,
    pixel: /^[^/]+\/q\/[\w-]{8,200}~{0,2}\/[\w-]{4,200}~/,
    isOpaque: true,
    off: '`options.click_tracking: false`, or `X-MSYS-API: {"options":{"click_tracking":false}}`.',
    source: 'https://github.com/tuck1s/sparkypmtatracking/issues/1',
    verified: false,
  },
  {
    name: 'Mandrill',
    link: /^[^/]+\/track\/click\/\d+\/[^/?]{1,253}\?p=/,
    pixel: /^[^/]*\bmandrillapp\.com\/track\/open\.php/,
    isOpaque: false,
    off: '`track_clicks: false`, or the header `X-MC-Track: opens`.',
    source: 'https://github.com/mautic/mautic/issues/1439',
    verified: true,
  },
  {
    name: 'Mailchimp',
    link: /^[^/]*\blist-manage\d*\.com\/track\/click\?/,
    pixel: /^[^/]*\blist-manage\d*\.com\/track\/open/,
    isOpaque: true,
    off: '"Track clicks" in the settings of the campaign.',
    source: 'https://bengtan.com/blog/whats-in-email-tracking-links-and-pixels/',
    verified: true,
  },
  {
    name: 'Brevo',
    link: /^[^/]+\/(?:tr|mk)\/cl\//,
    pixel: /^[^/]+\/(?:tr|mk)\/op\//,
    isOpaque: true,
    off: 'Ask the support of Brevo: a single mail has no switch (https://anymail.dev/en/stable/esps/brevo/).',
    source: 'https://github.com/agence-webup/laravel-sendinblue/issues/39',
    verified: true,
  },
  {
    name: 'Resend',
    link: /^[^/]+\.resend-links\.com\//,
    isOpaque: false,
    off: '`click_tracking: false` of the domain (`PATCH /domains/:id`, or its Configuration tab).',
    source: 'https://resend.com/docs/dashboard/domains/tracking',
    verified: false,
  },
  {
    name: 'Amazon SES',
    link: /^[^/]+\/C?L0\/https?:/,
    pixel: /^[^/]*\bawstrack\.me\/I0\//,
    isOpaque: false,
    off: 'Take `CLICK` out of the event destinations of the configuration set, and switch off engagement tracking in Virtual Deliverability Manager.',
    source: 'https://github.com/tumpio/requestcontrol/pull/136',
    verified: true,
  },
  {
    name: 'HubSpot',
    link: /^[^/]*\bhubspotlinks\w*\.com\/Ctc\//,
    isOpaque: true,
    off: 'Settings > Marketing > Email > Tracking: "Track email clicks".',
    source:
      'https://knowledge.hubspot.com/marketing-email/manage-your-marketing-email-account-settings',
    verified: false,
  },
  {
    name: 'Customer.io',
    link: /^[^/]+\/e\/c\/eyJ/,
    pixel: /^[^/]+\/e\/o\/eyJ/,
    isOpaque: false,
    off: '`tracked: false` in the API, the sending behaviour of the mail, or `class="untracked"` on a link.',
    source: 'https://docs.customer.io/journeys/link-tracking',
    verified: false,
  },
  {
    name: 'Kit (ConvertKit)',
    link: /^(?:[^/]+\.)?click\.convertkit-mail\d*\.com\//,
    pixel: /^[^/]*\bconvertkit-mail\d*\.com\/o\//,
    isOpaque: false,
    off: 'Ask the support of Kit.',
    source: 'https://bengtan.com/blog/whats-in-email-tracking-links-and-pixels/',
    verified: false,
  },
];

const EXPORTED_LATER =
  'The receiver changed this copy: examine the mail as it is sent, or a copy from a mailbox without such protection.';

/** What protects the mailbox of a reader, or shows its mails. */
const RECEIVERS: readonly Omit<Wrapper, 'side' | 'off'>[] = [
  {
    name: 'Outlook Safe Links',
    link: /^[^/]+\.safelinks\.protection\.(?:outlook\.com|office365\.us)\//,
    isOpaque: false,
    source: 'https://learn.microsoft.com/en-us/defender-office-365/safe-links-about',
    verified: true,
  },
  {
    name: 'Proofpoint URL Defense',
    link: /^urldefense(?:\.proofpoint)?\.com\/v\d\//,
    isOpaque: false,
    source: 'https://github.com/ClearURLs/Addon/issues/438',
    verified: true,
  },
  {
    name: 'Mimecast URL Protect',
    link: /^(?:protect-\w+\.mimecast\.com|url\.[\w.]+\.mimecastprotect\.com)\/(?:s|r)/,
    isOpaque: true,
    source:
      'https://mimecastsupport.zendesk.com/hc/en-us/articles/34000782363539-Targeted-Threat-Protection-URL-Protect-Verifying-a-URL',
    verified: true,
  },
  {
    name: 'Cisco Secure Email',
    link: /^secure-web\.cisco\.com\//,
    isOpaque: false,
    source: 'https://github.com/cardi/proofpoint-url-decoder/issues/9',
    verified: true,
  },
  {
    name: 'Gmail',
    link: /^(?:www\.google\.com\/url\?|ci\d\.googleusercontent\.com\/(?:proxy|meips)\/)/,
    isOpaque: false,
    source: 'https://github.com/easylist/easylist/pull/3577',
    verified: true,
  },
];

/** The services whose links are known. The first whose shape fits counts. */
export const WRAPPERS: readonly Wrapper[] = [
  ...PROVIDERS.map((one) => ({ ...one, side: 'provider' as const })),
  ...RECEIVERS.map((one) => ({ ...one, side: 'receiver' as const, off: EXPORTED_LATER })),
];
