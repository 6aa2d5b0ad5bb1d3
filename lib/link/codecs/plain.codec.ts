import type { LinkCodec } from '../link-codec.js';
import type { LinkPayload } from '../link-payload.js';
import { readPytrackingPayload, writePytrackingPayload } from './pytracking-payload.js';
import { decodePadded, encodePadded, notOurs } from './token.js';

/**
 * pytracking's links without a key: JSON in base64url. Nothing in them is secret or proven. Anyone
 * can read one, and anyone can write one.
 */
export class PlainCodec implements LinkCodec {
  readonly name = 'plain';

  encode(payload: LinkPayload): string {
    return encodePadded(writePytrackingPayload(payload));
  }

  decode(token: string): LinkPayload {
    const bytes = decodePadded(token);
    if (!bytes) throw notOurs();
    return readPytrackingPayload(bytes);
  }
}
