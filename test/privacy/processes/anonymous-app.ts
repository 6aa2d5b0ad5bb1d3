import type { AddressInfo, Server } from 'node:net';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventEmitterModule } from '@nestjs/event-emitter';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import {
  TRACKING_CLOCK,
  TrackingModule,
  type TrackingModuleOptions,
  TrackingService,
} from 'nestjs-email-tracking';

const { tracking, html, now } = JSON.parse(process.argv[2]!) as {
  tracking: TrackingModuleOptions;
  html: string;
  now: number;
};

@Controller()
class MailController {
  constructor(private readonly service: TrackingService) {}

  @Get('mail')
  mail() {
    const recipient = 'eve@example.com';
    const metadata = { campaign: 'may', user: 99 };
    return this.service.adaptMessage({ html, recipient, messageId: '<e@x.example>', metadata })
      .html;
  }
}

@Module({
  imports: [
    EventEmitterModule.forRoot(),
    TrackingModule.forRoot({
      ...tracking,
      providers: [{ provide: TRACKING_CLOCK, useValue: () => now }],
    }),
  ],
  controllers: [MailController],
})
class AppModule {}

void (async () => {
  const app = await NestFactory.create(AppModule, new FastifyAdapter(), { logger: ['error'] });
  await app.listen(0, '127.0.0.1');
  const { port } = (app.getHttpServer() as Server).address() as AddressInfo;
  process.send!({ port });
})();
