import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { isLoopback, isWildcard } from './web/addresses.js';
import { findFreePort } from './web/free-port.js';

/**
 * The settings of the app, read once at start-up. An abstract class and not an
 * interface, so that it also serves as the token by which providers ask for it.
 */
export abstract class Settings {
  /** Where the HTTP server listens. */
  abstract readonly host: string;
  /** Never 0: links need the real port before the server listens. */
  abstract readonly port: number;
  /** The origin that readers of the mails reach, without a trailing slash. */
  abstract readonly publicUrl: string;
  /** Where the SMTP server of this process listens; 0 lets the system choose. */
  abstract readonly smtpPort: number;
  /** Another SMTP server to send to, instead of the one in this process. */
  abstract readonly smtpUrl: string | null;
  abstract readonly mailFrom: string;
  /** The first one writes links, all of them read. */
  abstract readonly encryptionKeys: string[];
  /** True when no key was set and one was made up for this run. */
  abstract readonly keyIsFresh: boolean;
  /** The key that signs mails (DKIM); null where the first mail makes one for this run. */
  abstract readonly dkimKey: string | null;
  /** A PostgreSQL server; without it, PGlite keeps the numbers in `dataDir`. */
  abstract readonly databaseUrl: string | null;
  /** The folder of the data that survives a restart. */
  abstract readonly dataDir: string;
  /** `user:password` that providers give with their webhooks. */
  abstract readonly webhookAuth: string;
  /** The folder that holds `public/` and `templates/`. */
  abstract readonly assets: string;
}

/** A start-up problem that the user can fix. */
export class SettingsError extends Error {
  constructor(readonly problems: string[]) {
    super(problems.join('\n'));
    this.name = 'SettingsError';
  }
}

/** The domain of an address, with or without a name before it; empty where there is none. */
export function domainOf(address: string): string {
  return /@([a-z0-9.-]+)>?$/i.exec(address)?.[1] ?? '';
}

/** An address without the name before it. */
export function addressOf(address: string): string {
  return /<([^<>]*)>$/.exec(address)?.[1] ?? address;
}

/** Reads the settings from environment variables; reports every problem at once. */
export async function readSettings(
  env: Record<string, string | undefined>,
  assets: string,
): Promise<Settings> {
  const problems: string[] = [];
  const host = env.HOST || '127.0.0.1';
  const port = readPort(env, 'PORT', 3000, problems);
  const smtpPort = readPort(env, 'SMTP_PORT', 2525, problems);
  const smtpUrl = readSmtpUrl(env, host, problems);
  const publicUrl = readPublicUrl(env, problems);
  const mailFrom = env.MAIL_FROM || 'Fernhill Coffee <hello@fernhill.example>';
  if (!domainOf(mailFrom)) problems.push('MAIL_FROM must be a mail address, or Name <address>.');
  const databaseUrl = readDatabaseUrl(env, problems);
  const webhookAuth = readWebhookAuth(env, problems);
  const dataDir = resolve(env.DATA_DIR || 'sample-data');
  const keys = (env.TRACKING_ENCRYPTION_KEY ?? '')
    .split(',')
    .map((key) => key.trim())
    .filter(Boolean);
  if (problems.length > 0) throw new SettingsError(problems);

  const realPort = port === 0 ? await findFreePort(host) : port;
  const nameOfHost = isLoopback(host) || isWildcard(host) ? 'localhost' : bracketed(host);
  return {
    host,
    port: realPort,
    publicUrl: publicUrl ?? `http://${nameOfHost}:${realPort}`,
    smtpPort,
    smtpUrl,
    mailFrom,
    encryptionKeys: keys.length > 0 ? keys : [randomBytes(32).toString('base64')],
    keyIsFresh: keys.length === 0,
    dkimKey: null,
    databaseUrl,
    dataDir,
    webhookAuth,
    assets,
  };
}

function readPort(
  env: Record<string, string | undefined>,
  name: string,
  byDefault: number,
  problems: string[],
): number {
  const value = env[name];
  if (!value) return byDefault;
  if (/^\d{1,5}$/.test(value) && Number(value) <= 65535) return Number(value);
  problems.push(`${name} must be a port number from 0 to 65535 (0 picks a free one).`);
  return byDefault;
}

/** The value may hold a password, so no message repeats it. */
function readDatabaseUrl(
  env: Record<string, string | undefined>,
  problems: string[],
): string | null {
  const value = env.DATABASE_URL;
  if (!value) return null;
  if (URL.canParse(value) && /^postgres(?:ql)?:$/.test(new URL(value).protocol)) return value;
  problems.push('DATABASE_URL must look like postgres://user:password@db.example.com:5432/name.');
  return null;
}

/** Made up where none is set: then only the app itself can play the provider. */
function readWebhookAuth(env: Record<string, string | undefined>, problems: string[]): string {
  const value = env.WEBHOOK_AUTH || `demo:${randomBytes(24).toString('base64url')}`;
  if (!/^[^:]+:.{12,}$/.test(value)) {
    problems.push('WEBHOOK_AUTH must be user:password, with 12 characters of password or more.');
  }
  return value;
}

/** Whoever reaches the page can send mail, so a page that others reach must not relay unasked. */
function readSmtpUrl(
  env: Record<string, string | undefined>,
  host: string,
  problems: string[],
): string | null {
  const value = env.SMTP_URL;
  if (!value) return null;
  // The value may hold a password, so no message repeats it.
  if (!URL.canParse(value) || !/^smtps?:$/.test(new URL(value).protocol)) {
    problems.push('SMTP_URL must look like smtp://user:password@mail.example.com:587.');
    return null;
  }
  if (!isLoopback(host) && env.ALLOW_RELAY !== '1') {
    problems.push(
      `SMTP_URL with HOST=${host} would let everyone who reaches this address send mail through ` +
        'your SMTP server. Leave HOST unset, or set ALLOW_RELAY=1 if that is what you want.',
    );
  }
  return value;
}

function readPublicUrl(env: Record<string, string | undefined>, problems: string[]): string | null {
  const value = env.PUBLIC_URL;
  if (!value) return null;
  const url = URL.canParse(value) ? new URL(value) : null;
  const isOrigin = url && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`;
  if (isOrigin) return url.origin;
  problems.push('PUBLIC_URL must be an origin such as https://demo.example.com, without a path.');
  return null;
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
