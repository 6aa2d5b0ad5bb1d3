import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';

/** An app in a process of its own, which has told its port. */
export interface ForkedApp {
  child: ChildProcess;
  port: number;
}

/**
 * Starts an app in a process of its own, and waits until it tells its port.
 *
 * @param logFile gets what it prints
 */
export async function forkApp(path: string, settings: object, logFile: string): Promise<ForkedApp> {
  const log = openSync(logFile, 'w');
  const child = fork(path, [JSON.stringify(settings)], {
    execArgv: [],
    stdio: ['ignore', log, log, 'ipc'],
    env: { ...process.env, NO_COLOR: 'true' },
  });
  const [message] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => {
      throw new Error(`A process ended at its start:\n${readFileSync(logFile, 'utf8')}`);
    }),
  ])) as [{ port: number }];
  return { child, port: message.port };
}
