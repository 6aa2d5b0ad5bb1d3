import { describeNastyMails } from './nasty-adapt.js';

const { TRACKING_ORACLE_RUNS = '20000' } = process.env;

describeNastyMails(Number(TRACKING_ORACLE_RUNS) / 5);
