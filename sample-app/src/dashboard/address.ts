import { escapeHtml } from '../web/escape-html.js';

/** The parameters of an address. Those without a value are left out. */
export type Query = Readonly<Record<string, string | readonly string[] | undefined>>;

/** An address of this app with its parameters. */
export function addressOf(path: string, query: Query = {}): string {
  const entries = Object.entries(query).flatMap(([name, value]) =>
    [value ?? []].flat().map((one): [string, string] => [name, one]),
  );
  const given = entries.filter(([, value]) => value !== '');
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given).toString()}`;
}

/** The same, to be written into an attribute. */
export const hrefTo = (path: string, query: Query = {}): string =>
  escapeHtml(addressOf(path, query));

/** The parameters but those of the period: links to other periods keep them. */
export const withoutPeriod = (query: Query): Query => ({
  ...query,
  ...{ days: undefined, from: undefined, to: undefined },
});

/** A form sends only its fields: these keep the other parameters of the page. */
export const hiddenFields = (query: Query): string =>
  Object.entries(query)
    .flatMap(([name, value]) =>
      [value ?? []]
        .flat()
        .map((one) => `<input type="hidden" name="${name}" value="${escapeHtml(one)}">`),
    )
    .join('');
