import { parseArgs } from 'node:util';
import {
  TrackingService,
  type LinkContext,
  type LinkFormat,
  type Metadata,
  type TrackingModuleOptions,
} from '../index.js';
import { type Command, keysFrom, UsageError, withTracking } from './command.js';

export const LINK: Command = {
  help: `Usage: nestjs-email-tracking link <url> [options]
       nestjs-email-tracking link --open [options]

Makes a tracking link: to <url>, or with --open the URL of a pixel.

  --base <url>         where tracking URLs start; default: TRACKING_BASE_CLICK_TRACKING_URL,
                       with --open TRACKING_BASE_OPEN_TRACKING_URL
  --format <name>      packed (default), fernet or plain
  --metadata <json>    a JSON object that the event will carry
  --message-id <id>    the message that contains the link
  --recipient <addr>   the recipient of the message
  --tag <tag>          a tag; can be given several times
  --label <label>      the name of the link (packed only)
  --context <context>  needed again to read the link, for example a tenant (packed only)

packed and fernet encrypt with the first key of TRACKING_ENCRYPTION_KEY.
`,
  async run(args, environment) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        open: { type: 'boolean' },
        base: { type: 'string' },
        format: { type: 'string' },
        metadata: { type: 'string' },
        'message-id': { type: 'string' },
        recipient: { type: 'string' },
        tag: { type: 'string', multiple: true },
        label: { type: 'string' },
        context: { type: 'string' },
      },
    });
    const [url, ...more] = positionals;
    if (more.length > 0 || (url === undefined) !== (values.open === true)) {
      throw new UsageError('link takes one URL, or --open.');
    }
    const metadata = parseMetadata(values.metadata);
    const context: LinkContext = {
      ...given('messageId', values['message-id']),
      ...given('recipient', values.recipient),
      ...given('tags', values.tag),
      ...given('linkLabel', values.label),
    };
    const options = optionsFrom(values, environment);
    return withTracking(options, (app) => {
      const tracking = app.get(TrackingService);
      return url === undefined
        ? `${tracking.getOpenTrackingUrl(metadata, context)}\n`
        : `${tracking.getClickTrackingUrl(url, metadata, context)}\n`;
    });
  },
};

function optionsFrom(
  values: { open?: boolean; base?: string; format?: string; context?: string },
  environment: NodeJS.ProcessEnv,
): TrackingModuleOptions {
  const [option, variable] = values.open
    ? (['baseOpenTrackingUrl', 'TRACKING_BASE_OPEN_TRACKING_URL'] as const)
    : (['baseClickTrackingUrl', 'TRACKING_BASE_CLICK_TRACKING_URL'] as const);
  const base = values.base ?? environment[variable];
  if (!base) throw new UsageError(`Say where tracking URLs start: --base, or ${variable}.`);
  const keys = keysFrom(environment);
  return {
    [option]: base,
    ...given('format', values.format as LinkFormat | undefined),
    ...given('context', values.context),
    ...given('encryptionKey', keys.length > 0 ? keys : undefined),
  };
}

function parseMetadata(json: string | undefined): Metadata | undefined {
  if (json === undefined) return undefined;
  try {
    return JSON.parse(json) as Metadata;
  } catch {
    throw new UsageError(`--metadata must be JSON, for example '{"customer_id":7}'.`);
  }
}

function given<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): Partial<Record<Name, Value>> {
  return value === undefined ? {} : ({ [name]: value } as Record<Name, Value>);
}
