import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** An HMAC of openssl's making. */
export function opensslHmac(
  hash: 'sha1' | 'sha256',
  key: string | Buffer,
  data: string | Buffer,
): Buffer {
  const hex = Buffer.from(key).toString('hex');
  const options = ['dgst', `-${hash}`, '-mac', 'HMAC', '-macopt', `hexkey:${hex}`, '-binary'];
  return execFileSync('openssl', options, { input: data });
}

/** An MD5 of openssl's making. */
export function opensslMd5(data: string | Buffer): string {
  return execFileSync('openssl', ['dgst', '-md5', '-binary'], { input: data }).toString('hex');
}

/** A new RSA key and a signature of it (PKCS #1 v1.5), both of openssl's making. */
export function opensslRsa(data: string | Buffer): { publicKey: string; signature: string } {
  const folder = mkdtempSync(join(tmpdir(), 'rsa-'));
  const run = (options: string[], input?: string | Buffer) =>
    execFileSync('openssl', options, { input, stdio: ['pipe', 'pipe', 'pipe'] });
  try {
    const key = join(folder, 'key.pem');
    writeFileSync(key, run(['genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:1024']));
    const spki = run(['pkey', '-in', key, '-pubout', '-outform', 'DER']);
    const signature = run(['dgst', '-sha1', '-sign', key], data);
    return { publicKey: spki.toString('base64'), signature: signature.toString('base64') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A new Ed25519 key of openssl's making, and how openssl signs with it. */
export function opensslEd25519(): {
  /** The base64 of the key alone. */
  raw: string;
  /** The base64 of its SubjectPublicKeyInfo. */
  spki: string;
  pem: string;
  sign: (data: string | Buffer) => string;
} {
  const key = execFileSync('openssl', ['genpkey', '-algorithm', 'ed25519']);
  const run = (options: string[]) => execFileSync('openssl', options, { input: key });
  const spki = run(['pkey', '-pubout', '-outform', 'DER']);
  return {
    raw: spki.subarray(-32).toString('base64'),
    spki: spki.toString('base64'),
    pem: run(['pkey', '-pubout']).toString(),
    sign(data) {
      const folder = mkdtempSync(join(tmpdir(), 'ed25519-'));
      try {
        const [keyFile, dataFile] = [join(folder, 'key.pem'), join(folder, 'data')];
        writeFileSync(keyFile, key);
        writeFileSync(dataFile, data);
        const options = ['pkeyutl', '-sign', '-rawin', '-inkey', keyFile, '-in', dataFile];
        return execFileSync('openssl', options).toString('base64');
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  };
}
