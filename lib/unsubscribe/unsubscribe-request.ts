import type { IncomingMessage } from 'node:http';
import type { UnsubscribeVia } from '../event/tracking-event.js';
import { HitContext } from '../hit/hit-context.js';
import type { FrameworkRequest, TrackingRequest } from '../hit/request-data.js';
import { bodyOf, readBody, type BodyLimits, type BodyProblem } from '../util/body-reader.js';
import type { UnsubscribeMessage } from '../util/diagnostics.js';
import { readForm } from '../util/form.js';
import { isObject } from '../util/is-object.js';
import { FORM } from './unsubscribe-page.js';
import type { UnsubscribeLinks } from './unsubscribe-links.js';

/** A request to the unsubscribe route, as hooks get it. */
export interface UnsubscribeRequest extends TrackingRequest {
  /**
   * How the reader leaves: `one-click` by the button of a mail program, `page` by the button of the
   * page, `null` if the request does not say. `null` for GET.
   */
  via: Extract<UnsubscribeVia, 'one-click' | 'page'> | null;
  /** Whether the reader leaves all lists, by the second button of the page. */
  isAll: boolean;
  /** Whether the reader stays and does not want to be measured: the page's last button. */
  isStaying: boolean;
}

/** One request to the unsubscribe route while it is being answered. */
export class UnsubscribeHit extends HitContext implements UnsubscribeRequest {
  via: UnsubscribeRequest['via'] = null;
  isAll = false;
  isStaying = false;
  #links: UnsubscribeLinks | undefined;
  #outcome: UnsubscribeMessage['outcome'] = 'failed';

  /** What is configured for this request; `undefined` until that is known. */
  get links(): UnsubscribeLinks | undefined {
    return this.#links;
  }

  set links(links: UnsubscribeLinks) {
    this.#links = links;
  }

  /** What is told of it. */
  get outcome(): UnsubscribeMessage['outcome'] {
    return this.#outcome;
  }

  set outcome(outcome: UnsubscribeMessage['outcome']) {
    this.#outcome = outcome;
  }
}

/** How much of a body is read: the one that RFC 8058 names has 26 bytes. */
export const BODY_LIMITS: BodyLimits = { bytes: 4 * 1024 };

type Wish = Pick<UnsubscribeRequest, 'via' | 'isAll' | 'isStaying'>;

const UNSAID: Wish = { via: null, isAll: false, isStaying: false };

/**
 * Reads from the body of a POST how the reader leaves. A body that does not say it is a wish to leave,
 * too.
 *
 * @returns the problem, if the body did not arrive in full
 */
export async function readWish(request: FrameworkRequest): Promise<Wish | BodyProblem> {
  const { raw: fastifys, body: parsed } = request as { raw?: IncomingMessage; body?: unknown };
  const raw = fastifys ?? (request as unknown as IncomingMessage);
  const read = bodyOf(raw);
  if (read) return wishIn(read.body, read.headers['content-type']);
  // A route of the app's own, whose body the framework may have read.
  if (isObject(parsed) && FORM.name in parsed) return wishOf(parsed[FORM.name]);
  if (raw.readableDidRead || raw.destroyed) return UNSAID;
  return wishIn(await readBody(raw, BODY_LIMITS), raw.headers['content-type']);
}

function wishIn(body: Buffer | BodyProblem, contentType = ''): Wish | BodyProblem {
  // How it is packed is no reason to ignore a wish.
  if (body === 'unknown-encoding' || body === 'badly-packed') return UNSAID;
  if (!Buffer.isBuffer(body)) return body;
  try {
    return wishOf(readForm(body, contentType).get(FORM.name)?.[0]);
  } catch {
    return UNSAID;
  }
}

function wishOf(value: unknown): Wish {
  // A framework that found the field twice gives both values.
  const [text] = [value].flat();
  switch (typeof text === 'string' ? text.trim() : undefined) {
    case 'One-Click':
      return { ...UNSAID, via: 'one-click' };
    case FORM.one:
      return { ...UNSAID, via: 'page' };
    case FORM.all:
      return { ...UNSAID, via: 'page', isAll: true };
    case FORM.stay:
      return { ...UNSAID, via: 'page', isStaying: true };
    default:
      return UNSAID;
  }
}
