// Verdicts: what they cost, and what the parts cost that grow with the catalogue.

import { deepStrictEqual } from 'node:assert';
import { BlockList } from 'node:net';
import { parseIp, parseNetwork } from '../../dist/util/ip-address.js';
import { NetworkTable } from '../../dist/verdict/rules/network-table.js';
import { timeCandidates } from '../harness.mjs';
import { comparePerSecond } from '../http/routes.mjs';
import { partOfThroughput, row } from '../rows.mjs';

export async function measure(options) {
  return [...(await onTheRoute(options)), ...(await addressLookup(options))];
}

/** A verdict may cost 15 % of the route's own time, which leaves 1 / 1.15 of its rate. */
const ROUTE_TARGET = 0.87;

async function onTheRoute({ quick, log }) {
  const kinds = ['nestFastify', 'judgedFastify', 'nestExpress', 'judgedExpress'];
  // As many mails as are remembered, so that a key goes for each that comes, as in a process that
  // has been up for a while.
  const load = { mix: 'judged', connections: 32, milliseconds: 400, warmUpHits: 100_000 };
  const perSecond = await comparePerSecond(kinds, load, { quick, log });
  return ['Fastify', 'Express'].map((name) =>
    partOfThroughput(
      `click, Nest + ${name} with verdicts / without`,
      perSecond[`judged${name}`],
      perSecond[`nest${name}`],
      { atLeast: ROUTE_TARGET },
    ),
  );
}

/** The promise is a time, so the other side of its row is that time. */
const LOOKUP_TARGET_NS = 2_000;

async function addressLookup(options) {
  const times = await timeCandidates(
    new URL(import.meta.url),
    ['lookup:ours', 'lookup:blockList'],
    options,
  );
  const ours = times['lookup:ours'] * 1_000;
  const blockList = times['lookup:blockList'] * 1_000;
  const name = 'address lookup in 20 000 networks';
  return [
    row(`${name} / 2 µs`, {
      ours,
      other: LOOKUP_TARGET_NS,
      ratio: ours / LOOKUP_TARGET_NS,
      unit: 'ns',
      target: { atMost: 1 },
    }),
    row(`${name} / net.BlockList`, {
      ours,
      other: blockList,
      ratio: blockList / ours,
      unit: 'ns',
    }),
  ];
}

/** 20 000 networks of both families, one within another here and there; the same ones each time. */
function networks() {
  const next = numbers(20_000);
  return Array.from({ length: 20_000 }, (_, i) => {
    const [a, b, c] = [1 + (next() % 223), next() % 256, next() % 256];
    if (i % 5 !== 0) return `${a}.${b}.${c}.0/${16 + (next() % 13)}`;
    return `2001:${group(next())}:${group(next())}::/${32 + (next() % 33)}`;
  });
}

/** As many addresses as a processor's caches do not learn by heart; half of them are listed. */
function addresses() {
  const next = numbers(4_711);
  const listed = networks();
  return Array.from({ length: 4_096 }, (_, i) => {
    const network = listed[next() % listed.length];
    const isIpv6 = network.includes(':');
    if (i % 2 === 0) return network.replace(/\/.*/, '').replace(/0$/, '7');
    if (isIpv6) return `2a00:${group(next())}:${group(next())}:1::7`;
    return [1 + (next() % 223), next() % 256, next() % 256, next() % 256].join('.');
  });
}

const group = (number) => (number & 0xffff).toString(16);

/** Numbers that look random and are the same in each process (xorshift). */
function numbers(seed) {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

function ourLookup() {
  const table = new NetworkTable(networks().map((text) => [parseNetwork(text), text]));
  return (address) => table.find(parseIp(address));
}

function blockListLookup() {
  const list = new BlockList();
  for (const text of networks()) {
    const [address, bits] = text.split('/');
    list.addSubnet(address, Number(bits), familyOf(address));
  }
  return (address) => list.check(address, familyOf(address));
}

function familyOf(address) {
  return address.includes(':') ? 'ipv6' : 'ipv4';
}

export const candidates = {
  /** From the text of an address to the lines that speak of it. */
  'lookup:ours'() {
    const all = addresses();
    const lookup = ourLookup();
    const other = blockListLookup();
    const sample = all.slice(0, 256);
    deepStrictEqual(
      sample.map((address) => lookup(address).length > 0),
      sample.map((address) => other(address)),
    );
    return (i) => lookup(all[i & 4_095]);
  },
  /** From the text of an address to whether it is listed. */
  'lookup:blockList'() {
    const all = addresses();
    const lookup = blockListLookup();
    return (i) => lookup(all[i & 4_095]);
  },
};
