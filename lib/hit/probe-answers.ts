import { MAX_ECHO_BYTES, type Probe } from '../link/probe.js';
import type { LinkPurpose } from '../link/link-payload.js';
import type { HttpReply } from '../util/http-reply.js';
import { VERSION } from '../util/version.js';
import type { HitContext } from './hit-context.js';
import type { FrameworkRequest } from './request-data.js';

/** The header of the sealed echo. */
export const ECHO_HEADER = 'X-Tracking-Probe';

/** What the app has seen of a probe, as it is sealed. */
export interface Echo {
  /** The version of the package. */
  version: string;
  /** The clock of the app, in milliseconds since 1970. */
  at: number;
  /** The client's address as the framework reports it, as it stands there. */
  ip: string;
  protocol: string;
  host: string;
  /** The path and query, with `*` in place of the token. */
  path: string;
  /** How the body of a POST said that the reader leaves; `null` if it did not say. */
  via: string | null;
  /** `Forwarded`, `Via` and `X-Forwarded-*`, by their names. */
  forwarded: Record<string, string>;
}

/** By name, because there are others that carry who is signed in (`X-Forwarded-Access-Token`). */
const ECHOED_HEADERS = [
  ...['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-port'],
  ...['x-forwarded-prefix', 'x-forwarded-proto', 'x-forwarded-server', 'x-forwarded-ssl'],
];

const MAX_VALUE = 120;

/** How many probes one process answers in a second. */
const PROBES = 10;
const SECOND_MS = 1000;

/** Tells probes of the doctor from unreadable links, and answers at most 10 of them a second. */
export class ProbeAnswers {
  private readonly answeredAt: number[] = [];

  constructor(
    private readonly clock: () => number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Returns the probe that a request brings, or `undefined` if it brings none or one too many. */
  probeOf(hit: HitContext, token: string, purpose: LinkPurpose): Probe | undefined {
    const probe = hit.settings?.probes.open(token, purpose);
    return probe && this.mayAnswer() ? probe : undefined;
  }

  /** Adds the echo to the answer that a real link would get. */
  answer(reply: HttpReply, hit: HitContext, via: string | null = null): HttpReply {
    const probe = hit.probe!;
    const echo = probe.sealEcho(bytesOf(this.echoOf(hit.original, probe.token, via)));
    return { ...reply, headers: { ...reply.headers, [ECHO_HEADER]: echo } };
  }

  private mayAnswer(): boolean {
    const now = this.now();
    if (this.answeredAt.length >= PROBES && now - this.answeredAt[0]! < SECOND_MS) return false;
    this.answeredAt.push(now);
    if (this.answeredAt.length > PROBES) this.answeredAt.shift();
    return true;
  }

  private echoOf(request: FrameworkRequest, token: string, via: string | null): Echo {
    const { ip, protocol, headers } = request as FrameworkRequest & { protocol?: unknown };
    const forwarded: Record<string, string> = {};
    for (const name of ECHOED_HEADERS) {
      if (headers[name] !== undefined) forwarded[name] = bounded(headers[name]);
    }
    return {
      version: VERSION,
      at: this.clock(),
      ip: bounded(ip ?? ''),
      protocol: bounded(protocol ?? ''),
      host: bounded(headers.host ?? ''),
      path: bounded((request.originalUrl ?? request.url).replaceAll(token, '*')),
      via,
      forwarded,
    };
  }
}

function bounded(value: unknown): string {
  return String(value).slice(0, MAX_VALUE);
}

/** Leaves headers out, the last ones first, until the rest fits. */
function bytesOf(echo: Echo): Buffer {
  const names = Object.keys(echo.forwarded);
  for (;;) {
    const bytes = Buffer.from(JSON.stringify(echo));
    if (bytes.length <= MAX_ECHO_BYTES) return bytes;
    const last = names.pop();
    if (last !== undefined) delete echo.forwarded[last];
    else echo.path = echo.host = '';
  }
}
