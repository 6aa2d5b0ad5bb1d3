import { ALWAYS, methodNotAllowed, textReply } from '../hit/answers.js';
import type { BodyProblem } from '../util/body-reader.js';
import type { HttpReply } from '../util/http-reply.js';
import type { UnsubscribePageState } from './page-state.js';
import { contentSecurityPolicy, unsubscribePage } from './unsubscribe-page.js';

export const METHOD_NOT_ALLOWED = methodNotAllowed('GET, HEAD, POST');

/** When a program that could not unsubscribe its reader may try again, in seconds. */
const RETRY_AFTER = '30';

/** A client that sees 2xx never asks again. */
const STATUS = { ask: 200, done: 200, unmeasured: 200, failed: 503, unreadable: 404 } as const;

/**
 * Returns an answer with a page.
 *
 * @param page makes it
 * @param onError called if `page` fails; the answer is then the page of this package
 */
export function pageReply(
  state: UnsubscribePageState,
  page: (state: UnsubscribePageState) => string = unsubscribePage,
  onError: (error: unknown) => void,
): HttpReply {
  try {
    return htmlReply(state, page(state));
  } catch (error) {
    onError(error);
    return htmlReply(state, unsubscribePage(state));
  }
}

function htmlReply({ kind, language }: UnsubscribePageState, page: string): HttpReply {
  const body = Buffer.from(page);
  return {
    status: STATUS[kind],
    headers: {
      ...ALWAYS,
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Length': String(body.length),
      'Content-Language': language,
      'Content-Security-Policy': contentSecurityPolicy(page),
      'X-Frame-Options': 'DENY',
      Vary: 'Accept-Language',
      ...(kind === 'failed' && { 'Retry-After': RETRY_AFTER }),
    },
    body,
  };
}

/** Returns the answer to a POST whose body was not read. */
export function bodyReply(problem: BodyProblem): HttpReply {
  if (problem === 'late') return textReply(408, 'The body did not arrive in time.\n');
  if (problem === 'incomplete') return textReply(400, 'The body is incomplete.\n');
  return textReply(413, 'The body is too large: at most 4 KiB are read here.\n');
}
