import { isPlainObject } from '../../util/is-object.js';
import type { JsonValue, LinkPayload, Metadata } from '../link-payload.js';
import { contextIn, withContext } from './context-in-metadata.js';
import { fromPythonJson, toPythonJson } from './python-json.js';
import { damaged } from './token.js';

/**
 * The JSON object that pytracking puts into a link: `url`, `metadata`, `webhook`, in this order.
 * A message id, a recipient and tags travel inside the metadata. `webhook_timeout` is ours; Python
 * ignores it.
 */
export function writePytrackingPayload(payload: LinkPayload): Buffer {
  const data: Record<string, JsonValue> = {};
  if (payload.url) data.url = payload.url;
  const metadata = withContext(payload.metadata ?? {}, payload);
  if (!isEmpty(metadata)) data.metadata = metadata;
  if (payload.webhookUrl) data.webhook = payload.webhookUrl;
  if (payload.webhookTimeoutSeconds !== undefined) {
    data.webhook_timeout = payload.webhookTimeoutSeconds;
  }
  return Buffer.from(toPythonJson(data), 'latin1'); // ASCII by construction
}

/**
 * Reads that JSON object. Unknown keys are ignored, as Python does; wrong types are refused.
 *
 * @throws TrackingError `INVALID_TOKEN`
 */
export function readPytrackingPayload(bytes: Uint8Array): LinkPayload {
  const data = parse(bytes);
  const payload: LinkPayload = {};
  if (isGiven(data.url)) payload.url = string(data.url);
  if (isGiven(data.webhook)) payload.webhookUrl = string(data.webhook);
  if (isGiven(data.webhook_timeout)) payload.webhookTimeoutSeconds = number(data.webhook_timeout);
  if ('metadata' in data) {
    if (!isPlainObject(data.metadata)) throw damaged();
    payload.metadata = data.metadata as Metadata;
    Object.assign(payload, contextIn(payload.metadata));
  }
  return payload;
}

function isEmpty(object: object): boolean {
  for (const _key in object) return false;
  return true;
}

/** Python takes an absent, null or empty value for none. */
function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}

function string(value: unknown): string {
  if (typeof value !== 'string') throw damaged();
  return value;
}

function number(value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value <= 0) throw damaged();
  return value;
}

function parse(bytes: Uint8Array): Record<string, unknown> {
  const data = fromPythonJson(bytes);
  if (!isPlainObject(data)) throw damaged();
  return data;
}
