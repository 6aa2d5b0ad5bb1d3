import Sequencer from '@jest/test-sequencer';

/** Processes that are killed under load, and a browser: each takes a minute or more. */
const SLOW = /\/(?:bullmq\/(?:deaths|outages|shutdown)|browser\/)/;

/** Starts first what takes longest; otherwise it would be left to one worker at the end. */
export default class SlowFirst extends Sequencer {
  sort(tests) {
    const isSlow = ({ path }) => Number(SLOW.test(path));
    return super.sort(tests).toSorted((a, b) => isSlow(b) - isSlow(a));
  }
}
