/**
 * What the documents use of the SDKs of mail providers and of clients of databases, which are not
 * installed here. Written from their own declarations, and closed: a misspelled member is an error in a block.
 */

declare module '@aws-sdk/client-sesv2' {
  interface Content {
    Data: string | undefined;
    Charset?: string;
  }

  type Switch = 'ENABLED' | 'DISABLED';

  export class SendEmailCommand {
    constructor(input: {
      FromEmailAddress?: string;
      Destination?: { ToAddresses?: string[] };
      Content: { Simple: { Subject: Content; Body: { Html?: Content; Text?: Content } } };
      ConfigurationSetName?: string;
      ConfigurationOverrides?: {
        Tracking?: { ClickTrackingEnabled?: Switch; OpenTrackingEnabled?: Switch };
      };
    });
  }

  export class SESv2Client {
    constructor(configuration: { region?: string });
    send(command: SendEmailCommand): Promise<{ MessageId?: string }>;
  }
}

declare module '@sendgrid/mail' {
  interface Mail {
    from: string;
    to: string;
    subject: string;
    html: string;
    text?: string;
    trackingSettings?: {
      clickTracking?: { enable?: boolean; enableText?: boolean };
      openTracking?: { enable?: boolean; substitutionTag?: string };
    };
  }

  const sendgrid: { setApiKey(key: string): void; send(mail: Mail): Promise<unknown> };
  export default sendgrid;
}

declare module 'mailgun.js' {
  type Toggle = boolean | 'yes' | 'no';

  interface Mail {
    from?: string;
    to?: string | string[];
    subject?: string;
    html: string;
    text?: string;
    'o:tracking'?: Toggle;
    'o:tracking-clicks'?: Toggle | 'htmlonly';
    'o:tracking-opens'?: Toggle;
  }

  export default class Mailgun {
    constructor(formData: typeof FormData);
    client(options: { username: string; key: string; url?: string }): {
      messages: { create(domain: string, mail: Mail): Promise<unknown> };
    };
  }
}

declare module 'postmark' {
  export namespace Models {
    enum LinkTrackingOptions {
      TextOnly = 'TextOnly',
      HtmlOnly = 'HtmlOnly',
      HtmlAndText = 'HtmlAndText',
      None = 'None',
    }
  }

  export class ServerClient {
    constructor(serverToken: string);
    sendEmail(mail: {
      From: string;
      To?: string;
      Subject: string;
      HtmlBody?: string;
      TextBody?: string;
      TrackOpens?: boolean;
      TrackLinks?: Models.LinkTrackingOptions;
    }): Promise<unknown>;
  }
}

declare module 'resend' {
  export class Resend {
    constructor(key?: string);
    readonly emails: {
      send(mail: {
        from: string;
        to: string | string[];
        subject: string;
        html: string;
        text?: string;
      }): Promise<unknown>;
    };
    readonly domains: {
      update(options: {
        id: string;
        openTracking?: boolean;
        clickTracking?: boolean;
      }): Promise<unknown>;
    };
  }
}

declare module 'maxmind' {
  /** Of a GeoLite2-ASN database. */
  export interface AsnResponse {
    readonly autonomous_system_number: number;
  }
  export function open<T>(path: string): Promise<{ get(address: string): T | null }>;
}

declare module 'typeorm' {
  export interface QueryRunner {
    query(
      query: string,
      parameters: unknown[],
      useStructuredResult: true,
    ): Promise<{ raw: unknown; records: Record<string, unknown>[]; affected?: number }>;
    release(): Promise<void>;
  }

  interface EntityManager {
    readonly queryRunner?: QueryRunner;
  }

  export interface DataSource {
    createQueryRunner(): QueryRunner;
    transaction<T>(run: (manager: EntityManager) => Promise<T>): Promise<T>;
  }
}

declare module '@prisma/client' {
  export interface PrismaClient {
    $queryRawUnsafe<T = unknown>(query: string, ...values: unknown[]): Promise<T>;
    $transaction<R>(
      run: (inside: Omit<PrismaClient, '$transaction'>) => Promise<R>,
      options?: { maxWait?: number; timeout?: number },
    ): Promise<R>;
  }
}

declare module 'kysely' {
  export interface CompiledQuery<O = unknown> {
    readonly sql: string;
    readonly parameters: readonly unknown[];
    readonly result?: O;
  }
  export const CompiledQuery: { raw(sql: string, parameters?: unknown[]): CompiledQuery };

  export interface Transaction<DB> extends Kysely<DB> {
    readonly isTransaction: true;
  }

  export interface Kysely<DB> {
    readonly isTransaction: boolean;
    executeQuery<R>(query: CompiledQuery<R>): Promise<{ readonly rows: R[] }>;
    transaction(): { execute<T>(run: (inside: Transaction<DB>) => Promise<T>): Promise<T> };
  }
}

declare module '@nestjs/terminus' {
  export class TerminusModule {
    static forRoot(options: { logger: false }): { module: typeof TerminusModule };
  }
  interface HealthIndicatorResult {
    [key: string]: { status: 'up' | 'down' };
  }

  export class HealthCheckService {
    check(
      indicators: (() => HealthIndicatorResult | Promise<HealthIndicatorResult>)[],
    ): Promise<{ status: 'ok' | 'error' | 'shutting_down' }>;
  }

  export function HealthCheck(): MethodDecorator;
}

// Installed, but without types.
declare module 'nodemailer-html-to-text' {
  export function htmlToText(
    options?: object,
  ): (mail: { data: object }, callback: (error?: Error | null) => void) => void;
}
