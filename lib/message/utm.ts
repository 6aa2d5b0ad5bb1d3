import { addParameters, toParameter } from '../link/add-parameters.js';

/** Parameters by which web analytics know where a visitor comes from. */
export type UtmParameters = Record<`utm_${string}`, string>;

const LABEL = '{label}';

/**
 * Adds parameters to a URL, as {@link addParameters} does.
 *
 * @param label takes the place of `{label}`; without one, a parameter that asks for it is not added
 */
export function addUtm(url: string, utm: UtmParameters, label?: string): string {
  const added = Object.entries(utm)
    .filter(([, value]) => label !== undefined || !value.includes(LABEL))
    .map(([key, value]) =>
      toParameter(key, label === undefined ? value : value.replaceAll(LABEL, () => label)),
    );
  return addParameters(url, added);
}
