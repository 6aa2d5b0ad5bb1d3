import {
  ValidateBy,
  ValidateIf,
  ValidateNested,
  validateSync,
  type ValidationError,
} from 'class-validator';
import { invalidOptions, type Problem } from '../tracking.error.js';
import { isObject } from './is-object.js';
import { json, type Reader } from './readers.js';

/**
 * Returns what a value must be instead, or `undefined` if it is valid. The text never repeats the
 * value, which may be a secret.
 *
 * @param owner the object that the value belongs to
 */
export type Check = (value: unknown, owner: Record<string, unknown>) => string | undefined;

/** The class of a nested object; `undefined` leaves the object to the check of the option. */
export type NestedType = (given: Record<string, unknown>) => (new () => object) | undefined;

/** What is known about a member beside its checks. */
export interface MemberInfo {
  /** Absent if no text can express the value. */
  read?: Reader;
  type?: NestedType;
  isList?: boolean;
}

const members = new Map<object, Map<string, MemberInfo>>();

/** Returns what {@link checkedBy} and {@link Nested} know about the members of a class. */
export function membersOf(type: abstract new () => object): ReadonlyMap<string, MemberInfo> {
  return members.get(type.prototype as object) ?? new Map<string, MemberInfo>();
}

/**
 * Makes a decorator that checks a member of a class, as one of class-validator. A member that is
 * `undefined` or `null` counts as left out and is not checked; {@link Needed} refuses that.
 *
 * @param read how a text becomes the value
 */
export function checkedBy(read: Reader | undefined, check: Check): () => PropertyDecorator {
  const validate = ValidateBy({
    name: 'check',
    validator: {
      validate: (value: unknown, args) =>
        isMissing(value) || check(value, args!.object as never) === undefined,
      defaultMessage: (args) => check(args!.value, args!.object as never) ?? '',
    },
  });
  return () => (prototype, member) => {
    validate(prototype, member);
    describe(prototype, member, { read });
  };
}

/** Refuses a member that is left out. */
export function Needed(remedy: string): PropertyDecorator {
  return ValidateBy({
    name: 'needed',
    validator: {
      validate: (value: unknown) => !isMissing(value),
      defaultMessage: () => `is needed: ${remedy}`,
    },
  });
}

/**
 * Checks a member that is an object of options, and its members.
 *
 * @param type the class with their checks
 * @param example for the error message
 * @param or values that may stand in its place
 */
export function Nested(
  type: NestedType,
  example: string,
  ...or: readonly (string | false)[]
): PropertyDecorator {
  const others = or.map((value) => `${value === false ? value : `'${value}'`} or `).join('');
  return nested({ type }, `must be ${others}an object such as ${example}`, isObject, or);
}

/** Checks a member that is a list of objects of options, and their members. */
export function NestedList(type: NestedType, example: string): PropertyDecorator {
  const isList = (value: unknown) => isListOf(value, isObject);
  return nested({ type, isList: true }, `must be a list of objects such as ${example}`, isList);
}

function nested(
  info: MemberInfo,
  remedy: string,
  isRight: (value: unknown) => boolean,
  or: readonly unknown[] = [],
): PropertyDecorator {
  const isObjects = checkedBy(json, (value) => (isRight(value) ? undefined : remedy))();
  return (prototype, member) => {
    ValidateIf((owner: Record<PropertyKey, unknown>) => !or.includes(owner[member]))(
      prototype,
      member,
    );
    isObjects(prototype, member);
    ValidateNested()(prototype, member);
    describe(prototype, member, info);
  };
}

function describe(prototype: object, member: PropertyKey, info: MemberInfo): void {
  const known = members.get(prototype) ?? new Map<string, MemberInfo>();
  known.set(String(member), { ...known.get(String(member)), ...info });
  members.set(prototype, known);
}

/**
 * Checks options with the decorators of their class.
 *
 * @param whose the name of what is configured, for the error
 * @param further adds problems that the decorators cannot know
 * @returns an instance with the defaults of the class where an option is left out
 * @throws TrackingError `INVALID_OPTIONS`, listing every problem and no value
 */
export function validate<T extends object>(
  type: new () => T,
  given: unknown,
  whose: string,
  further?: (options: T, problems: Problem[]) => void,
): T {
  if (!isObject(given)) {
    throw invalidOptions(whose, [
      { option: 'options', remedy: `must be an object; see ${type.name}` },
    ]);
  }
  const options = fill(new type(), given);
  const problems = problemsOf(options);
  further?.(options, problems);
  if (problems.length > 0) throw invalidOptions(whose, problems);
  return options;
}

/**
 * Copies members to an instance of a class of options. Nested objects become instances, too,
 * because class-validator checks instances only.
 */
export function fill<T extends object>(instance: T, given: object): T {
  const known = membersOf(instance.constructor as new () => object);
  for (const [name, value] of Object.entries(given)) {
    if (isMissing(value)) continue;
    // Not an assignment, which would take a member `__proto__` as an order.
    Object.defineProperty(instance, name, {
      value: toInstances(value, known.get(name)?.type),
      configurable: true,
      enumerable: true,
      writable: true,
    });
  }
  return instance;
}

function toInstances(given: unknown, type: NestedType | undefined): unknown {
  if (type === undefined) return given;
  if (Array.isArray(given)) return given.map((item: unknown) => toInstances(item, type));
  if (!isObject(given)) return given;
  const its = type(given);
  return its === undefined ? given : fill(new its(), given);
}

const RULES = {
  whitelist: true,
  forbidNonWhitelisted: true,
  validationError: { target: false, value: false },
} as const;

/** Returns what is wrong with the members of an instance, in words that name no value. */
export function problemsOf(instance: object): Problem[] {
  return validateSync(instance, RULES).flatMap((error) => toProblems(error, ''));
}

function toProblems(error: ValidationError, parent: string): Problem[] {
  const option = parent + error.property;
  const constraints = Object.entries(error.constraints ?? {});
  // Nested objects say themselves what is wrong with them.
  const own = constraints.filter(([name]) => name !== 'nestedValidation');
  if (own.length === 0) {
    return (error.children ?? []).flatMap((child) => toProblems(child, `${option}.`));
  }
  return own.map(([name, message]) => ({
    option,
    remedy: name === 'whitelistValidation' ? 'is not an option; check its spelling' : message,
  }));
}

/** Returns true for an array whose items all are of a kind. */
export function isListOf(value: unknown, isItem: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isItem);
}

function isMissing(value: unknown): boolean {
  return value === undefined || value === null;
}
