import { createHash, createVerify } from 'node:crypto';

/**
 * Whether the DKIM signature of a mail holds (RFC 6376): relaxed/relaxed, rsa-sha256, as it came
 * over the wire. A small check of our own, since Nodemailer's signer must not vouch for itself.
 *
 * @param publicKey the PEM that stands for the record in the DNS
 */
export function verifyDkim(raw: Buffer, publicKey: string): { body: boolean; headers: boolean } {
  const text = raw.toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  const headers = text.slice(0, end).split(/\r\n(?![ \t])/);
  const signature = headers.find((header) => /^DKIM-Signature:/i.test(header));
  if (signature === undefined) throw new Error('The mail is not signed.');
  const tags = new Map(
    signature
      .slice(signature.indexOf(':') + 1)
      .split(';')
      .map((tag) => {
        const [name, value = ''] = tag.split(/=(.*)/s);
        return [name!.trim(), value.replace(/\s+/g, '')] as const;
      }),
  );
  if (tags.get('a') !== 'rsa-sha256' || tags.get('c') !== 'relaxed/relaxed') {
    throw new Error('This check knows rsa-sha256 and relaxed/relaxed only.');
  }

  const bodyHash = createHash('sha256')
    .update(relaxedBody(text.slice(end + 4)), 'latin1')
    .digest('base64');
  // A header that is signed twice is taken from the bottom up.
  const left = [...headers];
  const signed = tags
    .get('h')!
    .split(':')
    .flatMap((name) => {
      const at = left.findLastIndex((header) => isNamed(header, name));
      return at === -1 ? [] : left.splice(at, 1).map(relaxedHeader);
    });
  const own = relaxedHeader(signature).replace(/(;\s*b=)[^;]*/, '$1');
  const verifier = createVerify('RSA-SHA256');
  verifier.update([...signed, own].join('\r\n'), 'latin1');
  return {
    body: bodyHash === tags.get('bh'),
    headers: verifier.verify(publicKey, tags.get('b')!, 'base64'),
  };
}

function isNamed(header: string, name: string): boolean {
  return header.slice(0, header.indexOf(':')).trim().toLowerCase() === name.toLowerCase();
}

function relaxedHeader(header: string): string {
  const at = header.indexOf(':');
  const value = header
    .slice(at + 1)
    .replace(/\r\n/g, '')
    .replace(/[ \t]+/g, ' ')
    .trim();
  return `${header.slice(0, at).trim().toLowerCase()}:${value}`;
}

function relaxedBody(body: string): string {
  const lines = body
    .replace(/[ \t]+(?=\r\n)/g, '')
    .replace(/[ \t]+/g, ' ')
    .replace(/(?:\r\n)+$/, '');
  return lines === '' ? '' : `${lines}\r\n`;
}
