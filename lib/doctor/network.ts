import { lookup, type LookupAddress } from 'node:dns';
import { connect, isIP, type Socket } from 'node:net';
import { connect as secure, type TLSSocket } from 'node:tls';
import { isSpecialAddress } from '../util/private-host.js';
import type { ResolveAll } from '../util/resolve-all.js';

/** How the doctor finds and reaches hosts. */
export interface DoctorNetwork {
  resolve: ResolveAll;
  connect(address: string, port: number): Socket;
  /** The CAs that are trusted. Default: those of Node. */
  ca?: string[];
}

export const NETWORK: DoctorNetwork = {
  resolve: lookup,
  connect: (host, port) => connect({ host, port }),
};

/** What a connection shows of its certificate. */
export interface TlsFacts {
  /** Node's code of what is wrong with it. */
  problem: string | null;
  validTo: number;
}

/** A connection to a host. */
export interface Connection {
  socket: Socket;
  tls: TlsFacts | null;
}

/** No answer; the message says why, and may be shown. */
export class Unreachable extends Error {}

const MAX_ADDRESSES = 8;

/** The host of a base URL. Connections go to the addresses that were checked, and nowhere else. */
export class Host {
  private readonly dead = new Set<string>();
  private next = 0;

  private constructor(
    readonly name: string,
    readonly addresses: readonly string[],
    private readonly network: DoctorNetwork,
  ) {}

  /** @throws Unreachable */
  static async find(url: URL, network: DoctorNetwork, timeoutMs: number): Promise<Host> {
    const name = url.hostname.replace(/^\[|\]$/g, '');
    const addresses = isIP(name) === 0 ? await resolveAll(name, network, timeoutMs) : [name];
    return new Host(name, addresses.slice(0, MAX_ADDRESSES), network);
  }

  get isPublic(): boolean {
    return !this.addresses.some((address) => isSpecialAddress(address));
  }

  /** Opens a new connection, to each address in turn. @throws Unreachable */
  async open(url: URL, timeoutMs: number): Promise<Connection> {
    const living = this.addresses.filter((address) => !this.dead.has(address));
    const address = living[this.next++ % living.length] ?? this.addresses[0]!;
    try {
      return await this.openTo(address, url, timeoutMs);
    } catch (error) {
      this.dead.add(address);
      if (living.length > 1) return this.open(url, timeoutMs);
      this.dead.clear();
      throw error;
    }
  }

  private async openTo(address: string, url: URL, timeoutMs: number): Promise<Connection> {
    const isSecure = url.protocol === 'https:';
    const port = Number(url.port) || (isSecure ? 443 : 80);
    const socket = this.network.connect(address, port);
    await ready(socket, 'connect', timeoutMs);
    if (!isSecure) return { socket, tls: null };
    const { ca } = this.network;
    const wrapped = secure({
      socket,
      host: this.name,
      ...(isIP(this.name) === 0 && { servername: this.name }),
      ...(ca && { ca }),
      ALPNProtocols: ['http/1.1'],
      // What is wrong with the certificate is found, and the rest still examined: probes hold no secret.
      rejectUnauthorized: false,
    });
    await ready(wrapped, 'secureConnect', timeoutMs);
    return { socket: wrapped, tls: factsOf(wrapped) };
  }
}

function factsOf(socket: TLSSocket): TlsFacts {
  const { authorizationError: problem } = socket as { authorizationError?: unknown };
  const validTo = Date.parse(socket.getPeerCertificate().valid_to);
  return { problem: socket.authorized ? null : codeOf(problem), validTo };
}

/** Some versions of Node give the code, some an error. */
function codeOf(problem: unknown): string {
  const code = (problem as { code?: unknown } | null)?.code ?? problem;
  return typeof code === 'string' ? code : 'unknown';
}

function resolveAll(name: string, network: DoctorNetwork, timeoutMs: number): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new Unreachable(`its name cannot be resolved (${why})`));
    const timer = setTimeout(fail, timeoutMs, 'no answer in time');
    network.resolve(name, { all: true }, (error, found: LookupAddress[]) => {
      clearTimeout(timer);
      if (error || found.length === 0) fail(error?.code ?? 'no address');
      else resolve(found.map(({ address }) => address));
    });
  });
}

function ready(socket: Socket, event: string, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => {
      socket.destroy();
      reject(new Unreachable(`no connection (${why})`));
    };
    const timer = setTimeout(fail, timeoutMs, `none within ${timeoutMs} ms`);
    socket.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      fail(error.code ?? 'it broke');
    });
    socket.once('close', () => {
      clearTimeout(timer);
      fail('it was closed');
    });
    socket.once(event, () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
