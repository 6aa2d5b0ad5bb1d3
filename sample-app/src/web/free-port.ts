import { createServer, type AddressInfo } from 'node:net';

/**
 * Asks the system for a port that is free now. Tracking links hold the address of this app, so the
 * port must be known before the server that will use it exists.
 */
export function findFreePort(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, host, () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
