import { createHash } from 'node:crypto';
import type { SqlClient } from 'nestjs-email-tracking/stats';

/** All that a schema holds, as text. */
export async function dumpOf(client: SqlClient, schema: string): Promise<string> {
  const { rows } = await client.query(
    'select tablename from pg_catalog.pg_tables where schemaname = $1::text',
    [schema],
  );
  const texts = rows.map(async ({ tablename }) => {
    const table = `"${schema}"."${tablename as string}"`;
    return JSON.stringify((await client.query(`select t::text as row from ${table} t`, [])).rows);
  });
  return (await Promise.all(texts)).join('\n');
}

/** An address, and what anybody could compute of it. */
export function tracesOf(address: string): string[] {
  const digests = ['md5', 'sha1', 'sha256', 'sha512'].flatMap((name) => {
    const digest = createHash(name).update(address).digest();
    return [digest.toString('hex'), digest.toString('base64')];
  });
  return [address, address.split('@')[0]!, ...digests];
}
