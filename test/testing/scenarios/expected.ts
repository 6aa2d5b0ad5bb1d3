import type { ExpectedVerdict } from 'nestjs-email-tracking/testing';

/** A person with a current browser follows a link, as far as one request can tell. */
export const PERSON_CLICKS: ExpectedVerdict = {
  kind: 'human',
  certainty: 'possible',
  reasons: ['BROWSER_NAVIGATION'],
};

/** A machine that several hits gave away. */
export const BURST: ExpectedVerdict = {
  kind: 'scanner',
  certainty: 'probable',
  reasons: ['LINK_BURST'],
};

/** A pattern that people make as well: not more than possible. */
export const PERHAPS_NETWORKS: ExpectedVerdict = {
  kind: 'scanner',
  certainty: 'possible',
  reasons: ['MANY_NETWORKS'],
};
