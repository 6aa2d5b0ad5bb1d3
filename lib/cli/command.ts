/** One command: what it says of itself, and what it does. */
export interface Command {
  help: string;
  /** @returns what to print */
  run(args: string[], environment: NodeJS.ProcessEnv): string | Promise<string>;
}
