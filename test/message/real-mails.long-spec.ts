import { describeRealMails } from './real-mails.js';

describeRealMails(1);
