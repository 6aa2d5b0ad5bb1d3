import { ALWAYS, methodNotAllowed, textReply } from '../hit/answers.js';
import type { BodyProblem } from '../util/body-reader.js';
import type { HttpReply } from '../util/http-reply.js';
import { contentSecurityPolicy } from './unsubscribe-page.js';

export const METHOD_NOT_ALLOWED = methodNotAllowed('GET, HEAD, POST');

/** When a program that could not unsubscribe its reader may try again, in seconds. */
const RETRY_AFTER = '30';

const FAILED = 503;

/** Answers with a page. */
export function pageReply(status: number, language: string, page: string): HttpReply {
  const body = Buffer.from(page);
  return {
    status,
    headers: {
      ...ALWAYS,
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Length': String(body.length),
      'Content-Language': language,
      'Content-Security-Policy': contentSecurityPolicy(page),
      'X-Frame-Options': 'DENY',
      Vary: 'Accept-Language',
      ...(status === FAILED ? { 'Retry-After': RETRY_AFTER } : undefined),
    },
    body,
  };
}

/** Answers a POST whose body was not read. */
export function bodyReply(problem: BodyProblem): HttpReply {
  if (problem === 'late') return textReply(408, 'The body did not arrive in time.\n');
  if (problem === 'incomplete') return textReply(400, 'The body is incomplete.\n');
  return textReply(413, 'The body is too large: at most 4 KiB are read here.\n');
}
