import { describeNastyMails } from './nasty-adapt.js';

describeNastyMails(4_000);
