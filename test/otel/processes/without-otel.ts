/** An app where nothing of @opentelemetry is installed. Prints what worked, as JSON. */
import { asked } from './asked.js';
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventEmitterModule } from '@nestjs/event-emitter';
import { TRACKING_CHANNELS, TrackingModule, TrackingService } from 'nestjs-email-tracking';
import 'nestjs-email-tracking/bullmq';
import { EspTrackingModule } from 'nestjs-email-tracking/esp';
import 'nestjs-email-tracking/nodemailer';
import 'nestjs-email-tracking/stats';
import 'nestjs-email-tracking/suppression';
import 'nestjs-email-tracking/testing';

@Module({
  imports: [
    EventEmitterModule.forRoot(),
    TrackingModule.forRoot({
      baseOpenTrackingUrl: 'https://t.example.com/open/',
      baseClickTrackingUrl: 'https://t.example.com/click/',
      encryptionKey: 'XdhWbQZnqCIPLBL0ViPIW2vBTsmUNxAS-7mOtTdu6ZM=',
      webhooks: [{ url: 'http://127.0.0.1:9/', allowPrivate: true }],
    }),
    EspTrackingModule.forRoot({ providers: { postmark: { basicAuth: 'user:first' } } }),
  ],
})
class AppModule {}

async function main() {
  const told = Object.values(TRACKING_CHANNELS).map((channel) => channel.begin());
  const outcomes: string[] = [];
  TRACKING_CHANNELS.hit.subscribe(({ outcome }) => outcomes.push(outcome));
  const app = await NestFactory.create(AppModule, { logger: false, abortOnError: false });
  await app.listen(0, '127.0.0.1');
  const url = app.get(TrackingService).getClickTrackingUrl('https://example.com/');
  const here = (await app.getUrl()) + new URL(url).pathname;
  const { status } = await fetch(here, { redirect: 'manual' });
  await app.close();
  const before = [...asked];
  const otel = await import('nestjs-email-tracking/otel').then(
    () => 'loaded',
    (error: { code: string }) => error.code,
  );
  process.stdout.write(
    JSON.stringify({
      isSilent: told.every((begun) => begun === undefined),
      status,
      outcomes,
      asked: before,
      otel,
    }),
  );
}

void main();
