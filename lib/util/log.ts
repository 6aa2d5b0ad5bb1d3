import { Logger } from '@nestjs/common';
import { LOG_CODES, type LogCodeOf } from './log-codes.js';
import type { LogContext } from './log-entry.js';

/** A line for the log that is written by somebody else. */
export interface LogLine<Context extends LogContext> {
  code: LogCodeOf<Context>;
  message: string;
}

/** Where lines of a context can be written. */
export interface LineLog<Context extends LogContext> {
  /**
   * Writes a line that begins with its code, at the level of the code.
   *
   * @param message without keys, tokens, addresses and URLs of readers
   * @param cause its stack is written, too, at the level `error`
   */
  write(code: LogCodeOf<Context>, message: string, cause?: unknown): void;
}

/** The only door of this package to Nest's `Logger`. */
export class TrackingLog<Context extends LogContext> implements LineLog<Context> {
  private readonly logger: Logger;

  constructor(context: Context) {
    this.logger = new Logger(context);
  }

  write(code: LogCodeOf<Context>, message: string, cause?: unknown): void {
    const { level } = LOG_CODES[code];
    const line = `[${code}] ${message}`;
    if (level !== 'error') this.logger[level](line);
    else this.logger.error(line, cause instanceof Error ? cause.stack : undefined);
  }
}
