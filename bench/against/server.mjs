// One side's app in a process of its own: `node server.mjs <side> <adapter>`.

import { answerMessages } from '../harness.mjs';
import { KEY } from '../reference.mjs';
import { appOf, packagesOf } from './build.mjs';

const [, , side, adapter] = process.argv;
const packages = packagesOf(side);
const app = await packages.NestFactory.create(
  appOf(packages, { encryptionKey: KEY }),
  packages.adapters[adapter](),
  { logger: ['error', 'fatal'] },
);
await app.listen(0, '127.0.0.1');
const { port } = app.getHttpServer().address();

answerMessages(() => {
  const { user, system } = process.cpuUsage();
  return { port, cpu: (user + system) / 1000 };
});
