import { isLoopback, isPrivateHost } from '../util/private-host.js';
import type { LogLine } from '../util/log.js';
import { parseUrl } from '../util/parse-url.js';
import type { TrackingOptions } from './tracking.options.js';

type Warning = LogLine<'TrackingModule'>;

/** What works, but is a risk that the operator should know about. */
export function warningsOf(options: TrackingOptions): Warning[] {
  return [
    ...insecureBase('baseOpenTrackingUrl', options.baseOpenTrackingUrl),
    ...insecureBase('baseClickTrackingUrl', options.baseClickTrackingUrl),
    ...openRedirect(options),
    ...privateWebhooks(options),
    ...noContact(options),
  ];
}

function insecureBase(option: string, base: string | undefined): Warning[] {
  const url = base === undefined ? undefined : parseUrl(base);
  if (url?.protocol !== 'http:' || isLoopback(url.hostname)) return [];
  return [
    {
      code: 'BASE_URL_INSECURE',
      message:
        `${option} starts with http, so anyone on the network can read and change the links that ` +
        'readers click. Use https.',
    },
  ];
}

function openRedirect({ format, accept = [], redirect }: TrackingOptions): Warning[] {
  const readsPlain = format === 'plain' || accept.includes('plain');
  if (!readsPlain || redirect?.allowHosts) return [];
  return [
    {
      code: 'OPEN_REDIRECT',
      message:
        "Links in the format 'plain' are read and redirect.allowHosts is not set: anyone can write " +
        'such a link, so this is an open redirect and its events can be forged. Name the hosts that ' +
        'your mails link to in redirect.allowHosts.',
    },
  ];
}

/** Looks at the spelling of the host; what DNS says is checked each time a connection is made. */
function privateWebhooks({ webhooks = [] }: TrackingOptions): Warning[] {
  return webhooks.flatMap(({ url, allowPrivate }, i) =>
    !allowPrivate && isPrivateHost(new URL(url).hostname.replace(/\.$/, ''))
      ? [
          {
            code: 'WEBHOOK_HOST_PRIVATE' as const,
            message:
              `webhooks.${i}.url leads to a private host, so nothing is posted there. Set ` +
              `webhooks.${i}.allowPrivate to true if the host is yours.`,
          },
        ]
      : [],
  );
}

function noContact({ baseUnsubscribeUrl, unsubscribe }: TrackingOptions): Warning[] {
  if (baseUnsubscribeUrl === undefined || unsubscribe?.contact !== undefined) return [];
  return [
    {
      code: 'CONTACT_MISSING',
      message:
        'unsubscribe.contact is not set: a reader whose unsubscribe link cannot be read is not told ' +
        'whom to ask. Set it to a mailto: or https: URL.',
    },
  ];
}
