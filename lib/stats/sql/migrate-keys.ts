import type { Tables } from './tables.js';

/**
 * Makes the secret of the store, and turns every hash into a key under it, as `RowKeys` does. An event
 * whose id is its identity keeps it. What is counted stays the same.
 */
export function keyedHashes({ events, readers, secrets }: Tables): string[] {
  return [
    `create table ${secrets} (id int primary key check (id = 1), secret bytea not null)`,
    // Three random UUIDs have more than the 256 random bits that the hash keeps.
    `insert into ${secrets} select 1, sha256(uuid_send(gen_random_uuid()) ||
      uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())) on conflict do nothing`,
    `${pads(secrets)} update ${readers} set key = ${uuidOf('key')} from pads`,
    `${pads(secrets)} update ${events} set
      identity = case when identity::text = event_id then identity else ${uuidOf('identity')} end,
      reader = ${uuidOf('reader')},
      place_key = ${bigintOf('place_key')},
      url_key = ${bigintOf('url_key')}
      from pads`,
  ];
}

/** The secret as HMAC takes it: filled up to a block of SHA-256, once for each of its two hashes. */
function pads(secrets: string): string {
  const pad = (byte: number) =>
    `string_agg(set_byte('\\x00'::bytea, 0, get_byte(block, i) # ${byte}), ''::bytea order by i)`;
  return `with pads as materialized (select ${pad(0x36)} as inner_pad, ${pad(0x5c)} as outer_pad
    from (select secret || decode(repeat('00', 32), 'hex') as block from ${secrets}) as blocks,
      generate_series(0, 63) as i)`;
}

function hmac(column: string): string {
  return `sha256(outer_pad || sha256(inner_pad || convert_to(${column}::text, 'UTF8')))`;
}

function uuidOf(column: string): string {
  return `encode(substring(${hmac(column)} for 16), 'hex')::uuid`;
}

function bigintOf(column: string): string {
  return `('x' || encode(substring(${hmac(column)} for 8), 'hex'))::bit(64)::bigint`;
}
