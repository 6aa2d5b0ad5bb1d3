import { hiddenFields, type Query } from './address.js';
import { text } from './format.js';

/** A field of a form that filters a page. */
export interface Field {
  name: string;
  label: string;
  /** The words to choose from; without them, any text. With `isMany`, several of them. */
  options?: readonly (readonly [value: string, words: string])[];
  isMany?: boolean;
  isDay?: boolean;
}

/**
 * A form for the filters of a page, which are in its address. `keep` are its other parameters.
 * Browsers would fill it in again when one goes back, and the list may have other filters then.
 */
export function renderFilters(path: string, fields: Field[], values: Query, keep: Query): string {
  return `<form class="filters" action="${path}" method="get" role="search" aria-label="Filters" autocomplete="off">
    ${hiddenFields(keep)}${fields.map((field) => renderField(field, listOf(values[field.name]))).join('')}
    <button class="button" type="submit">Filter</button></form>`;
}

const listOf = (value: Query[string]): readonly string[] => [value ?? []].flat();

function renderField(field: Field, chosen: readonly string[]): string {
  const { name, label, options, isMany, isDay } = field;
  // A shared address can name several where the form offers one: all of them are shown.
  if (options && (isMany || chosen.length > 1)) return renderBoxes(name, label, options, chosen);
  if (options) return renderChoice(name, label, options, chosen);
  const value = text(chosen[0] ?? '');
  return `<label>${label} <input name="${name}" ${isDay ? 'type="date"' : 'maxlength="254"'} value="${value}"></label>`;
}

type Options = NonNullable<Field['options']>;

const renderBoxes = (name: string, label: string, options: Options, chosen: readonly string[]) =>
  `<fieldset class="boxes"><legend>${label}</legend>${options
    .map(
      ([value, words]) =>
        `<label><input type="checkbox" name="${name}" value="${text(value)}"${chosen.includes(value) ? ' checked' : ''}> ${text(words)}</label>`,
    )
    .join('')}</fieldset>`;

function renderChoice(name: string, label: string, options: Options, chosen: readonly string[]) {
  const choices = options.map(
    ([value, words]) =>
      `<option value="${text(value)}"${chosen[0] === value ? ' selected' : ''}>${text(words)}</option>`,
  );
  return `<label>${label} <select name="${name}"><option value="">Any</option>${choices.join('')}</select></label>`;
}
