import {
  IsEmail,
  IsISO8601,
  IsNotEmpty,
  IsOptional,
  IsString,
  Matches,
  MaxLength,
} from 'class-validator';
import type { SuppressionScope } from 'nestjs-email-tracking/suppression';

// PostgreSQL holds no U+0000, and names need no line breaks.
const ONE_LINE = /^\P{Cc}+$/u;

/** `/messages/:messageId` */
export class MessageParams {
  @IsString()
  @MaxLength(400)
  @Matches(ONE_LINE, { message: 'messageId must be one line' })
  messageId!: string;
}

/** `/campaigns/:campaign` */
export class CampaignParams {
  @IsString()
  @MaxLength(400)
  @Matches(ONE_LINE, { message: 'campaign must be one line' })
  campaign!: string;
}

/** `/recipients/:recipient` */
export class RecipientParams {
  @IsString()
  @MaxLength(320)
  @Matches(ONE_LINE, { message: 'recipient must be one line' })
  recipient!: string;
}

/** Periods that pages show, in days. */
export const PERIODS = ['1', '7', '30', '90'] as const;

/** What pages with a list can be asked. */
class ListQuery {
  @IsOptional()
  @Matches(/^[1-9]\d{0,4}$/, { message: 'page must be a number from 1 to 99999' })
  page?: string;

  @IsOptional()
  @IsString()
  @MaxLength(254)
  @Matches(/^\P{Cc}*$/u, { message: 'search must be one line' })
  search?: string;
}

/** What the pages of recipients, and of those who must not be written to, can be asked. */
export class SearchQuery extends ListQuery {}

/** What the page of what people agreed to can be asked. */
export class PrivacyQuery {
  @IsOptional()
  @IsString()
  @MaxLength(254)
  @Matches(/^\P{Cc}*$/u, { message: 'address must be one line' })
  address?: string;
}

/** The body of the routes below `/api/privacy`. */
export class PersonDto {
  @IsEmail({ require_tld: false }, { message: 'address must be one mail address' })
  @MaxLength(254)
  address!: string;
}

/** A day such as 2026-11-30, from 1970 to 2100. */
function IsDay(name: string): PropertyDecorator {
  const message = `${name} must be a day such as 2026-11-30`;
  const checks = [
    IsOptional(),
    Matches(/^(?:19[7-9]\d|20\d\d)-\d\d-\d\d$/, { message }),
    IsISO8601({ strict: true }, { message }),
  ];
  return (target, key) => checks.forEach((check) => check(target, key));
}

/** What all pages with numbers can be asked. */
export class PeriodQuery extends ListQuery {
  @IsOptional()
  @Matches(/^(?:1|7|30|90)$/, { message: `days must be one of ${PERIODS.join(', ')}` })
  days?: string;

  @IsDay('from')
  from?: string;

  @IsDay('to')
  to?: string;
}

/** A campaign's page can be asked for one of its mails, too. */
export class CampaignQuery extends PeriodQuery {
  @IsOptional()
  @IsString()
  @MaxLength(400)
  @Matches(ONE_LINE, { message: 'mail must be a Message-ID' })
  mail?: string;
}

/** The body of `POST /api/suppressed/lift`. */
export class LiftDto {
  @IsString()
  @IsNotEmpty()
  @MaxLength(320)
  address!: string;

  @IsString()
  @Matches(/^(?:all|lists|list:[^]{1,256})$/, {
    message: 'scope must be all, lists or list:<name>',
  })
  scope!: SuppressionScope;

  @IsString()
  @MaxLength(500)
  @Matches(/^\P{Cc}*\S\P{Cc}*$/u, { message: 'why must say why, in one line' })
  why!: string;
}
