import { describeOracle } from './html-scanner.oracle.js';

describeOracle(1_000);
