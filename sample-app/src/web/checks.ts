import { IsIn, IsISO8601, IsOptional, Matches, MaxLength } from 'class-validator';

/** Checks of parameters. All of them may be left out. */

/** Several checks as one. */
const all =
  (...checks: PropertyDecorator[]): PropertyDecorator =>
  (target, key) =>
    checks.forEach((check) => check(target, key));

/** Text without line breaks and other control characters: PostgreSQL holds no U+0000. */
export const OneLine = (name: string, most = 400): PropertyDecorator =>
  all(
    IsOptional(),
    MaxLength(most, { message: `${name} must have at most ${most} characters` }),
    Matches(/^\P{Cc}*$/u, { message: `${name} must be one line` }),
  );

/** A day such as 2026-11-30, from 1970 to 2099. */
export function Day(name: string): PropertyDecorator {
  const message = `${name} must be a day such as 2026-11-30`;
  return all(
    IsOptional(),
    Matches(/^(?:19[7-9]\d|20\d\d)-\d\d-\d\d$/, { message }),
    IsISO8601({ strict: true }, { message }),
  );
}

/** One of some words; several of them with `each`. */
export const OneOf = (name: string, words: readonly string[], each = false): PropertyDecorator =>
  all(IsOptional(), IsIn(words, { each, message: `${name} must be one of ${words.join(', ')}` }));

/** Several lines of text, each as {@link OneLine}. */
export const Lines = (name: string, most = 400): PropertyDecorator =>
  all(
    IsOptional(),
    MaxLength(most, { each: true, message: `${name} must have at most ${most} characters` }),
    Matches(/^\P{Cc}*$/u, { each: true, message: `${name} must be one line` }),
  );

/** A whole number in decimal digits. */
export const Digits = (pattern: RegExp, message: string): PropertyDecorator =>
  all(IsOptional(), Matches(pattern, { message }));

/** Which way a table is sorted. */
export const Order = OneOf('order', ['up', 'down']);
