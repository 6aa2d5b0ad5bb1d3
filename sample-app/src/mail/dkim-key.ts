import { generateKeyPairSync } from 'node:crypto';

/** Makes a private key to sign mails with, as Nodemailer takes it. */
export function makeDkimKey(): string {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  }).privateKey;
}
