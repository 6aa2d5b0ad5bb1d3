// Privacy: rendering anonymous recipients of a compiled mail beside identified ones, and clicks of
// readers whose consent is asked for beside clicks that nobody is asked about.

import { timeCandidates } from '../harness.mjs';
import { comparePerSecond } from '../http/routes.mjs';
import { provideMails } from '../mails/corpus.mjs';
import { partOfThroughput, timesTheTime } from '../rows.mjs';

const REWRITING = new URL('../message/rewriting.mjs', import.meta.url);

export async function measure(options) {
  return [await measureRendering(options), ...(await measureClicks(options))];
}

async function measureRendering(options) {
  const provided = await provideMails(options);
  try {
    const [anonymous, render] = ['anonymous:rendered', 'render:rendered'];
    const warmUpMs = options.quick ? 150 : 1000;
    const times = await timeCandidates(REWRITING, [anonymous, render], { ...options, warmUpMs });
    const count = provided.mails.rendered.length;
    return timesTheTime(
      `render, anonymous / identified, ${count} mails`,
      times[anonymous] / count,
      times[render] / count,
      { atMost: 0.1 },
    );
  } finally {
    provided.remove();
  }
}

async function measureClicks(options) {
  const kinds = ['nestFastify', 'consentFastify', 'nestExpress', 'consentExpress'];
  const load = { mix: 'named', connections: 32, milliseconds: 300 };
  const perSecond = await comparePerSecond(kinds, load, options);
  const target = { atLeast: 0.95 };
  return ['Fastify', 'Express'].map((platform) =>
    partOfThroughput(
      `click, consent asked for / not, ${platform}`,
      perSecond[`consent${platform}`],
      perSecond[`nest${platform}`],
      target,
    ),
  );
}
