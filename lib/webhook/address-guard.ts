import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { Duplex } from 'node:stream';
import { isSpecialAddress } from '../util/private-host.js';
import type { ResolveAll } from '../util/resolve-all.js';
import { privateAddress } from './webhook-error.js';

/**
 * An idle connection is given up before the server does it (Node's own after 5 s; a shorter
 * `Keep-Alive` header is heeded), because a request that meets a closing one fails.
 */
const IDLE_MS = 4000;

/** The connections of one kind of target. */
export class Agents {
  readonly http: HttpAgent;
  readonly https: HttpsAgent;

  /** @param isGuarded whether connections to special addresses are refused */
  constructor(resolve: ResolveAll, isGuarded: boolean) {
    // Node hands them to the socket, though the types of agents do not say so.
    const options = {
      keepAlive: true,
      timeout: IDLE_MS,
      lookup: lookupBy(resolve, isGuarded),
    };
    this.http = new HttpAgent(options);
    this.https = new HttpsAgent(options);
    if (!isGuarded) return;
    refuseSpecialAddresses(this.http);
    refuseSpecialAddresses(this.https);
  }

  /** Closes what is idle, keeps no connection from now on, and lets requests end. */
  retire(): void {
    for (const agent of [this.http, this.https]) {
      // What the agent looks at when a request is done; its types do not say so.
      (agent as { keepAlive?: boolean }).keepAlive = false;
      for (const socket of Object.values(agent.freeSockets).flat()) socket?.destroy();
    }
  }

  /** Closes all connections. */
  destroy(): void {
    this.http.destroy();
    this.https.destroy();
  }
}

/** A method of agents that Node documents for overriding, and that its types leave out. */
interface Connector {
  createConnection(
    options: { host?: string | undefined },
    callback: (error: Error | null, socket?: Duplex) => void,
  ): Duplex | undefined;
}

/** Node connects to a host that is spelled as an address without a lookup. */
function refuseSpecialAddresses(agent: HttpAgent): void {
  const connector = agent as unknown as Connector;
  const connect = connector.createConnection.bind(agent);
  connector.createConnection = (options, callback) => {
    const host = (options.host ?? '').replace(/^\[|\]$/g, '');
    if (isIP(host) === 0 || !isSpecialAddress(host)) return connect(options, callback);
    process.nextTick(callback, privateAddress());
    return undefined;
  };
}

/**
 * Returns a `lookup` for sockets. A guarded one refuses a name if one of its addresses is special.
 * The connection is made to the addresses that were checked, so no second answer of DNS can slip in.
 */
export function lookupBy(resolve: ResolveAll, isGuarded: boolean): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '');
      const [first] = addresses;
      if (!first || (isGuarded && addresses.some(({ address }) => isSpecialAddress(address)))) {
        return callback(privateAddress(), '');
      }
      if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}
