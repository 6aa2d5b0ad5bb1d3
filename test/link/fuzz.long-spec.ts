import { describeMutatedTokens } from './mutated-tokens.js';

const { FUZZ_RUNS = '100000', FUZZ_SEED } = process.env;

describeMutatedTokens(Number(FUZZ_RUNS), FUZZ_SEED === undefined ? undefined : Number(FUZZ_SEED));
