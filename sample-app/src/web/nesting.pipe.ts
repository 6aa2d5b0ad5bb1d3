import { BadRequestException, Injectable, type PipeTransform } from '@nestjs/common';

const MAX_DEPTH = 16;

/**
 * Refuses bodies that are nested without reason. It goes before ValidationPipe, which descends
 * recursively and would run out of stack.
 */
@Injectable()
export class NestingPipe implements PipeTransform {
  transform(value: unknown): unknown {
    for (const [field, content] of Object.entries(asObject(value))) {
      if (isDeeperThan(content, MAX_DEPTH)) {
        throw new BadRequestException([
          `${field} must not be nested deeper than ${MAX_DEPTH} levels`,
        ]);
      }
    }
    return value;
  }
}

/** Level by level instead of recursively, for the same reason. */
function isDeeperThan(value: unknown, limit: number): boolean {
  let level = membersOf(value);
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > limit) return true;
    level = level.flatMap(membersOf);
  }
  return false;
}

function membersOf(value: unknown): unknown[] {
  return Object.values(asObject(value));
}

function asObject(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}
