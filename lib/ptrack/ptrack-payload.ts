import { TrackingError, type LinkPayload } from '../index.js';
import { contextIn, withContext } from '../link/codecs/context-in-metadata.js';
import { fromPythonJson, toPythonJson } from '../link/codecs/python-json.js';
import { isPlainObject } from '../util/is-object.js';

/**
 * Writes the content of a `{% ptrack … %}` tag, `[[…args], {…kwargs}]`. A message id, a recipient
 * and tags are stored as kwargs, where a `TrackingPixel` in Python finds them.
 *
 * @throws TrackingError `INVALID_METADATA`
 */
export function writePtrackPayload(payload: LinkPayload): Buffer {
  if (payload.webhookUrl !== undefined || payload.webhookTimeoutSeconds !== undefined) {
    throw cannotCarry('a webhook; leave includeWebhookUrl and includeWebhookTimeout off');
  }
  const { args = [], kwargs = {}, ...others } = payload.metadata ?? {};
  if (Object.keys(others).length > 0 || !Array.isArray(args) || !isPlainObject(kwargs)) {
    throw cannotCarry(
      'metadata other than { args: […], kwargs: {…} }; put what you want to find again into kwargs',
    );
  }
  const json = toPythonJson([args, withContext(kwargs, payload)]);
  return Buffer.from(json, 'latin1'); // ASCII by construction
}

/**
 * Reads the content of an opened box.
 *
 * @throws TrackingError `INVALID_TOKEN`
 */
export function readPtrackPayload(text: Uint8Array): LinkPayload {
  const data = fromPythonJson(text);
  if (!Array.isArray(data) || data.length !== 2) throw damaged();
  const [args, kwargs] = data;
  if (!Array.isArray(args) || !isPlainObject(kwargs)) throw damaged();
  return { metadata: { args, kwargs }, ...contextIn(kwargs) };
}

function cannotCarry(what: string): TrackingError {
  return new TrackingError('INVALID_METADATA', `A ptrack link cannot carry ${what}.`);
}

function damaged(): TrackingError {
  return new TrackingError(
    'INVALID_TOKEN',
    'The content of this link is not that of a ptrack link.',
  );
}
