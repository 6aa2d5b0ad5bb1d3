import Module from 'node:module';

type Resolve = (name: string, ...more: unknown[]) => string;
const modules = Module as unknown as { _resolveFilename: Resolve };
const resolve = modules._resolveFilename;

/** What is asked for of @opentelemetry from now on, found or not. */
export const asked: string[] = [];

modules._resolveFilename = (name, ...more) => {
  if (name.startsWith('@opentelemetry')) asked.push(name);
  return resolve(name, ...more);
};
