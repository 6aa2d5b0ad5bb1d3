import fc from 'fast-check';
import {
  ClickTrackingController,
  type ConsentAnswer,
  narrower,
  OpenTrackingController,
  type PrivacyKind,
  type PrivacyMode,
  type TrackingOverrides,
} from 'nestjs-email-tracking';
import { type Platform, PLATFORMS } from '../support/app.js';
import { ANN, ModeApp, SALE } from './mode-app.js';

const MODES = ['off', 'anonymous', 'deliverability', 'identified'] as const;
const mode = fc.constantFrom(...MODES);
const kind = fc.constantFrom<PrivacyKind>('open', 'click');

describe('narrower', () => {
  const law = (holds: (a: PrivacyMode, b: PrivacyMode, c: PrivacyMode, k: PrivacyKind) => void) =>
    fc.assert(fc.property(mode, mode, mode, kind, holds));

  it('is commutative', () =>
    law((a, b, _c, k) => expect(narrower(a, b, k)).toBe(narrower(b, a, k))));

  it('is associative', () =>
    law((a, b, c, k) =>
      expect(narrower(narrower(a, b, k), c, k)).toBe(narrower(a, narrower(b, c, k), k)),
    ));

  it('is idempotent', () => law((a, _b, _c, k) => expect(narrower(a, a, k)).toBe(a)));

  it('allows everything beside identified, and nothing beside off', () =>
    law((a, _b, _c, k) => {
      expect(narrower(a, 'identified', k)).toBe(a);
      expect(narrower(a, 'off', k)).toBe('off');
    }));

  it('takes for off what is no mode, such as a typing error from JavaScript', () =>
    law((a, _b, _c, k) => {
      for (const wrong of ['anonymus', undefined, 'toString'] as unknown as PrivacyMode[]) {
        expect(narrower(a, wrong, k)).toBe('off');
        expect(narrower(wrong, a, k)).toBe('off');
      }
    }));
});

/** What can be seen of a hit, by what each source allows. */
const SEEN: Record<PrivacyKind, Record<PrivacyMode, string>> = {
  open: {
    off: 'nothing',
    anonymous: 'anonymous',
    deliverability: 'seen',
    identified: 'identified',
  },
  click: {
    off: 'nothing',
    anonymous: 'anonymous',
    deliverability: 'anonymous',
    identified: 'identified',
  },
};

/** Written anew: the oracle must not be the function that is tested. */
function expected(which: PrivacyKind, modes: readonly PrivacyMode[]): string {
  if (modes.includes('off')) return 'nothing';
  const [hasAnonymous, hasSeen] = [modes.includes('anonymous'), modes.includes('deliverability')];
  if (which === 'click') return hasAnonymous || hasSeen ? 'anonymous' : 'identified';
  if (hasAnonymous && hasSeen) return 'nothing';
  return hasAnonymous ? 'anonymous' : hasSeen ? 'seen' : 'identified';
}

it('the oracle says of one mode what the documents say', () => {
  for (const each of ['open', 'click'] as const) {
    for (const one of MODES) expect(expected(each, [one, 'identified'])).toBe(SEEN[each][one]);
  }
});

describe.each(PLATFORMS)('a hit, on %s', (platform: Platform) => {
  // One app for each ceiling of the configuration; links, overrides and answers are drawn.
  it.each(MODES)(
    'is never recorded wider than any source allows: the option is %s',
    async (most) => {
      let overrides: TrackingOverrides = {};
      class Opens extends OpenTrackingController {
        protected override getConfiguration = () => overrides;
      }
      class Clicks extends ClickTrackingController {
        protected override getConfiguration = () => overrides;
      }
      const own = await ModeApp.start(platform, {
        privacy: { opens: most, clicks: most },
        controllers: { open: Opens, click: Clicks },
      });
      // The links are those of an app that allowed everything when it wrote them.
      const writer = await ModeApp.start(platform, {}, 'nobody');
      const link = { messageId: '<m1@example.com>', recipient: ANN };
      const hit = fc.record({
        kind,
        link: mode,
        override: fc.option(mode, { nil: undefined }),
        answer: fc.option(mode, { nil: null }),
      });
      try {
        await fc.assert(
          fc.asyncProperty(hit, async ({ kind: which, link: sealed, override, answer }) => {
            const privacy = { opens: sealed, clicks: sealed };
            if (sealed === 'off') return;
            const url =
              which === 'open'
                ? writer.tracking.getOpenTrackingUrl({}, { ...link, privacy })
                : writer.tracking.getClickTrackingUrl(SALE, {}, { ...link, privacy });
            overrides = override ? { privacy: { opens: override, clicks: override } } : {};
            own.says(ANN, answer);
            const { status } = await own.get(url);
            expect(status).toBe(which === 'open' ? 200 : 302);
            const { events, seen } = await own.take();
            const isNamed = which === 'open' || sealed === 'identified';
            const asked: (ConsentAnswer | undefined)[] =
              // Who is not named cannot be asked.
              isNamed && sealed !== 'anonymous' ? [answer] : [];
            const modes = [most, sealed, override, ...asked].filter((one) => one != null);
            const [event] = events;
            const outcome = event
              ? (event.mode ?? 'identified')
              : seen.length > 0
                ? 'seen'
                : 'nothing';
            expect(outcome).toBe(expected(which, modes));
            expect(events.length + seen.length).toBeLessThanOrEqual(1);
            expect(event?.recipient ?? null).toBe(outcome === 'identified' ? ANN : null);
            if (outcome !== 'identified') expect(JSON.stringify(events)).not.toMatch(/ann@|m1@/);
          }),
          { numRuns: 60 },
        );
      } finally {
        await Promise.all([own.close(), writer.close()]);
      }
    },
  );
});
