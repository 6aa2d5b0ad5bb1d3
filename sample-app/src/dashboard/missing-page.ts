/** The campaign or mail of a page does not exist. */
export class MissingPage extends Error {
  constructor(
    readonly what: 'campaign' | 'mail',
    readonly called: string,
  ) {
    super(`This ${what} was not found.`);
  }
}
