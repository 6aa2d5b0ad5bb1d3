/** A test of a stock app that imports every entry point: no transforms, no mappings. */
import * as tracking from 'nestjs-email-tracking';
import * as bullmq from 'nestjs-email-tracking/bullmq';
import * as config from 'nestjs-email-tracking/config';
import * as esp from 'nestjs-email-tracking/esp';
import * as nodemailer from 'nestjs-email-tracking/nodemailer';
import * as otel from 'nestjs-email-tracking/otel';
import * as privacy from 'nestjs-email-tracking/privacy';
import * as ptrack from 'nestjs-email-tracking/ptrack';
import * as stats from 'nestjs-email-tracking/stats';
import * as suppression from 'nestjs-email-tracking/suppression';
import * as testing from 'nestjs-email-tracking/testing';

test('every entry point can be imported', () => {
  expect([
    tracking.TrackingModule,
    bullmq.TrackingQueueModule,
    config.trackingConfig,
    esp.EspTrackingModule,
    nodemailer.trackingPlugin,
    otel.TrackingOtelModule,
    privacy.TrackingPrivacyModule,
    ptrack.PtrackCodec,
    stats.TrackingStatsModule,
    suppression.TrackingSuppressionModule,
    testing.TrackingScenarios,
  ]).toEqual(Array.from({ length: 11 }, () => expect.any(Function) as unknown));
});

test('the codec of django-ptrack reads what it writes', () => {
  const codec = new ptrack.PtrackCodec('testptracksecret');
  const payload = { metadata: { args: ['welcome'], kwargs: { user_id: 7 } } };
  expect(codec.decode(codec.encode(payload, 'open'), 'open').metadata).toEqual(payload.metadata);
});
