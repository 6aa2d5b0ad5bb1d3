import { BlockList, isIP } from 'node:net';
import fc from 'fast-check';
import { ipAddressOf, networkOf, parseIp, parseNetwork } from '../../lib/util/ip-address.js';
import { parseUrl } from '../../lib/util/parse-url.js';

const group = fc.integer({ min: 0, max: 0xffff }).map((n) => n.toString(16));

/** Every spelling of IPv6: some groups, perhaps a gap, perhaps an IPv4 address at the end. */
const ipv6 = fc
  .tuple(
    fc.array(group, { maxLength: 8 }),
    fc.option(fc.array(group, { maxLength: 8 })),
    fc.option(fc.ipV4(), { freq: 4 }),
    fc.boolean(),
  )
  .map(([head, tail, ipv4, isUpper]) => {
    const parts = tail === null ? [...head] : [...tail];
    if (ipv4 !== null) parts.push(ipv4);
    const text = tail === null ? parts.join(':') : `${head.join(':')}::${parts.join(':')}`;
    return isUpper ? text.toUpperCase() : text;
  });

const mapped = fc.ipV4().map((ipv4) => `::ffff:${ipv4}`);
const address = fc.oneof(fc.ipV4(), fc.ipV6(), ipv6, mapped);

/** What an address might be taken for. */
const nearly = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'0123456789abcfABF.:/% '), maxLength: 48 }),
  fc
    .tuple(address, fc.nat(48), fc.constantFrom('', '0', '.', ':', 'g', '::', '256', '%', '٣'))
    .map(([text, at, piece]) => text.slice(0, at) + piece + text.slice(at + 1)),
  address,
);

test.each([undefined, null, 7, {}, ['198.51.100.9'], '', '1'.repeat(10_000)])(
  'a value that is no address is none: %#',
  (value) => expect(ipAddressOf(value)).toBeNull(),
);

test('white space around an address is no part of it', () => {
  expect(ipAddressOf(' 198.51.100.9\t')).toBe('198.51.100.9');
});

test('reads what node:net reads, and nothing else', () => {
  let read = 0;
  fc.assert(
    fc.property(nearly, (text) => {
      fc.pre(!text.includes('%'));
      const result = parseIp(text);
      if (result !== null) read++;
      expect(result !== null).toBe(isIP(text) !== 0);
    }),
    { numRuns: 1_000 },
  );
  // Both halves of the claim were looked at.
  expect(read).toBeGreaterThan(100);
  expect(read).toBeLessThan(900);
});

test('reads the numbers that the URL parser reads', () => {
  fc.assert(
    fc.property(fc.oneof(ipv6, fc.ipV6()), (text) => {
      fc.pre(isIP(text) === 6);
      // One spelling for each address, and one address for each spelling.
      const spelt = parseUrl(`http://[${text}]/`)!.hostname.slice(1, -1);
      expect(parseIp(text)).toEqual(parseIp(spelt));
      const groups = (part = '') => part.split(':').filter((piece) => piece !== '');
      const [head, tail] = spelt.split('::');
      const all = [
        ...groups(head),
        ...Array<string>(8 - groups(head).length - groups(tail).length).fill('0'),
        ...groups(tail),
      ].map((piece) => parseInt(piece, 16));
      const words = [0, 2, 4, 6].map((i) => all[i]! * 65536 + all[i + 1]!);
      const isMapped = words[0] === 0 && words[1] === 0 && words[2] === 0xffff;
      expect(parseIp(text)).toEqual(isMapped ? words.slice(3) : words);
    }),
    { numRuns: 500 },
  );
});

test.each([
  ['0.0.0.0', [0]],
  ['255.255.255.255', [0xffffffff]],
  ['192.0.2.1', [0xc0000201]],
  ['::', [0, 0, 0, 0]],
  ['::1', [0, 0, 0, 1]],
  ['2001:DB8::1.2.3.4', [0x20010db8, 0, 0, 0x01020304]],
  ['::ffff:192.0.2.1', [0xc0000201]],
  ['::FFFF:c000:201', [0xc0000201]],
  ['0:0:0:0:0:ffff:c000:0201', [0xc0000201]],
  ['::192.0.2.1', [0, 0, 0, 0xc0000201]],
  ['ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', Array(4).fill(0xffffffff)],
])('%s', (text, numbers) => {
  expect(parseIp(text)).toEqual(numbers);
});

