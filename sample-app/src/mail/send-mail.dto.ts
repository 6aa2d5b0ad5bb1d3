import {
  IsBoolean,
  IsEmail,
  IsIn,
  IsNotEmpty,
  IsObject,
  IsString,
  Matches,
  MaxLength,
} from 'class-validator';
import type { Metadata, PrivacyMode } from 'nestjs-email-tracking';
import { LIST_NAMES, type ListName } from '../lists.js';
import { MODE_NAMES } from '../words.js';
import { TEMPLATE_NAMES, type TemplateName } from './mail-templates.js';
import { MaxJsonLength, Optional } from './validators.js';

/** The body of `POST /api/messages`. */
export class SendMailDto {
  @IsEmail({ require_tld: false }, { message: 'to must be one mail address' })
  @MaxLength(254)
  to!: string;

  @IsString()
  @IsNotEmpty()
  @MaxLength(200)
  // A line break in a header would begin another header.
  @Matches(/^\P{Cc}*$/u, { message: 'subject must be one line' })
  subject!: string;

  @Optional()
  @IsString()
  @IsNotEmpty()
  @MaxLength(200_000)
  html?: string;

  @Optional()
  @IsString()
  @IsNotEmpty()
  @MaxLength(100_000)
  text?: string;

  /** Stands in for the html and text that are not given. */
  @Optional()
  @IsIn(TEMPLATE_NAMES, { message: `template must be one of ${TEMPLATE_NAMES.join(', ')}` })
  template?: TemplateName;

  /** The list that it is sent to. Without one it is a mail like a receipt, which nobody can leave. */
  @Optional()
  @IsIn(LIST_NAMES, { message: `list must be one of ${LIST_NAMES.join(', ')}` })
  list?: ListName;

  /** Travels sealed in every link of the mail and comes back on its events. */
  @Optional()
  @IsObject()
  @MaxJsonLength(1000)
  metadata?: Metadata;

  /** Whether the links of the text part are tracked, too. */
  @Optional()
  @IsBoolean()
  textTracking?: boolean;

  /** The most that opens and clicks may let record. */
  @Optional()
  @IsIn(MODE_NAMES, { message: `privacy must be one of ${MODE_NAMES.join(', ')}` })
  privacy?: PrivacyMode;
}
