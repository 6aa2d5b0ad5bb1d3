import { lookup } from 'node:dns';
import { connect, isIP, type Socket } from 'node:net';
import { connect as secure, type TLSSocket } from 'node:tls';
import { isSpecialAddress } from '../util/private-host.js';
import type { ResolveAll } from '../util/resolve-all.js';
import { type Patience, Unreachable } from './patience.js';

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

const MAX_ADDRESSES = 8;

/** The host of a base URL. Connections go to the addresses that were checked, and nowhere else. */
export class Host {
  /** The certificate that each address has shown. */
  readonly certificates = new Map<string, TlsFacts>();
  /** Why there was no connection to an address, while others had one. */
  readonly failures = new Map<string, Unreachable>();
  private next = 0;

  private constructor(
    readonly name: string,
    readonly addresses: readonly string[],
    private readonly network: DoctorNetwork,
  ) {}

  /** @throws Unreachable */
  static async find(url: URL, network: DoctorNetwork, patience: Patience): Promise<Host> {
    const name = url.hostname.replace(/^\[|\]$/g, '');
    const addresses =
      isIP(name) === 0
        ? await patience.waitFor(addressesOf(name, network), 'answer from DNS')
        : [name];
    return new Host(name, addresses.slice(0, MAX_ADDRESSES), network);
  }

  /** Returns this host as one that was not connected to yet. */
  afresh(): Host {
    return new Host(this.name, this.addresses, this.network);
  }

  get isPublic(): boolean {
    return !this.addresses.some((address) => isSpecialAddress(address));
  }

  /** Opens a new connection, to each address in turn. @throws Unreachable */
  async open(url: URL, patience: Patience): Promise<Socket> {
    const living = this.addresses.filter((address) => !this.failures.has(address));
    const address = living[this.next++ % living.length]!;
    try {
      return await this.openTo(address, url, patience);
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      if (living.length > 1) {
        this.failures.set(address, error);
        return this.open(url, patience);
      }
      this.failures.clear();
      throw error;
    }
  }

  private async openTo(address: string, url: URL, patience: Patience): Promise<Socket> {
    const isSecure = url.protocol === 'https:';
    const port = Number(url.port) || (isSecure ? 443 : 80);
    const socket = this.network.connect(address, port);
    await ready(socket, 'connect', patience);
    if (!isSecure) return socket;
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
    await ready(wrapped, 'secureConnect', patience);
    this.certificates.set(address, factsOf(wrapped));
    return wrapped;
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

function addressesOf(name: string, network: DoctorNetwork): Promise<string[]> {
  return new Promise((resolve, reject) => {
    network.resolve(name, { all: true }, (error, found) => {
      if (!error && found.length > 0) return resolve(found.map(({ address }) => address));
      const why = error?.code ?? 'no address';
      reject(new Unreachable(`its name cannot be resolved (${why})`));
    });
  });
}

async function ready(socket: Socket, event: string, patience: Patience): Promise<void> {
  const isReady = new Promise<void>((resolve, reject) => {
    const fail = (why: string) => reject(new Unreachable(`no connection (${why})`, why));
    socket.on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? 'it broke'));
    socket.once('close', () => fail('it was closed'));
    socket.once(event, () => resolve());
  });
  try {
    await patience.waitFor(isReady, 'connection');
  } catch (error) {
    socket.destroy();
    throw error;
  }
}
