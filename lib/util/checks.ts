import { flag, none, number, text } from './readers.js';
import { checkedBy } from './validate.js';

/** Checks for true or false. */
export const Flag = checkedBy(flag, (value) =>
  typeof value === 'boolean' ? undefined : 'must be true or false',
);

/** Checks for a function. */
export const FunctionValue = checkedBy(none, (value) =>
  typeof value === 'function' ? undefined : 'must be a function',
);

/** Checks for one of some texts. */
export function OneOf(...allowed: string[]): PropertyDecorator {
  const names = allowed.map((name) => `'${name}'`);
  const remedy = `must be ${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
  return checkedBy(text, (value) => (allowed.includes(value as string) ? undefined : remedy))();
}

/** Checks for a whole number. */
export function WholeNumber(min: number, max: number): PropertyDecorator {
  return checkedBy(number, (value) =>
    Number.isInteger(value) && (value as number) >= min && (value as number) <= max
      ? undefined
      : `must be a whole number from ${min} to ${max}`,
  )();
}
