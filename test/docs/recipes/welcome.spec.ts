// welcome.spec.ts
import { Inject, Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { TrackingService } from 'nestjs-email-tracking';

@Injectable()
class Welcome {
  constructor(@Inject(TrackingService) private readonly tracking: TrackingService) {}

  mailFor(recipient: string) {
    return this.tracking.adaptMessage({ html: '<p>Hello!</p>', recipient }).html;
  }
}

test('sends the tracked mail', async () => {
  const tracking = { adaptMessage: ({ html = '' }) => ({ html: `tracked ${html}` }) };
  const app = await Test.createTestingModule({
    providers: [Welcome, { provide: TrackingService, useValue: tracking }],
  }).compile();
  expect(app.get(Welcome).mailFor('ann@example.com')).toBe('tracked <p>Hello!</p>');
});
