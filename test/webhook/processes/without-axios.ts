/** An app where neither @nestjs/axios nor axios is installed. Prints what worked, as JSON. */
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventEmitterModule } from '@nestjs/event-emitter';
import { TrackingModule, TrackingService, type TrackingModuleOptions } from 'nestjs-email-tracking';
import { TrackingQueueModule } from 'nestjs-email-tracking/bullmq';
import { trackingConfig } from 'nestjs-email-tracking/config';
import { EspTrackingModule } from 'nestjs-email-tracking/esp';
import { trackingPlugin } from 'nestjs-email-tracking/nodemailer';
import { PtrackCodec } from 'nestjs-email-tracking/ptrack';
import { TrackingStatsModule } from 'nestjs-email-tracking/stats';
import { TrackingScenarios } from 'nestjs-email-tracking/testing';

const OPTIONS: TrackingModuleOptions = {
  baseOpenTrackingUrl: 'https://t.example.com/open/',
  baseClickTrackingUrl: 'https://t.example.com/click/',
  encryptionKey: 'XdhWbQZnqCIPLBL0ViPIW2vBTsmUNxAS-7mOtTdu6ZM=',
};
const webhookUrl = 'https://hooks.example.com/';

async function start(more: TrackingModuleOptions = {}) {
  @Module({
    imports: [EventEmitterModule.forRoot(), TrackingModule.forRoot({ ...OPTIONS, ...more })],
  })
  class AppModule {}
  return NestFactory.create(AppModule, { logger: false, abortOnError: false });
}

async function errorOf(task: () => Promise<unknown>): Promise<unknown> {
  try {
    await task();
    return 'no error';
  } catch (error) {
    const { name, code, message } = error as Error & { code?: string };
    return { name, code, message };
  }
}

async function main() {
  const app = await start();
  await app.listen(0, '127.0.0.1');
  const tracking = app.get(TrackingService);
  const { pathname } = new URL(tracking.getClickTrackingUrl('https://example.com/'));
  const answer = await fetch((await app.getUrl()) + pathname, { redirect: 'manual' });
  const result = tracking.getClickTrackingResult(
    tracking.getClickTrackingUrl('https://example.com/'),
    null,
    { webhookUrl },
  );
  const outcome = {
    entries: [
      TrackingQueueModule,
      trackingConfig,
      EspTrackingModule,
      trackingPlugin,
      PtrackCodec,
      TrackingStatsModule,
      TrackingScenarios,
    ].map((entry) => typeof entry),
    click: answer.status,
    sendWebhook: await errorOf(() => tracking.sendWebhook(result, { webhookUrl })),
    webhookUrl: await errorOf(() => start({ webhookUrl })),
    webhooks: await errorOf(() => start({ webhooks: [{ url: webhookUrl }] })),
    includeWebhookUrl: await errorOf(() => start({ webhookUrl, includeWebhookUrl: true })),
    webhookAllowHosts: await errorOf(() => start({ webhookAllowHosts: ['hooks.example.com'] })),
  };
  await app.close();
  process.stdout.write(JSON.stringify(outcome));
}

void main();
