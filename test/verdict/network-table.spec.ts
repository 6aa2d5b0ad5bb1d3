import fc from 'fast-check';
import { parseIp, parseNetwork, type IpAddress } from '../../lib/util/ip-address.js';
import { NetworkTable } from '../../lib/verdict/rules/network-table.js';

function tableOf(networks: readonly (readonly [string, string])[]): NetworkTable<string> {
  return new NetworkTable(networks.map(([text, value]) => [parseNetwork(text)!, value] as const));
}

function find(table: NetworkTable<string>, address: string): readonly string[] {
  return table.find(parseIp(address)!);
}

/** One network after the other. */
function search(networks: readonly (readonly [string, string])[], address: IpAddress): string[] {
  const isIn = (text: string) => {
    const { first, last } = parseNetwork(text)!;
    return (
      first.length === address.length && compare(first, address) <= 0 && compare(address, last) <= 0
    );
  };
  return [...new Set(networks.filter(([text]) => isIn(text)).map(([, value]) => value))].sort();
}

function compare(a: IpAddress, b: IpAddress): number {
  const at = a.findIndex((word, i) => word !== b[i]);
  return at === -1 ? 0 : a[at]! - b[at]!;
}

// Few different bits, so that networks nest, touch and repeat, and reach both ends of the space.
const byte = fc.constantFrom(0, 1, 127, 128, 254, 255);
const ipv4 = fc.tuple(byte, byte, byte, byte).map((bytes) => bytes.join('.'));
const group = fc.constantFrom('0', '1', '7fff', '8000', 'fffe', 'ffff');
const ipv6 = fc.array(group, { minLength: 8, maxLength: 8 }).map((groups) => groups.join(':'));
const network = fc.oneof(
  fc.tuple(ipv4, fc.nat(32)).map(([text, bits]) => `${text}/${bits}`),
  fc.tuple(ipv6, fc.nat(128)).map(([text, bits]) => `${text}/${bits}`),
);

test('finds the networks that a search through all of them finds', () => {
  let found = 0;
  const sound = network.filter((text) => parseNetwork(text) !== null);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(sound, fc.constantFrom('a', 'b', 'c')), { maxLength: 40 }),
      fc.array(fc.oneof(ipv4, ipv6), { minLength: 1, maxLength: 20 }),
      (networks, others) => {
        const table = tableOf(networks);
        // The edges, and what is right beside them, are where mistakes live.
        const edges = networks.flatMap(
          ([text]) => Object.values(parseNetwork(text)!) as IpAddress[],
        );
        const beside = edges.flatMap((edge) => [
          edge.map((word, i) => (i === edge.length - 1 ? Math.max(word - 1, 0) : word)),
          edge.map((word, i) => (i === edge.length - 1 ? Math.min(word + 1, 0xffffffff) : word)),
        ]);
        for (const address of [...edges, ...beside, ...others.map((text) => parseIp(text)!)]) {
          const expected = search(networks, address);
          if (expected.length > 1) found++;
          // Cheaper than toEqual, ten thousands of times.
          expect([...table.find(address)].sort().join()).toBe(expected.join());
        }
      },
    ),
    { numRuns: 100 },
  );
  // Networks within networks were among them.
  expect(found).toBeGreaterThan(100);
});

test('names the widest network first', () => {
  const table = tableOf([
    ['192.0.2.128/25', 'narrow'],
    ['192.0.0.0/16', 'wide'],
    ['192.0.2.0/24', 'middle'],
  ]);
  expect(find(table, '192.0.2.200')).toEqual(['wide', 'middle', 'narrow']);
  expect(find(table, '192.0.2.1')).toEqual(['wide', 'middle']);
  expect(find(table, '192.0.255.255')).toEqual(['wide']);
  expect(find(table, '192.1.0.0')).toEqual([]);
});

test('knows the ends of both spaces, and keeps them apart', () => {
  const table = tableOf([
    ['0.0.0.0/0', 'all of IPv4'],
    ['255.255.255.255', 'its last'],
    ['::/0', 'all of IPv6'],
    ['ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'the very last'],
  ]);
  expect(find(table, '0.0.0.0')).toEqual(['all of IPv4']);
  expect(find(table, '255.255.255.255')).toEqual(['all of IPv4', 'its last']);
  expect(find(table, '::')).toEqual(['all of IPv6']);
  expect(find(table, 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff')).toContain('the very last');
  expect(find(table, '::ffff:1.2.3.4')).toEqual(['all of IPv4']);
});

test('an empty table matches no address', () => {
  expect(find(tableOf([]), '192.0.2.1')).toEqual([]);
  expect(find(tableOf([]), '2001:db8::1')).toEqual([]);
});

test('20 000 networks, and one of them twice, are found each', () => {
  const networks = Array.from(
    { length: 20_000 },
    (_, i) => [`${1 + (i >> 8)}.${i & 255}.8.0/24`, 'listed'] as const,
  );
  const table = tableOf([...networks, networks[4_711]!]);
  const wrong = networks.filter(([text]) => {
    const address = text.replace('0/24', '77');
    const beside = address.replace(/8\.77$/, '9.77');
    return find(table, address).join() !== 'listed' || find(table, beside).length > 0;
  });
  expect(wrong).toEqual([]);
});
