import { SYSTEM_CLOCK } from '../../lib/util/clock.js';
import { VerdictClassifier } from '../../lib/verdict/verdict-classifier.js';
import { eventWith } from '../support/event.js';
import { NOON } from './facts.js';

/** Three clicks of a sweep; before the last one the wall clock of the machine is set. */
function sweepWithStep(step: number): (string | undefined)[] {
  const wall = jest.spyOn(Date, 'now').mockReturnValue(NOON);
  try {
    const classifier = new VerdictClassifier({}, SYSTEM_CLOCK.date);
    return [0, 1, 2].map((linkIndex) => {
      if (linkIndex === 2) wall.mockReturnValue(NOON + step);
      const event = eventWith({
        eventId: `${linkIndex}`,
        timestamp: new Date(NOON + linkIndex * 100),
        messageId: 'm',
        recipient: 'ann@example.com',
        part: 'html',
        linkIndex,
      });
      void classifier.decide(event);
      return event.verdict?.reasons[0];
    });
  } finally {
    wall.mockRestore();
  }
}

it.each([0, 3_600_000, -3_600_000])(
  'sees a sweep although the wall clock is set by %i ms in between',
  (step) => {
    expect(sweepWithStep(step)[2]).toBe('LINK_BURST');
  },
);
