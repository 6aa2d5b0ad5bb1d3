#!/usr/bin/env node
import { run } from './run.js';

/** What npm starts as `nestjs-email-tracking`. */
void run(process.argv.slice(2), {
  environment: process.env,
  program: process.argv[1]!,
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
}).then((code) => {
  process.exitCode = code;
});
