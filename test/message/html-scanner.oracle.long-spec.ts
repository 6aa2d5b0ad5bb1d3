import { describeOracle } from './html-scanner.oracle.js';

// For a longer search: npm run fuzz:html
const { TRACKING_ORACLE_RUNS = '20000', TRACKING_ORACLE_SEED = '20260101' } = process.env;

describeOracle(Number(TRACKING_ORACLE_RUNS), Number(TRACKING_ORACLE_SEED));
