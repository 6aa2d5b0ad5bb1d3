// The store without an app around it: what the module makes, and what the publisher calls.

import 'reflect-metadata';
import { Logger } from '@nestjs/common';
import { TRACKING_EVENT_PUBLISHER } from '../../dist/plugin.js';
import { TrackingStatsService } from '../../dist/stats/index.js';
import { toStatsSettings } from '../../dist/stats/stats-options.js';

Logger.overrideLogger(false);

export async function openStore(client, options = {}) {
  let sink;
  const publisher = { addSink: (added) => (sink = added), hasQueue: false };
  const settings = toStatsSettings({ ...options, client });
  const stats = new TrackingStatsService(settings, {
    get: (token) => (token === TRACKING_EVENT_PUBLISHER ? publisher : undefined),
  });
  await stats.onModuleInit();
  return { stats, sink, settings };
}
