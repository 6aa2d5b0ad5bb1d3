import { median } from '../harness.mjs';
import { comparePerSecond, measureRoute } from '../http/routes.mjs';
import { partOfThroughput } from '../rows.mjs';

export async function measure(options) {
  return [
    ...(await measureRoute('click', options)),
    await withOptions('passFastify', 'click', 'passQuery and nothing to pass', options, 0.97),
    await withOptions('joinFastify', 'passed', 'passQuery, fbclid and clickIdParam', options),
  ];
}

/** The same route with and without options that add to destinations, each launched several times. */
async function withOptions(kind, mix, name, { quick, log }, atLeast) {
  const load = { mix, connections: 32, milliseconds: 300 };
  const launches = [];
  while (launches.length < (quick ? 1 : 4)) {
    launches.push(await comparePerSecond(['nestFastify', kind], load, { quick, log }));
  }
  const of = (one) => median(launches.map((launch) => launch[one]));
  const target = atLeast && { atLeast };
  return partOfThroughput(
    `click, Nest + Fastify with ${name} / without`,
    of(kind),
    of('nestFastify'),
    target,
  );
}
