import { describeTexts } from './texts.js';

describeTexts(10_000);
