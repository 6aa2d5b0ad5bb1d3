// What the two routes do, written by hand for a server of one's own: the same reading of the token,
// the same judgement, the same event and the same headers, without Nest, steps to override or
// promises. The codec and the redirect policy are ours; everything around them is spelt out.

import { randomUUID } from 'node:crypto';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { PackedCodec } from '../../dist/link/codecs/packed.codec.js';
import { KeyRing } from '../../dist/link/key-ring.js';
import { PIXELS } from '../../dist/link/pixel.js';
import { RedirectPolicy } from '../../dist/link/redirect-policy.js';
import { KEY } from '../reference.mjs';

const PIXEL = PIXELS.png;

const codec = new PackedCodec(new KeyRing([KEY]));
const policy = new RedirectPolicy();
export const emitter = new EventEmitter2();

const ALWAYS = {
  'Cache-Control': 'no-store, no-cache, must-revalidate, max-age=0',
  'Referrer-Policy': 'no-referrer',
  'X-Robots-Tag': 'noindex, nofollow',
  'X-Content-Type-Options': 'nosniff',
};
const PIXEL_HEADERS = {
  ...ALWAYS,
  Pragma: 'no-cache',
  Expires: '0',
  'Cross-Origin-Resource-Policy': 'cross-origin',
  'Content-Type': 'image/png',
  'Content-Length': PIXEL.content.length,
};
const NOT_FOUND = 'This link is not valid, or not valid any more.\n';

export function answerClick(request, response, ip) {
  if (!isAllowed(request, response)) return;
  let result, href;
  try {
    result = readLink(request, ip, 'click');
    ({ href } = policy.decide(result.trackedUrl ?? '', true, result));
  } catch {
    href = undefined;
  }
  if (href === undefined) {
    response.writeHead(404, {
      ...ALWAYS,
      'Content-Type': 'text/plain; charset=utf-8',
      'Content-Length': NOT_FOUND.length,
    });
    response.end(NOT_FOUND);
    return;
  }
  response.writeHead(302, { Location: href, 'Content-Length': 0, ...ALWAYS });
  response.end();
  if (request.method === 'GET') emitter.emit('tracking.click', toEvent(result, 'clicked'));
}

export function answerOpen(request, response, ip) {
  if (!isAllowed(request, response)) return;
  let result;
  try {
    result = readLink(request, ip, 'open');
  } catch {
    result = undefined;
  }
  response.writeHead(result ? 200 : 404, PIXEL_HEADERS);
  response.end(PIXEL.content);
  if (result && request.method === 'GET') emitter.emit('tracking.open', toEvent(result, 'opened'));
}

function isAllowed(request, response) {
  if (request.method === 'GET' || request.method === 'HEAD') return true;
  response.writeHead(405, { ...ALWAYS, Allow: 'GET, HEAD', 'Content-Length': 0 });
  response.end();
  return false;
}

function readLink(request, ip, purpose) {
  const { url } = request;
  const query = url.indexOf('?');
  const path = query === -1 ? url : url.slice(0, query);
  const { payload, keyId } = codec.open(path.slice(path.lastIndexOf('/') + 1), purpose);
  return {
    isOpenTracking: purpose === 'open',
    isClickTracking: purpose === 'click',
    purpose,
    trackedUrl: payload.url ?? null,
    webhookUrl: null,
    webhookTimeoutSeconds: null,
    metadata: payload.metadata ?? {},
    requestData: toRequestData(request, ip),
    timestamp: Math.floor(Date.now() / 1000),
    messageId: payload.messageId ?? null,
    recipient: payload.recipient ?? null,
    tags: payload.tags ?? [],
    sentAt: payload.sentAt ?? null,
    linkIndex: payload.linkIndex ?? null,
    linkCount: payload.linkCount ?? null,
    trackedLinkCount: payload.trackedLinkCount ?? null,
    isUnsubscribeLink: payload.isUnsubscribeLink ?? false,
    list: payload.list ?? null,
    linkLabel: payload.linkLabel ?? null,
    part: payload.part ?? null,
    format: 'packed',
    keyId,
  };
}

const KEPT_HEADERS = [
  ...['accept', 'accept-language', 'sec-fetch-dest', 'sec-fetch-mode', 'sec-fetch-site'],
  ...['sec-fetch-user', 'sec-fetch-storage-access', 'sec-purpose', 'purpose', 'x-purpose', 'x-moz'],
  ...['sec-gpc', 'dnt'],
];

function toRequestData(request, ip) {
  const headers = {};
  for (const name of KEPT_HEADERS) {
    const value = request.headers[name];
    if (value !== undefined) headers[name] = value.slice(0, 1024);
  }
  return {
    userAgent: request.headers['user-agent']?.slice(0, 1024) ?? null,
    userIp: ip,
    method: request.method,
    headers,
  };
}

function toEvent(result, eventType) {
  return {
    eventType,
    source: 'link',
    eventId: randomUUID(),
    timestamp: new Date(),
    messageId: result.messageId,
    recipient: result.recipient,
    recipientCertain: result.recipient !== null,
    metadata: result.metadata,
    tags: result.tags,
    rejectReason: null,
    permanent: null,
    description: null,
    mtaResponse: null,
    userAgent: result.requestData.userAgent,
    userIp: result.requestData.userIp,
    clickUrl: result.trackedUrl,
    espName: null,
    espEvent: null,
    verdict: null,
    sentAt: result.sentAt,
    linkIndex: result.linkIndex,
    linkCount: result.linkCount,
    linkLabel: result.linkLabel,
    part: result.part,
    list: result.list,
    via: null,
    result,
  };
}
