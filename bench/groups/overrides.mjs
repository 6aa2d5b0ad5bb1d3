// Overrides: what a call of the service costs with `{ context }`, beside one without; for one tenant
// and for a thousand in turn, through the public entry.

import { appOf, packagesOf } from '../against/build.mjs';
import { timeCandidates } from '../harness.mjs';
import { KEY, PAYLOADS } from '../reference.mjs';
import { timesTheTime } from '../rows.mjs';

const TENANTS = 1000;

export async function measure(options) {
  const file = new URL(import.meta.url);
  const rows = [];
  for (const way of ['writing', 'reading']) {
    const names = [`${way}, none`, `${way}, 1 tenant`, `${way}, ${TENANTS} tenants`];
    const times = await timeCandidates(file, names, { ...options, warmUpMs: 1000 });
    for (const name of names.slice(1)) {
      rows.push(timesTheTime(`${name} / without overrides`, times[name], times[names[0]], TARGET));
    }
  }
  return rows;
}

const TARGET = { atMost: 1.15 };

const NAMES = Array.from({ length: TENANTS }, (_, i) => `tenant-${i}`);

/** As an app makes them: a new object for each call. */
const OVERRIDES = {
  none: () => undefined,
  '1 tenant': () => ({ context: NAMES[0] }),
  [`${TENANTS} tenants`]: (i) => ({ context: NAMES[i % TENANTS] }),
};

export const candidates = Object.fromEntries(
  Object.entries(OVERRIDES).flatMap(([name, overridesOf]) => [
    [`writing, ${name}`, async () => writing(await service(), overridesOf)],
    [`reading, ${name}`, async () => reading(await service(), overridesOf)],
  ]),
);

function writing(tracking, overridesOf) {
  return (i) => {
    const { url, metadata } = PAYLOADS[i % PAYLOADS.length];
    return tracking.getClickTrackingUrl(url, metadata, overridesOf(i));
  };
}

/** As many different links for all, because what is read for the first time costs more. */
function reading(tracking, overridesOf) {
  const write = writing(tracking, overridesOf);
  const urls = Array.from({ length: TENANTS }, (_, i) => write(i));
  return (i) => tracking.getClickTrackingResult(urls[i % TENANTS], null, overridesOf(i));
}

async function service() {
  const packages = packagesOf('ours');
  const app = await packages.NestFactory.createApplicationContext(
    appOf(packages, { encryptionKey: KEY, controllers: false }),
    { logger: false },
  );
  return app.get(packages.TrackingService);
}
