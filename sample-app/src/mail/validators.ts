import { ValidateBy, ValidateIf } from 'class-validator';

/** May be left out. Unlike `@IsOptional()`, it does not let `null` through unchecked. */
export const Optional = (): PropertyDecorator => ValidateIf((_, value) => value !== undefined);

/** Bounds a value by the characters it takes as JSON, which is about what it adds to each link. */
export function MaxJsonLength(max: number): PropertyDecorator {
  return ValidateBy({
    name: 'maxJsonLength',
    validator: {
      validate: (value: unknown) => (JSON.stringify(value) ?? '').length <= max,
      defaultMessage: () => `$property must not be longer than ${max} characters of JSON`,
    },
  });
}
