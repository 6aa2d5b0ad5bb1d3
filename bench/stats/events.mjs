// Events as a sender of newsletters has them: mails to many recipients, opened and clicked by people,
// proxies and machines, in the order of time.

import { randomUUID } from 'node:crypto';

const DAY = 86_400_000;
const DAYS = 90;
const AGENT =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';
const KINDS = ['human', 'human', 'unknown', 'unknown', 'privacy-proxy', 'prefetch', 'scanner'];
const TAGS = ['news', 'offers', 'digest', 'welcome'];
/** Half of the readers are at two large providers, the others at 2000 domains of their own. */
const domainOf = (person) =>
  person % 10 < 4
    ? 'gmail.com'
    : person % 10 < 5
      ? 'outlook.com'
      : `company${person % 2000}.example`;
export const recipientOf = (person) => `person${person}@${domainOf(person)}`;
export const CAMPAIGNS = 20;

/** @returns what makes the next event, of so many over 90 days; every mail has about five of them */
export function events(count, start = Date.UTC(2026, 7, 1)) {
  const random = mulberry32(9);
  const any = (list) => list[Math.floor(random() * list.length)];
  const perCampaign = Math.ceil(count / CAMPAIGNS / 5);
  let made = 0;
  return () => {
    const at = start + (made++ / count) * DAYS * DAY;
    // Each campaign has a few days; the first one is as large as four of the others.
    const campaign = Math.max(0, Math.floor((made / count) * (CAMPAIGNS + 3)) - 3);
    const size = campaign === 0 ? 4 * perCampaign : perCampaign;
    const person = Math.floor(random() * size);
    const isClick = random() < 0.25;
    const isDelivery = !isClick && random() < 0.2;
    const isBounce = isDelivery && person % 50 === 0;
    const link = Math.floor(random() * 12);
    const kind = any(KINDS);
    return {
      eventType: isClick ? 'clicked' : isBounce ? 'bounced' : isDelivery ? 'delivered' : 'opened',
      source: isDelivery ? 'esp' : 'link',
      eventId: randomUUID(),
      timestamp: new Date(at),
      messageId: `${campaign}.${person}@mail.example.com`,
      recipient: recipientOf(person),
      recipientCertain: true,
      metadata: { campaign: `campaign-${campaign}`, customer_id: 1_000_000 + person },
      tags: [TAGS[campaign % TAGS.length]],
      rejectReason: isBounce ? 'invalid' : null,
      permanent: isBounce ? true : null,
      description: isBounce ? 'The mailbox does not exist.' : null,
      mtaResponse: isBounce ? '550 5.1.1 no such user' : null,
      userAgent: isDelivery ? null : AGENT,
      userIp: isDelivery ? null : '203.0.113.7',
      clickUrl: isClick ? `https://shop.example.com/campaigns/${campaign}/products/${link}` : null,
      espName: isDelivery ? 'postmark' : null,
      espEvent: null,
      verdict: isDelivery
        ? null
        : { kind, certainty: 'probable', reasons: ['BROWSER_HEADERS'], rules: '2026-11-20' },
      sentAt: new Date(at - 3_600_000),
      linkIndex: isClick ? link : null,
      linkCount: 12,
      linkLabel: isClick && link < 3 ? `label-${link}` : null,
      part: isClick ? 'html' : null,
      list: null,
      via: null,
      result: null,
    };
  };
}

/** The same numbers in every run. */
function mulberry32(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
