import { once } from 'node:events';
import { lookup } from 'node:dns';
import {
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import { connect, type AddressInfo, Socket } from 'node:net';
import {
  type DoctorOptions,
  type DoctorReport,
  TrackingDoctor,
  TrackingModule,
  type TrackingModuleOptions,
  UNSUBSCRIBE_STORE,
} from 'nestjs-email-tracking';
import type { DoctorNetwork } from '../../lib/doctor/network.js';
import { OptionsResolver } from '../../lib/options/resolve.js';
import { validateOptions } from '../../lib/options/validate.js';
import { KEY, type Platform, TestApp, type TestAppOptions } from '../support/app.js';

/** Where the doctor's connections come from: not from where the proxy's do. */
export const CLIENT = '127.0.0.9';

/** Trusts the proxy in front of the app, and nobody else. */
export const ONE_HOP = (_: string, hop: number): boolean => hop < 1;

/** What differs between an app and a healthy one. */
export interface AppChanges {
  platform?: Platform;
  tracking?: Partial<TrackingModuleOptions>;
  trust?: unknown;
  /** Whether Express finds no address of the client, as behind a socket of the file system. */
  isWithoutAddress?: boolean;
}

/** The options of an app and its doctor, whose URLs start at an origin. */
export function optionsAt(origin: string): TrackingModuleOptions {
  return {
    baseOpenTrackingUrl: `${origin}/open/`,
    baseClickTrackingUrl: `${origin}/click/`,
    baseUnsubscribeUrl: `${origin}/unsubscribe/`,
    encryptionKey: KEY,
  };
}

/** Starts an app whose readers come to an origin, by one proxy. */
export function startApp(origin: string, changes: AppChanges = {}): Promise<TestApp> {
  const { platform = 'express', trust = ONE_HOP } = changes;
  const options: TestAppOptions = {
    trackingModule: TrackingModule.forRoot({
      ...optionsAt(origin),
      providers: [{ provide: UNSUBSCRIBE_STORE, useValue: { store: nothing } }],
      ...changes.tracking,
    }),
    fastify: { trustProxy: trust as string },
    before: (app) => {
      const adapter = app.getHttpAdapter() as { set?: (name: string, value: unknown) => void };
      if (platform === 'express') adapter.set?.('trust proxy', trust);
      if (changes.isWithoutAddress) app.use(removeAddress);
    },
  };
  return TestApp.start(platform, options);
}

function removeAddress(request: object, _: unknown, next: () => void): void {
  Object.defineProperty(request, 'ip', { value: undefined });
  next();
}

function nothing(): never {
  throw new Error('A probe was stored.');
}

type Handler = (incoming: IncomingMessage, outgoing: ServerResponse) => void;

/** A server on a free port of loopback. */
export async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** What a proxy does differently. */
export interface Spoiling {
  /** Changes the URL that is passed on. */
  url?: (url: string) => string;
  /** Changes the headers that are passed on. */
  headers?: (headers: Record<string, string | string[] | undefined>) => void;
  /** Changes the answer. */
  answer?: (answer: {
    status: number;
    headers: Record<string, string | string[] | undefined>;
    body: Buffer;
    incoming: IncomingMessage;
  }) => void;
  /** Answers in place of the app. */
  instead?: (incoming: IncomingMessage, outgoing: ServerResponse) => boolean;
  delayMs?: number;
}

/** A reverse proxy that appends the client's address to `X-Forwarded-For`, and spoils what it is told to. */
export function proxyTo(portOf: () => number, spoiling: Spoiling = {}): Handler {
  return (incoming, outgoing) => {
    if (spoiling.instead?.(incoming, outgoing)) return;
    const { 'x-forwarded-for': before, connection, ...rest } = incoming.headers;
    void connection;
    const client = incoming.socket.remoteAddress!.replace('::ffff:', '');
    const headers: Record<string, string | string[] | undefined> = {
      ...rest,
      'x-forwarded-for': before === undefined ? client : `${String(before)}, ${client}`,
    };
    spoiling.headers?.(headers);
    const path = spoiling.url?.(incoming.url!) ?? incoming.url!;
    const target = { host: '127.0.0.1', port: portOf(), path, method: incoming.method, headers };
    const upstream = request({ ...target, agent: false }, (answered) => {
      const chunks: Buffer[] = [];
      answered.on('data', (chunk: Buffer) => chunks.push(chunk));
      answered.on('end', () => {
        const { connection: _, ...received } = answered.headers;
        const answer = {
          status: answered.statusCode!,
          headers: received as Record<string, string | string[] | undefined>,
          body: Buffer.concat(chunks),
          incoming,
        };
        spoiling.answer?.(answer);
        for (const [name, value] of Object.entries(answer.headers)) {
          if (value !== undefined) outgoing.setHeader(name, value);
        }
        setTimeout(() => {
          outgoing.writeHead(answer.status).end(answer.body);
        }, spoiling.delayMs ?? 0);
      });
    });
    upstream.on('error', () => outgoing.destroy());
    incoming.pipe(upstream);
  };
}

/** Where the doctor goes when it asks a host of the test. */
export interface Routes {
  /** The addresses of each name; others are looked up. */
  names?: Record<string, string[]>;
  /** The port of loopback for each port. */
  ports?: Record<number, number>;
  /** The port of loopback for each address, or the error of its connections. */
  addresses?: Record<string, number | string>;
  ca?: string;
  /** Where connections come from. */
  client?: string;
}

/** A network that stays on loopback. */
export function networkOf(routes: Routes): DoctorNetwork {
  const { names = {}, ports = {}, addresses = {}, ca, client = CLIENT } = routes;
  return {
    resolve: (name, options, callback) => {
      const found = names[name];
      if (!found) return lookup(name, options, callback);
      callback(
        null,
        found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
    },
    connect: (address, port) => {
      const to = addresses[address] ?? ports[port] ?? port;
      if (typeof to === 'number') {
        return connect({ host: '127.0.0.1', port: to, localAddress: client });
      }
      return new Socket().destroy(Object.assign(new Error(to), { code: to }));
    },
    ...(ca !== undefined && { ca: [ca] }),
  };
}

/** Examines the URLs at an origin, as an operator whose address is that of loopback. */
export function examine(
  origin: string,
  options: DoctorOptions = {},
  routes: Routes = {},
  tracking: Partial<TrackingModuleOptions> = {},
): Promise<DoctorReport> {
  const resolver = new OptionsResolver(validateOptions({ ...optionsAt(origin), ...tracking }));
  const doctor = new TrackingDoctor(resolver, networkOf(routes));
  return doctor.examine({ allowPrivate: true, clientAddress: CLIENT, ...options });
}

/** What is started for one case, with a proxy in front of the app, and ended after it. */
export class Scene {
  private readonly ends: (() => unknown)[] = [];

  /** Starts a proxy in front of one app or several, which take turns. */
  async behindProxy(spoiling: Spoiling = {}, ...apps: AppChanges[]): Promise<string> {
    const started: TestApp[] = [];
    let turn = 0;
    const portOf = () => Number(new URL(started[turn++ % started.length]!.url).port);
    const origin = `http://127.0.0.1:${await this.serve(createServer(proxyTo(portOf, spoiling)))}`;
    for (const changes of apps.length > 0 ? apps : [{}]) {
      started.push(await this.start(origin, changes));
    }
    return origin;
  }

  async start(origin: string, changes: AppChanges = {}): Promise<TestApp> {
    const app = await startApp(origin, changes);
    this.ends.push(() => app.close());
    return app;
  }

  async serve(server: Server): Promise<number> {
    const port = await listen(server);
    this.ends.push(() => {
      server.closeAllConnections();
      server.close();
    });
    return port;
  }

  afterwards(end: () => unknown): void {
    this.ends.push(end);
  }

  async end(): Promise<void> {
    for (const end of this.ends.splice(0).toReversed()) await end();
  }
}
