// What every row seals and reads: the reference payload of the issue, in 64 variants, so that no
// candidate lives on one string that the engine knows by heart.

import { createHash } from 'node:crypto';

/** A key for measurements, and no other purpose. */
export const KEY = 'XdhWbQZnqCIPLBL0ViPIW2vBTsmUNxAS-7mOtTdu6ZM=';

/** 80 characters. */
export const URL_80 =
  'https://www.example.com/spring/sale/shoes?utm_source=newsletter&utm_campaign=spr';

/** Payloads as a mail job has them: parsed, so that their strings are nobody's constants. */
export const PAYLOADS = JSON.parse(
  JSON.stringify(Array.from({ length: 64 }, (_, i) => reference(i))),
);

/** The payload whose token lengths are compared. */
export const REFERENCE = PAYLOADS[0];

function reference(i) {
  return {
    url: URL_80,
    metadata: {
      customer_id: 1234567 + i,
      message_id: uuid(i),
      campaign: 'spring-sale',
    },
  };
}

function uuid(i) {
  const hex = createHash('sha256').update(`message ${i}`).digest('hex');
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-a$4-$5');
}
