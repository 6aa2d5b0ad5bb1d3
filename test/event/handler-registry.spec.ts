import { Inject, Injectable, Module, Scope } from '@nestjs/common';
import { DiscoveryModule, DiscoveryService, MetadataScanner, ModuleRef } from '@nestjs/core';
import { EventEmitter2, EventEmitterModule, OnEvent } from '@nestjs/event-emitter';
import { Test } from '@nestjs/testing';
import { OnTrackingEvent } from 'nestjs-email-tracking';
import { HandlerRegistry } from '../../lib/event/handler-registry.js';

// What is known of the inside of @nestjs/event-emitter: this suite also runs with its versions 2 and 3.

const called: string[] = [];

@Injectable()
class Plain {
  @OnEvent('tracking.open')
  onOpen() {
    called.push('Plain.onOpen');
  }

  @OnEvent('tracking.open', { prependListener: true })
  @OnEvent('tracking.click', { nextTick: true })
  onBoth() {
    called.push('Plain.onBoth');
  }

  @OnEvent('tracking.*')
  onWildcard() {
    called.push('Plain.onWildcard');
  }
}

@Injectable()
class Own {
  @OnTrackingEvent('tracking.open')
  @OnTrackingEvent('tracking.bounced')
  onTracked() {
    called.push('Own.onTracked');
  }
}

@Injectable({ scope: Scope.REQUEST })
class Scoped {
  constructor(@Inject(EventEmitter2) private readonly emitter: EventEmitter2) {}

  @OnEvent('tracking.click')
  onClick() {
    called.push(`Scoped.onClick ${this.emitter instanceof EventEmitter2}`);
  }
}

@Injectable()
class ByHand {
  constructor(@Inject(EventEmitter2) private readonly emitter: EventEmitter2) {
    emitter.on('tracking.open', this.early);
  }

  onModuleInit() {
    this.emitter.on('tracking.open', this.middle, { nextTick: true });
  }

  onApplicationBootstrap() {
    this.emitter.on('tracking.open', this.late);
  }

  private readonly early = () => void called.push('early');
  private readonly middle = () => void called.push('middle');
  private readonly late = () => void called.push('late');
}

async function registryOf(options: object, providers: (new (...args: never[]) => object)[]) {
  @Module({ imports: [DiscoveryModule, EventEmitterModule.forRoot(options)], providers })
  class AppModule {}
  const moduleRef = await Test.createTestingModule({ imports: [AppModule] }).compile();
  await moduleRef.init();
  const emitter = moduleRef.get(EventEmitter2, { strict: false });
  const registry = new HandlerRegistry(
    moduleRef.get(DiscoveryService, { strict: false }),
    moduleRef.get(MetadataScanner, { strict: false }),
    moduleRef.get(ModuleRef, { strict: false }),
    emitter,
  );
  return { moduleRef, emitter, registry };
}

const NAMES = ['tracking.open', 'tracking.click', 'tracking.bounced'];
const namesOf = (registry: HandlerRegistry, name: string) =>
  registry.of(name).map((handler) => handler.name);

describe('the handlers of an app', () => {
  it('are found in the order in which the emitter calls them', async () => {
    const { moduleRef, registry } = await registryOf({}, [Plain, Own, Scoped]);
    expect(namesOf(registry, 'tracking.open')).toEqual([
      'Plain.onBoth',
      'Plain.onOpen',
      'Own.onTracked',
    ]);
    expect(namesOf(registry, 'tracking.click')).toEqual(['Plain.onBoth', 'Scoped.onClick']);
    expect(namesOf(registry, 'tracking.bounced')).toEqual(['Own.onTracked']);
    expect(() => registry.check(NAMES)).not.toThrow();
    await moduleRef.close();
  });

  it('have names that differ, also if their classes do not', async () => {
    const other = { Own: class extends Own {} };
    const { moduleRef, registry } = await registryOf({}, [Own, other.Own]);
    expect(namesOf(registry, 'tracking.open')).toEqual(['Own.onTracked', 'Own.onTracked#2']);
    await moduleRef.close();
  });

  it('include those of wildcards, where the app has them switched on', async () => {
    const { moduleRef, registry } = await registryOf({ wildcard: true }, [Plain]);
    expect(namesOf(registry, 'tracking.bounced')).toEqual(['Plain.onWildcard']);
    expect(() => registry.check(NAMES)).not.toThrow();
    await moduleRef.close();
  });

  it('are called one by one, request-scoped ones with an instance of their own', async () => {
    const { moduleRef, registry } = await registryOf({}, [Scoped]);
    called.length = 0;
    for (const handler of registry.of('tracking.click')) await handler.call({});
    expect(called).toEqual(['Scoped.onClick true']);
    await moduleRef.close();
  });

  it('are told from listeners that were added by hand, whenever they were added', async () => {
    const { moduleRef, emitter, registry } = await registryOf({}, [ByHand, Plain, Own]);
    emitter.on('tracking.open', () => void called.push('running'));
    called.length = 0;
    for (const listener of registry.byHand('tracking.open')) await listener({});
    await new Promise((resolve) => setImmediate(resolve));
    expect(called.toSorted()).toEqual(['early', 'late', 'middle', 'running']);
    await moduleRef.close();
  });

  it('stop the app with an error where the emitter has others than were found', async () => {
    const { moduleRef, emitter, registry } = await registryOf({}, [Plain]);
    const [listener] = emitter.listeners('tracking.click');
    emitter.on('tracking.bounced', listener as () => void);
    expect(() => registry.check(NAMES)).toThrow(/found 0 handlers of tracking.bounced.*attached 1/);
    // None of them is called as if it were added by hand.
    expect(registry.byHand('tracking.bounced')).toEqual([]);
    await moduleRef.close();
  });
});
