import { describeNastyMails } from './nasty-adapt.js';

describeNastyMails(150);
