import { Injectable, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';

/** Leaves out parameters without a value: a form sends its empty fields, too. */
@Injectable()
export class BlankPipe implements PipeTransform {
  transform(value: unknown, { type }: ArgumentMetadata): unknown {
    if (type !== 'query' || typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value as Record<string, unknown>).map(([name, one]) => [
      name,
      Array.isArray(one) ? one.filter((each) => each !== '') : one,
    ]);
    return Object.fromEntries(entries.filter(([, one]) => String(one) !== '')) as unknown;
  }
}
