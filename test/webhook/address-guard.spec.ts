import type { LookupAddress } from 'node:dns';
import { request as http } from 'node:http';
import { request as https } from 'node:https';
import fc from 'fast-check';
import { isSpecialAddress } from '../../lib/util/private-host.js';
import { Agents, lookupBy, type ResolveAll } from '../../lib/webhook/address-guard.js';

test.each([
  // One of each line of the IANA special-purpose registries, and multicast.
  ['0.1.2.3', true],
  ['10.255.255.255', true],
  ['100.64.0.1', true],
  ['100.127.255.255', true],
  ['100.128.0.0', false],
  ['127.255.255.254', true],
  ['169.254.169.254', true],
  ['172.31.255.255', true],
  ['172.32.0.0', false],
  ['192.0.0.8', true],
  ['192.0.2.1', true],
  ['192.31.196.1', true],
  ['192.52.193.1', true],
  ['192.88.99.1', true],
  ['192.168.255.255', true],
  ['192.175.48.1', true],
  ['198.19.255.255', true],
  ['198.51.100.1', true],
  ['203.0.113.1', true],
  ['224.0.0.1', true],
  ['239.255.255.255', true],
  ['240.0.0.1', true],
  ['255.255.255.255', true],
  ['8.8.8.8', false],
  ['192.0.1.1', false],
  ['223.255.255.255', false],
  ['::', true],
  ['::1', true],
  ['::127.0.0.1', true],
  ['64:ff9b:1::1', true],
  ['100::1', true],
  ['100:0:0:1::1', true],
  ['2001::1', true],
  ['2001:1ff:ffff::1', true],
  ['2001:200::1', false],
  ['2001:db8::1', true],
  ['2620:4f:8000::1', true],
  ['3fff:fff::1', true],
  ['3fff:1000::1', false],
  ['5f00::1', true],
  ['fc00::1', true],
  ['fdff::1', true],
  ['fe80::1', true],
  ['fe80::1%eth0', true],
  ['febf::1', true],
  ['fec0::1', true],
  ['ff02::1', true],
  ['2606:4700::1111', false],
  ['2a00:1450::1%1', false],
  ['::ffff:8.8.8.8', false],
  ['64:ff9b::8.8.8.8', false],
  ['64:ff9b::808:808', false],
  ['2002:808:808::1', false],
  ['2002:a00:1::', true],
  ['::ffff:a9fe:a9fe', true],
  ['0:0:0:0:0:FFFF:127.0.0.1', true],
  ['', true],
  ['localhost', true],
])('isSpecialAddress(%s) is %s', (address, expected) => {
  expect(isSpecialAddress(address)).toBe(expected);
});

test('an IPv4 address is checked alike in every disguise', () => {
  fc.assert(
    fc.property(fc.ipV4(), (address) => {
      const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number);
      const hex = (high: number, low: number) => ((high << 8) | low).toString(16);
      const groups = `${hex(a, b)}:${hex(c, d)}`;
      const verdicts = [
        address,
        `::ffff:${address}`,
        `::FFFF:${groups}`,
        `0:0:0:0:0:ffff:${groups}`,
        `64:ff9b::${address}`,
        `64:ff9b:0:0:0:0:${groups}`,
        `2002:${groups}::`,
        `2002:${groups}:1:2:3:4:5`,
      ].map(isSpecialAddress);
      expect(new Set(verdicts).size).toBe(1);
    }),
    { examples: [['127.0.0.1'], ['169.254.169.254'], ['10.0.0.1'], ['8.8.8.8'], ['224.0.0.1']] },
  );
});

describe('the lookup of a guarded agent', () => {
  const found: LookupAddress[] = [
    { address: '93.184.215.14', family: 4 },
    { address: '2606:4700::1111', family: 6 },
  ];

  test('hands on the very addresses that it checked, and asks once', () => {
    let asked = 0;
    const resolve: ResolveAll = (_host, options, callback) => {
      expect(options).toMatchObject({ all: true, hints: 32 });
      asked++;
      callback(null, found);
    };
    const lookup = lookupBy(resolve, true);
    lookup('hook.example', { all: true, hints: 32 }, (error, addresses) => {
      expect([error, addresses]).toEqual([null, found]);
    });
    lookup('hook.example', { hints: 32 }, (error, address, family) => {
      expect([error, address, family]).toEqual([null, '93.184.215.14', 4]);
    });
    expect(asked).toBe(2);
    expect.assertions(5);
  });
});

describe('guarded agents', () => {
  const resolve: ResolveAll = () => {
    throw new Error('nothing is looked up');
  };

  // Whatever led there: a link, a redirect, or a host that was changed on the way.
  test.each(['127.0.0.1', '::ffff:127.0.0.1', '[::ffff:127.0.0.1]', '::1', '169.254.169.254'])(
    'connect to no host that is spelled %s',
    async (host) => {
      const agents = new Agents(resolve, true);
      const failures = [
        http({ host, agent: agents.http }),
        https({ host, agent: agents.https }),
      ].map((request) => new Promise((resolve) => request.on('error', resolve)));
      expect(await Promise.all(failures)).toMatchObject(Array(2).fill({ code: 'WEBHOOK_REFUSED' }));
      agents.destroy();
    },
  );
});
