import { expectRefusals } from './mutated-tokens.js';

const { FUZZ_RUNS = '100000', FUZZ_SEED } = process.env;

test(
  `${FUZZ_RUNS} mutated tokens: none is taken for another`,
  () => {
    expectRefusals(Number(FUZZ_RUNS), FUZZ_SEED === undefined ? undefined : Number(FUZZ_SEED));
  },
  60_000 + Number(FUZZ_RUNS),
);
