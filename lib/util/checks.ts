import { flag, number, text } from './readers.js';
import { checkedBy } from './validate.js';

/** Checks for true or false. */
export const Flag = () =>
  checkedBy(
    'flag',
    (value) => (typeof value === 'boolean' ? undefined : 'must be true or false'),
    flag,
  );

/** Checks for one of some texts. */
export function OneOf(...allowed: string[]): PropertyDecorator {
  const names = allowed.map((name) => `'${name}'`);
  const remedy = `must be ${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
  return checkedBy(
    'oneOf',
    (value) => (allowed.includes(value as string) ? undefined : remedy),
    text,
  );
}

/** Checks for a function. No text can be one. */
export const FunctionValue = (remedy = 'must be a function') =>
  checkedBy('function', (value) => (typeof value === 'function' ? undefined : remedy));

/** Checks for a whole number. */
export function WholeNumber(min: number, max: number): PropertyDecorator {
  const remedy = `must be a whole number from ${min} to ${max}`;
  return checkedBy(
    'wholeNumber',
    (value) =>
      Number.isInteger(value) && (value as number) >= min && (value as number) <= max
        ? undefined
        : remedy,
    number,
  );
}
