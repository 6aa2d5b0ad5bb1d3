import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { ListName } from '../lists.js';
import { Settings } from '../settings.js';

export const TEMPLATE_NAMES = ['welcome', 'newsletter', 'receipt'] as const;
export type TemplateName = (typeof TEMPLATE_NAMES)[number];

export interface MailTemplate {
  name: TemplateName;
  title: string;
  /** What it shows, for the person who chooses. */
  summary: string;
  /** What the page proposes as subject. */
  subject: string;
  /** The list that the page proposes; none for a mail that nobody subscribes to. */
  list?: ListName;
}

const TEMPLATES: MailTemplate[] = [
  {
    name: 'welcome',
    title: 'Welcome',
    summary: 'One button, with a second version of it for Outlook',
    subject: 'Welcome to Fernhill Coffee',
  },
  {
    name: 'newsletter',
    title: 'Newsletter',
    summary: 'Three stories, two ways to unsubscribe',
    subject: 'Fresh from the roastery: November',
    list: 'letter',
  },
  {
    name: 'receipt',
    title: 'Receipt',
    summary: 'An order, a parcel, links with parameters',
    subject: 'Your order 20418 is on its way',
  },
];

/** The mails in `templates/`: for each name an .html and a .txt file. */
@Injectable()
export class MailTemplates implements OnModuleInit {
  private readonly contents = new Map<TemplateName, { html: string; text: string }>();

  constructor(private readonly settings: Settings) {}

  async onModuleInit(): Promise<void> {
    for (const name of TEMPLATE_NAMES) {
      const [html, text] = await Promise.all([this.read(`${name}.html`), this.read(`${name}.txt`)]);
      this.contents.set(name, { html, text });
    }
  }

  list(): readonly MailTemplate[] {
    return TEMPLATES;
  }

  content(name: TemplateName): { html: string; text: string } {
    const content = this.contents.get(name);
    if (!content) throw new Error(`Template ${name} is used before it was read.`);
    return content;
  }

  private async read(file: string): Promise<string> {
    const source = await readFile(join(this.settings.assets, 'templates', file), 'utf8');
    // The links lead to pages of this app, so that nobody needs the Internet to follow them.
    return source.replaceAll('{{site}}', `${this.settings.publicUrl}/site`);
  }
}
