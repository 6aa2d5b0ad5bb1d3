import type { JsonValue, Metadata } from 'nestjs-email-tracking';
import { readVectors } from '../support/vectors.js';

/** What `record()` of a `TrackingPixel` was called with. */
export interface PtrackRecord {
  args: JsonValue[];
  kwargs: Metadata;
}

export interface PtrackView {
  path?: string;
  status: number;
  headers: Record<string, string>;
  body_b64?: string;
  is_pixel?: boolean;
  record_calls: PtrackRecord[];
}

export interface ValidInput {
  args: JsonValue[];
  kwargs: Metadata;
  secret: string;
  app_url: string;
  /** Only where the token was not made for the case. */
  token?: string;
}

export interface ValidOutput {
  token?: string;
  nonce_hex: string;
  key_hex: string;
  payload_json: string;
  url: string;
  img_tag: string;
  decoded: [JsonValue[], Metadata];
  view: PtrackView;
}

export interface InvalidInput {
  token: string;
  secret: string;
  method?: string;
}

export const valid = readVectors<ValidInput, ValidOutput>('ptrack/valid.json');
export const invalid = readVectors<InvalidInput, { view: PtrackView }>('ptrack/invalid.json');

/** The image that the view answers with. */
export const GIF = 'R0lGODlhAQABAIAAAP///wAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==';

/** The secret of django-ptrack's own test suite. */
export const SECRET = 'testptracksecret';
