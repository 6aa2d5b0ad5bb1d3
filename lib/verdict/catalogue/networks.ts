import type { NetworkRule } from '../rule.js';

/** When the sources were last looked at. A rule that is looked at again gets a date of its own. */
const date = '2026-11-21';

const WARMBLY = 'https://github.com/warmbly/warmbly, tracking/scanner-networks.txt';
const CLOUDS = 'https://github.com/warmbly/warmbly/pull/412';
const VENDORS = 'https://github.com/warmbly/warmbly/pull/526';

/**
 * Rules about where hits come from. No vendor publishes a complete list.
 *
 * Left out, because they grow old within weeks or are too long for a package; hand them in as
 * `networks` if you keep them:
 *
 * - the egress of iCloud Private Relay (https://mask-api.icloud.com/egress-ip-ranges.csv): for opens
 *   `privacy-proxy`, by second-hand reports; for clicks nothing, those are people with Safari;
 * - Google's crawlers (https://developers.google.com/search/apis/ipranges): they have their names
 *   in agents.ts, and their networks lie between those of Gmail's image proxy.
 *
 * Left out as well: names by reverse DNS (`*.barracuda.com`, `spfbl.net`). A hit waits for no DNS.
 */
export const NETWORKS: readonly NetworkRule[] = [
  {
    id: 'microsoft-365-protection',
    on: 'network',
    code: 'MICROSOFT_365_PROTECTION',
    effect: 'both',
    kind: 'scanner',
    certainty: 'certain',
    networks: [
      '40.92.0.0/15',
      '40.107.0.0/16',
      '52.100.0.0/14',
      '52.238.78.88/32',
      '104.47.0.0/17',
      '2a01:111:f400::/48',
      '2a01:111:f403::/48',
    ],
    meaning:
      'Protection of Microsoft 365 (*.protection.outlook.com), from where nobody reads mail.',
    source: `https://endpoints.office.com, sets 9 and 10; ${WARMBLY}`,
    date,
  },
  {
    id: 'safe-links-checks',
    on: 'network',
    code: 'OLD_SAFE_LINKS',
    effect: 'clicks',
    kind: 'scanner',
    certainty: 'probable',
    // What else is reported, 40.107.235.*, lies within microsoft-365-protection.
    networks: ['40.94.16.0/24'],
    meaning: 'Where Safe Links was seen to follow links from, as Chrome 64 to 72.',
    source: 'research of https://github.com/mautic/mautic (second-hand)',
    date,
  },
  {
    id: 'barracuda',
    on: 'network',
    code: 'BARRACUDA',
    effect: 'both',
    kind: 'scanner',
    certainty: 'certain',
    networks: [
      '3.24.133.128/25',
      '15.222.16.128/25',
      '35.157.190.224/27',
      '18.185.115.192/26',
      '18.184.203.224/27',
      '13.200.136.128/25',
      '35.176.92.96/27',
      '18.133.136.128/26',
      '18.133.136.96/27',
      '209.222.82.0/24',
    ],
    meaning:
      'Barracuda Email Gateway Defense. By its own word these are not all of the addresses that it ' +
      'follows links from.',
    source: `https://campus.barracuda.com, unwanted link clicks; ${WARMBLY}; https://github.com/postalsys/emailengine`,
    date,
  },
  ...(
    [
      ['proofpoint', 'Proofpoint', [22843, 26211, 52129], ''],
      [
        'mimecast',
        'Mimecast',
        [30031, 39588, 42427, 60492],
        ' Sources disagree: one gives AS34440 as well, which is left out.',
      ],
      ['cisco', 'Cisco Secure Email', [16417], ''],
    ] as const
  ).map(([vendor, name, asns, dispute]): NetworkRule => ({
    id: `${vendor}-asn`,
    on: 'network',
    code: vendor.toUpperCase(),
    effect: 'both',
    kind: 'scanner',
    certainty: 'probable',
    asns: [...asns],
    meaning: `The networks of ${name}; with browser isolation a person may be behind them.${dispute}`,
    source: VENDORS,
    date,
  })),
  {
    id: 'microsoft-image-proxy',
    on: 'network',
    code: 'MICROSOFT_IMAGE_PROXY',
    effect: 'opens',
    kind: 'human',
    // Less than of the other image proxies: this one has no name of its own, and gateways run in
    // the same cloud. A scanner was seen to open and to click from there (warmbly, issue 410).
    certainty: 'possible',
    isProxy: true,
    asns: [8075, 8074, 12076],
    meaning:
      "Microsoft's networks, from where Outlook on the web and Exchange Online fetch pictures when a " +
      'person looks at a mail: never a machine by network alone.',
    source: CLOUDS,
    date,
  },
  {
    id: 'microsoft-cloud',
    on: 'network',
    code: 'MICROSOFT_CLOUD',
    effect: 'clicks',
    kind: 'scanner',
    certainty: 'possible',
    enabled: false,
    asns: [8075, 8074, 12076],
    meaning:
      "Microsoft's networks. Off: people click from there as well, with Windows 365, Azure Virtual " +
      'Desktop or behind a NAT of Azure.',
    source: CLOUDS,
    date,
  },
  {
    id: 'google-cloud',
    on: 'network',
    code: 'GOOGLE_CLOUD',
    effect: 'clicks',
    kind: 'scanner',
    certainty: 'possible',
    enabled: false,
    asns: [15169],
    meaning: "Google's networks. Off: people click from there as well.",
    source: CLOUDS,
    date,
  },
  {
    id: 'apple-network',
    on: 'network',
    code: 'APPLE_NETWORK',
    effect: 'opens',
    kind: 'privacy-proxy',
    certainty: 'probable',
    isProxy: true,
    networks: ['17.0.0.0/8'],
    meaning: "Apple's own network: Mail Privacy Protection; Applebot, which names itself, too.",
    source: 'opens of our own, measured 2026-08-23',
    date,
  },
];
