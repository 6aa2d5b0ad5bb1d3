import type { LookupAddress } from 'node:dns';
import { request as http } from 'node:http';
import { request as https } from 'node:https';
import type { ResolveAll } from '../../lib/util/resolve-all.js';
import { Agents, lookupBy } from '../../lib/webhook/address-guard.js';

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
