/** The campaign, mail, recipient or export of a page does not exist. */
export class MissingPage extends Error {
  constructor(
    readonly what: 'campaign' | 'mail' | 'recipient' | 'export',
    readonly called: string,
  ) {
    super(`This ${what} was not found.`);
  }
}
