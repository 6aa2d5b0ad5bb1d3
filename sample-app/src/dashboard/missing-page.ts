/** Nothing is known of what a page was asked for. */
export class MissingPage extends Error {
  constructor(
    readonly what: 'campaign' | 'mail',
    readonly called: string,
  ) {
    super(`Nothing is known of this ${what}.`);
  }
}
