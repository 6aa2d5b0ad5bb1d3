import type { Scenario } from 'nestjs-email-tracking/testing';
import { VISITORS } from '../visitors.js';
import { PERSON_CLICKS } from './expected.js';

const CRAWLERS = 'https://github.com/monperrus/crawler-user-agents';
const TWENTY = 'https://github.com/twentyhq/twenty';
const WARMBLY = 'https://github.com/warmbly/warmbly';
const VENDORS = 'https://github.com/warmbly/warmbly/pull/526';

const PREVIEW = { kind: 'scanner', certainty: 'certain', reasons: ['CHAT_PREVIEW'] } as const;

/** Machines that one request gives away: by agent or by network. */
export const MACHINES: readonly Scenario[] = [
  {
    name: 'Office looks whether a link exists',
    source: 'Office link check: public code; second-hand',
    story: 'A HEAD before the document opens, then a GET; then the person is there.',
    steps: [
      { at: 600, by: VISITORS.officeLinkCheck, does: 'head' },
      { at: 600.1, by: VISITORS.officeLinkCheck, does: 'click' },
      { at: 602, by: VISITORS.chrome, does: 'click' },
    ],
    expect: [
      'none',
      { kind: 'scanner', certainty: 'certain', reasons: ['OFFICE_LINK_CHECK'] },
      PERSON_CLICKS,
    ],
  },
  {
    name: 'previews of Microsoft',
    source: `Microsoft preview: ${WARMBLY}, isbot`,
    story: 'BingPreview for mail and search, and the preview of Skype and Teams.',
    steps: [
      { at: 600, by: VISITORS.bingPreview, does: 'click' },
      { at: 7200, by: VISITORS.skype, does: 'click' },
    ],
    expect: [{ kind: 'scanner', certainty: 'certain', reasons: ['MICROSOFT_PREVIEW'] }, PREVIEW],
  },
  {
    name: 'Safe Links as it was',
    source:
      'old Safe Links: research of https://github.com/mautic/mautic (second-hand), ' +
      'https://github.com/opencollective/opencollective/issues/3656',
    story:
      'Internet Explorer 8 from anywhere, which an intranet may still have: possible. Odd builds of ' +
      'Chrome 64 to 72 from two networks, one of which is the protection of Microsoft 365.',
    steps: [
      { at: 60, by: VISITORS.oldSafeLinks, does: 'click' },
      { at: 3600, by: VISITORS.oldSafeLinksChrome, does: 'click' },
      { at: 7200, by: VISITORS.oldSafeLinksChrome, does: 'click', address: '40.107.235.9' },
    ],
    expect: [
      { kind: 'scanner', certainty: 'possible', reasons: ['OLD_SAFE_LINKS'] },
      { kind: 'scanner', certainty: 'probable', reasons: ['OLD_SAFE_LINKS'] },
      { kind: 'scanner', certainty: 'certain', reasons: ['MICROSOFT_365_PROTECTION'] },
    ],
  },
  {
    name: 'the protection of Microsoft 365',
    source: 'Microsoft 365 protection: https://endpoints.office.com, sets 9 and 10',
    story: 'It opens and clicks as a perfect Chrome, by IPv4 and IPv6.',
    steps: [
      { at: 30, by: VISITORS.microsoft365, does: 'open' },
      { at: 600, by: VISITORS.microsoft365, does: 'click', address: '104.47.20.36' },
      { at: 1200, by: VISITORS.microsoft365, does: 'click', address: '52.100.5.6' },
      { at: 1800, by: VISITORS.microsoft365, does: 'click', address: '2a01:111:f400:7e1b::10' },
    ],
    expect: [1, 2, 3, 4].map(() => ({
      kind: 'scanner',
      certainty: 'certain',
      reasons: ['MICROSOFT_365_PROTECTION'],
    })),
  },
  {
    name: 'Barracuda',
    source: 'Barracuda EGD: https://campus.barracuda.com, unwanted link clicks',
    story: 'From two of the networks that it is known to follow links from.',
    steps: [
      { at: 30, by: VISITORS.barracudaNetwork, does: 'click' },
      { at: 900, by: VISITORS.barracudaNetwork, does: 'open', address: '35.157.190.230' },
    ],
    expect: [1, 2].map(() => ({ kind: 'scanner', certainty: 'certain', reasons: ['BARRACUDA'] })),
  },
  {
    name: 'Proofpoint, Mimecast and Cisco, from their networks',
    source: `AS22843 and others: ${VENDORS}`,
    story: 'Their networks say that it was probably a machine, not more.',
    needsLookup: true,
    steps: [
      { at: 60, by: VISITORS.proofpointNetwork, does: 'click' },
      { at: 3600, by: VISITORS.mimecastNetwork, does: 'click' },
      { at: 7200, by: VISITORS.ciscoNetwork, does: 'click' },
    ],
    expect: [
      { kind: 'scanner', certainty: 'probable', reasons: ['PROOFPOINT'] },
      { kind: 'scanner', certainty: 'probable', reasons: ['MIMECAST'] },
      { kind: 'scanner', certainty: 'probable', reasons: ['CISCO'] },
    ],
  },
  {
    name: 'a person in an isolated browser',
    source: `AS22843 and others: ${VENDORS}`,
    story:
      'Disputed: browser isolation puts a person into the network of Proofpoint. Nothing tells ' +
      'that person from the gateway, so the verdict is wrong here, and only probable.',
    needsLookup: true,
    steps: [{ at: 3600, by: VISITORS.isolatedBrowser, does: 'click' }],
    expect: [{ kind: 'scanner', certainty: 'probable', reasons: ['PROOFPOINT'] }],
  },
  {
    name: 'AS34440',
    source: `AS30031 and others: ${VENDORS}; another blog gives AS34440 for Mimecast`,
    story:
      'Disputed: one source gives this system to Mimecast. It is left out, so it says nothing.',
    needsLookup: true,
    steps: [{ at: 3600, by: VISITORS.disputedMimecastNetwork, does: 'click' }],
    expect: [PERSON_CLICKS],
  },
  {
    name: "a gateway's name in a person's browser",
    source: `gateways that name themselves: ${WARMBLY}, Zscaler and others may brand a browser`,
    story:
      'Disputed: Zscaler, Forcepoint and Symantec name themselves as gateways, and in the agents of ' +
      'people behind their proxies. Low weight: possible.',
    steps: [{ at: 3600, by: VISITORS.chromeBehindZscaler, does: 'click' }],
    expect: [{ kind: 'scanner', certainty: 'possible', reasons: ['GATEWAY_BRAND'] }],
  },
  {
    name: 'shared in other chats',
    source: `chat previews: ${CRAWLERS}, ${TWENTY}`,
    story: 'Each chat looks at the link for its preview, one an hour.',
    steps: [
      VISITORS.facebook,
      VISITORS.whatsapp,
      VISITORS.telegram,
      VISITORS.linkedin,
      VISITORS.discord,
      VISITORS.twitter,
    ].map((by, i) => ({ at: 3600 * (i + 1), by, does: 'click' })),
    expect: [1, 2, 3, 4, 5, 6].map(() => PREVIEW),
  },
  {
    name: 'robots of search engines',
    source: `Applebot: ${CRAWLERS}; Google crawlers: https://developers.google.com/search/apis/ipranges`,
    story:
      'A tracked link was put on a page. Applebot comes from the network of Mail Privacy Protection.',
    steps: [
      { at: 86_400, by: VISITORS.applebot, does: 'click' },
      { at: 90_000, by: VISITORS.googlebot, does: 'click' },
      { at: 93_600, by: VISITORS.applebot, does: 'open' },
    ],
    expect: [1, 2, 3].map(() => ({
      kind: 'scanner',
      certainty: 'certain',
      reasons: ['SEARCH_ROBOT'],
    })),
  },
  {
    name: 'a monitor',
    source: `substring traps: delimiters around "bot", as ${CRAWLERS} has them`,
    story: 'A service that watches web sites has a tracked link in its list, and asks every hour.',
    steps: [
      { at: 3600, by: VISITORS.pingdom, does: 'click' },
      { at: 7200, by: VISITORS.pingdom, does: 'click' },
    ],
    expect: [1, 2].map(() => ({
      kind: 'scanner',
      certainty: 'certain',
      reasons: ['SERVICE_NAME'],
    })),
  },
  {
    name: 'an unknown robot, by its name',
    source: `substring traps: delimiters around "bot", as ${CRAWLERS} has them`,
    story: 'No list knows it. Its name ends in bot, where programs have their names.',
    steps: [
      { at: 3600, by: VISITORS.namedRobot, does: 'click' },
      { at: 7200, by: VISITORS.robotWithAddress, does: 'click' },
    ],
    expect: [
      { kind: 'scanner', certainty: 'probable', reasons: ['ROBOT_NAME'] },
      { kind: 'scanner', certainty: 'probable', reasons: ['CONTACT_ADDRESS'] },
    ],
  },
  {
    name: 'an assistant reads the page',
    source: 'programs that fetch for others: https://platform.openai.com/docs/bots',
    story: 'A person asked it to; what it fetches, the person has not clicked.',
    steps: [{ at: 3600, by: VISITORS.assistant, does: 'click' }],
    expect: [{ kind: 'scanner', certainty: 'certain', reasons: ['ASSISTANT_FETCH'] }],
  },
  {
    name: 'a robot that names a page about itself',
    source: `substring traps: what robots say for certain, as ${CRAWLERS} has it`,
    story: 'No list knows it; no browser puts (+https://) into its agent. Apps could: probable.',
    steps: [{ at: 3600, by: VISITORS.modestRobot, does: 'click' }],
    expect: [{ kind: 'scanner', certainty: 'probable', reasons: ['CONTACT_URL'] }],
  },
  {
    name: 'programs that fetch URLs',
    source: `HTTP clients: ${CRAWLERS}, ${WARMBLY}`,
    story:
      'curl, Python, OkHttp. An open by OkHttp may be a mail app that loads its pictures so: less sure.',
    steps: [
      { at: 600, by: VISITORS.curl, does: 'click' },
      { at: 1200, by: VISITORS.pythonRequests, does: 'open' },
      { at: 1800, by: VISITORS.okhttp, does: 'click' },
      { at: 2400, by: VISITORS.okhttp, does: 'open' },
    ],
    expect: [
      { kind: 'scanner', certainty: 'probable', reasons: ['HTTP_CLIENT'] },
      { kind: 'scanner', certainty: 'probable', reasons: ['HTTP_CLIENT'] },
      { kind: 'scanner', certainty: 'probable', reasons: ['HTTP_CLIENT'] },
      { kind: 'scanner', certainty: 'possible', reasons: ['HTTP_CLIENT'] },
    ],
  },
  {
    name: 'a browser without a window',
    source: 'HeadlessChrome sends them too: https://github.com/searxng/searxng/issues/3116',
    story: 'It sends all headers of a person who follows a link; its agent says what it is.',
    steps: [{ at: 600, by: VISITORS.headlessChrome, does: 'click' }],
    expect: [{ kind: 'scanner', certainty: 'certain', reasons: ['HEADLESS_BROWSER'] }],
  },
  {
    name: 'no agent, and a short one',
    source: `empty or fewer than 10 characters: warmbly, Notifuse, MillionSend; against them ${TWENTY}`,
    story:
      'Disputed: three sources count it as a machine, one says that it tells nothing. Possible.',
    steps: [
      { at: 600, by: VISITORS.nameless, does: 'click' },
      { at: 900, by: VISITORS.nameless, does: 'open' },
      { at: 1200, by: VISITORS.shortAgent, does: 'click' },
    ],
    expect: [1, 2, 3].map(() => ({
      kind: 'scanner',
      certainty: 'possible',
      reasons: ['SHORT_AGENT'],
    })),
  },
  {
    name: 'a Chrome by name only',
    source:
      'a real top-level click: https://developer.mozilla.org/en-US/docs/Glossary/Fetch_metadata_request_header',
    story:
      'It says that it is a current Chrome and sends nothing of what Chrome sends. Missing headers ' +
      'are weak evidence.',
    steps: [{ at: 600, by: VISITORS.bareChrome, does: 'click' }],
    expect: [{ kind: 'scanner', certainty: 'possible', reasons: ['BROWSER_WITHOUT_HEADERS'] }],
  },
];
