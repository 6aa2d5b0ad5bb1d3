import fc from 'fast-check';
import type { ConsentGrant, ConsentWithdrawal } from 'nestjs-email-tracking/privacy';
import { NaiveRegister } from './naive-register.js';
import { linesOf, type TestPrivacy } from './privacy-app.js';

const MODES = ['off', 'anonymous', 'deliverability', 'identified'] as const;
const SAID = { source: 'form', notice: 'version 1' };
let people = 0;

/** What the register answers, on one kind of store. */
export function registerCases(started: () => TestPrivacy): void {
  const newPerson = () => `p${process.pid}-${people++}@register.example`;

  test('any sequence of grants, withdrawals and erasures is answered as a naive model does', async () => {
    const mode = fc.option(fc.constantFrom(...MODES.slice(0, 3)), { nil: undefined });
    const step = fc.record({
      who: fc.nat(2),
      what: fc.constantFrom('grant', 'grant', 'withdraw', 'withdraw', 'erase'),
      opens: mode,
      clicks: mode,
      passes: fc.constantFrom(0, 0, 1, 999, 5000, 60_000),
      age: fc.constantFrom(undefined, undefined, 0, 1, 1000, 100_000),
      sealed: fc.constantFrom(null, 0, 1, 1000, 60_000),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const test = started();
        const names = [newPerson(), newPerson(), newPerson()];
        const models = names.map(() => new NaiveRegister());
        for (const { who, what, opens, clicks, passes, age, sealed } of steps) {
          test.time.now += passes;
          const [name, model, now] = [names[who]!, models[who]!, test.time.now];
          const at = age === undefined ? undefined : now - age;
          const members = {
            ...(opens && { opens }),
            ...(clicks && { clicks }),
            ...(at !== undefined && { at: new Date(at) }),
          };
          if (what === 'erase') {
            await test.service.erase(name);
            model.erase(now);
          } else if (what === 'withdraw') {
            await test.service.withdraw(name, members as ConsentWithdrawal);
            const isAll = !opens && !clicks;
            const [o, c] = isAll ? ['off', 'off'] : [opens ?? null, clicks ?? null];
            model.say('withdrawn', o, c, now, at);
          } else {
            const grant: ConsentGrant = { ...members, opens: opens ?? 'identified', ...SAID };
            await test.service.grant(name.toUpperCase(), grant);
            model.say('granted', grant.opens!, clicks ?? null, now, at);
          }
          const sentAt = sealed === null ? null : now - sealed;
          for (const [index, one] of names.entries()) {
            expect(await test.modesOf(one)).toEqual(models[index]!.modes);
            expect(await test.isLinkErased(one, sentAt)).toBe(models[index]!.isErased(sentAt));
          }
          expect(await test.service.historyOf(name)).toMatchObject(model.history);
        }
      }),
      { numRuns: Number(process.env.PRIVACY_RUNS ?? 40), endOnFailure: true },
    );
  });

  test('nobody was asked until they are', async () => {
    expect(await started().modesOf(newPerson())).toEqual([null, null]);
  });

  test('a withdrawal takes both kinds, or the one that it names', async () => {
    const [all, one] = [newPerson(), newPerson()];
    for (const person of [all, one]) {
      await started().service.grant(person, { opens: 'identified', clicks: 'identified', ...SAID });
    }
    await started().service.withdraw(all, { source: 'support' });
    await started().service.withdraw(one, { opens: 'deliverability' });
    expect(await started().modesOf(all)).toEqual(['off', 'off']);
    expect(await started().modesOf(one)).toEqual(['deliverability', 'identified']);
    expect((await started().service.historyOf(one)).at(-1)).toMatchObject({ source: 'app' });
  });

  test('of what is said at one time, the last counts', async () => {
    const person = newPerson();
    const at = new Date(started().time.now);
    // More than ten, so that numbers get another digit.
    for (const mode of [...MODES, ...MODES, ...MODES, 'anonymous'] as const) {
      await started().service.grant(person, { opens: mode, at, ...SAID });
      expect((await started().modesOf(person))[0]).toBe(mode);
    }
  });

  test('many questions are answered in their order', async () => {
    const names = Array.from({ length: 1500 }, newPerson);
    await started().service.withdraw(names[3]!);
    await started().service.withdraw(names[1400]!);
    const questions = names.map((recipient) => ({
      ...{ recipient, kind: 'open' as const, when: 'send' as const },
      ...{ messageId: null, metadata: {}, tenant: null },
    }));
    const answers = await started().register.resolveMany!(questions);
    expect(answers).toHaveLength(1500);
    expect(answers.flatMap((answer, index) => (answer === 'off' ? [index] : []))).toEqual([
      3, 1400,
    ]);
  });

  test('each change is published when it is stored', async () => {
    const person = newPerson();
    const { service, events, register } = started();
    await service.grant(`Ann <${person}>`, { clicks: 'identified', ...SAID });
    await service.withdraw(person, { clicks: 'anonymous', source: 'support' });
    await register.withdrawByPage({ recipient: person, tenant: 'acme' });
    const own = events.filter(({ recipient }) => recipient === person);
    expect(own).toMatchObject([
      { opens: null, clicks: 'identified', source: 'form', tenant: null },
      { opens: null, clicks: 'anonymous', source: 'support', tenant: null },
      { opens: 'off', clicks: 'off', source: 'page', tenant: 'acme' },
    ]);
    expect(own[0]!.timestamp).toEqual((await service.historyOf(person))[0]!.at);
  });

  test('the page of a link withdraws both kinds, once', async () => {
    const person = newPerson();
    for (let press = 0; press < 3; press++) {
      await started().register.withdrawByPage({ recipient: person, tenant: null });
    }
    expect(await started().modesOf(person)).toEqual(['off', 'off']);
    expect(await started().service.historyOf(person)).toHaveLength(1);
  });

  test('an export has what was said with its proof, and when the person was erased', async () => {
    const person = newPerson();
    const { service } = started();
    const proof = { request: 'r-4711', boxes: [true, 'ü\0'] };
    await service.grant(person, { opens: 'identified', ...SAID, proof });
    expect(await linesOf(service.export(person))).toEqual([
      {
        store: 'consents',
        data: {
          what: 'granted',
          opens: 'identified',
          clicks: null,
          ...SAID,
          proof,
          tenant: null,
          at: new Date(started().time.now).toISOString(),
        },
      },
    ]);
    const { erasedAt, complete, stores } = await service.erase(person);
    const done = { done: true, problem: null };
    expect([complete, stores]).toEqual([
      true,
      [
        { store: 'verdict windows', ...done },
        { store: 'consents', ...done },
      ],
    ]);
    expect(await linesOf(service.export(person))).toEqual([
      { store: 'consents', data: { what: 'erased', at: erasedAt.toISOString() } },
    ]);
    expect(await service.historyOf(person)).toEqual([]);
  });

  test("a provider's event of somebody who was erased is anonymous, but of a later mail", async () => {
    const person = newPerson();
    const test = started();
    const { service, time } = test;
    expect(await test.isMailErased(person, '<1@m.example>')).toBe(false);
    await test.prepare(person, '<1@m.example>');
    await service.erase(person);
    time.now += 1000;
    await test.prepare(person, `<2-${person}>`);
    expect(await test.isMailErased(person, '<1@m.example>')).toBe(true);
    expect(await test.isMailErased(person, null)).toBe(true);
    expect(await test.isMailErased(person, `2-${person}`)).toBe(false);
    expect(await test.isMailErased(person, `<2-${person}>`)).toBe(false);
    time.now += 1000;
    await service.erase(person);
    expect(await test.isMailErased(person, `<2-${person}>`)).toBe(true);
  });
}