test.each([
  '',
  'unknown',
  '192.0.2',
  '192.0.2.1.1',
  '192.0.2.01',
  '192.0.2.256',
  '0xc0.0.2.1',
  '3221225985',
  ' 192.0.2.1',
  '192.0.2.1:443',
  '192.0.2.1, 192.0.2.2',
  '[::1]',
  'fe80::1%eth0',
  '1::2::3',
  ':1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:',
  '1:2:3:4:5:6:7:8::',
  '1:2:3:4:5:6:7:1.2.3.4',
  '::1.2.3.4:5',
  '12345::',
  '1234.5.6.7::',
  '::1.2.3',
  `${'0'.repeat(100_000)}::1`,
  ':'.repeat(100_000),
])('%p is no address', (text) => {
  expect(parseIp(text)).toBeNull();
  expect(networkOf(text)).toBeNull();
  expect(parseNetwork(text)).toBeNull();
});

test('networks hold what the networks of net.BlockList hold', () => {
  const family = (text: string) => (text.includes(':') ? 'ipv6' : 'ipv4');
  const network = fc
    .oneof(fc.ipV4(), fc.ipV6())
    .chain((text) => fc.tuple(fc.constant(text), fc.nat(text.includes(':') ? 128 : 32)));
  // Near enough to be within at times: the last bytes or groups differ.
  const near = (text: string) =>
    fc.oneof(
      fc.constant(text),
      text.includes(':') ? fc.ipV6() : fc.ipV4(),
      text.includes(':')
        ? group.map((last) => text.replace(/[^:]*$/, last))
        : fc.nat(255).map((last) => text.replace(/\d+$/, String(last))),
    );
  let within = 0;
  const cases = network.chain(([text, bits]) => fc.tuple(fc.constant({ text, bits }), near(text)));
  fc.assert(
    fc.property(cases, ([{ text, bits }, other]) => {
      const { first, last } = parseNetwork(`${text}/${bits}`)!;
      const numbers = parseIp(other);
      fc.pre(numbers !== null && numbers.length === first.length && !/ffff/i.test(text));
      const list = new BlockList();
      list.addSubnet(text, bits, family(text));
      const expected = list.check(other, family(other));
      if (expected) within++;
      expect(order(first, numbers) <= 0 && order(numbers, last) <= 0).toBe(expected);
    }),
    { numRuns: 500 },
  );
  expect(within).toBeGreaterThan(200);
});

function order(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((word, i) => word !== b[i]);
  return at === -1 ? 0 : a[at]! - b[at]!;
}

test.each([
  ['192.0.2.1', '192.0.2.1/32'],
  ['192.0.2.129/24', '192.0.2.0/24'],
  ['::ffff:192.0.2.0/120', '192.0.2.0/24'],
  ['2001:db8::1/32', '2001:db8::/32'],
  ['2001:db8::1', '2001:db8::1/128'],
])('%s is %s', (text, same) => {
  expect(parseNetwork(text)).toEqual(parseNetwork(same));
});

test.each([
  '192.0.2.0/33',
  '192.0.2.0/-1',
  '192.0.2.0/',
  '192.0.2.0/024',
  '192.0.2.0/24/24',
  '192.0.2.0/255.255.255.0',
  '2001:db8::/129',
  '::ffff:192.0.2.0/24',
  '/24',
  '192.0.2.*',
])('%s is no network', (text) => {
  expect(parseNetwork(text)).toBeNull();
});

test.each([
  ['192.0.2.1', '192.0.2'],
  ['::ffff:192.0.2.200', '192.0.2'],
  ['255.255.255.255', '255.255.255'],
  ['2001:db8:1:2::3', '2001:db8:1'],
  ['2001:DB8:0001:ffff::', '2001:db8:1'],
  ['::1', '0:0:0'],
])('the network of %s is %s', (text, name) => {
  expect(networkOf(text)).toBe(name);
});

test('addresses have one name if they share a network, and two if they do not', () => {
  fc.assert(
    fc.property(address, address, (a, b) => {
      const [one, other] = [parseIp(a), parseIp(b)];
      fc.pre(one !== null && other !== null);
      const bits = one.length === 1 ? 24 : 48;
      const isShared =
        one.length === other.length &&
        order(parseNetwork(plain(one, bits))!.first, parseNetwork(plain(other, bits))!.first) === 0;
      expect(networkOf(a) === networkOf(b)).toBe(isShared);
    }),
  );
});

/** Spelt without any abbreviation. */
function plain(words: readonly number[], bits: number): string {
  const text =
    words.length === 1
      ? [24, 16, 8, 0].map((shift) => (words[0]! >>> shift) & 255).join('.')
      : words.flatMap((word) => [word >>> 16, word & 0xffff].map((n) => n.toString(16))).join(':');
  return `${text}/${bits}`;
}
