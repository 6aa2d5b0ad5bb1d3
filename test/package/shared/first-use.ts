/**
 * A test of a stock app after the README's install line, and nothing else: no transforms, no
 * mappings, none of the optional packages.
 */
import { Inject, Injectable, Module } from '@nestjs/common';
import { EventEmitterModule } from '@nestjs/event-emitter';
import { Test } from '@nestjs/testing';
import { TrackingModule, TrackingService } from 'nestjs-email-tracking';

/** A key for tests, and no other purpose. */
const KEY = 'XdhWbQZnqCIPLBL0ViPIW2vBTsmUNxAS-7mOtTdu6ZM=';

const OPTIONS = {
  baseOpenTrackingUrl: 'https://t.example.com/open/',
  baseClickTrackingUrl: 'https://t.example.com/click/',
  encryptionKey: KEY,
};

@Injectable()
class Mailer {
  constructor(@Inject(TrackingService) private readonly tracking: TrackingService) {}

  welcome(): string | undefined {
    return this.tracking.adaptMessage({ html: '<a href="https://example.com/">Start</a>' }).html;
  }
}

@Module({
  imports: [EventEmitterModule.forRoot(), TrackingModule.forRoot(OPTIONS)],
  providers: [Mailer],
})
class AppModule {}

describe('the package after the install line of the README', () => {
  test('rewrites a mail in a real module', async () => {
    const app = await Test.createTestingModule({ imports: [AppModule] }).compile();
    expect(app.get(Mailer).welcome()).toContain('https://t.example.com/click/');
    await app.close();
  });

  test('can be replaced by a mock', async () => {
    const adaptMessage = () => ({ html: 'tracked' });
    const app = await Test.createTestingModule({
      providers: [Mailer, { provide: TrackingService, useValue: { adaptMessage } }],
    }).compile();
    expect(app.get(Mailer).welcome()).toBe('tracked');
    await app.close();
  });

  test('says what to install where a webhook is configured without @nestjs/axios', async () => {
    const module = Test.createTestingModule({
      imports: [
        EventEmitterModule.forRoot(),
        TrackingModule.forRoot({ ...OPTIONS, webhookUrl: 'https://crm.example.com/hits' }),
      ],
    });
    const start = module.compile().then((app) => app.init());
    await expect(start).rejects.toThrow('@nestjs/axios');
  });
});
