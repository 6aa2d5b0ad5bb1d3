/** The campaign, mail or recipient of a page does not exist. */
export class MissingPage extends Error {
  constructor(
    readonly what: 'campaign' | 'mail' | 'recipient',
    readonly called: string,
  ) {
    super(`This ${what} was not found.`);
  }
}
