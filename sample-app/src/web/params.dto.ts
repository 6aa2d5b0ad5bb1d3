import { IsEmail, IsNotEmpty, IsOptional, IsString, Matches, MaxLength } from 'class-validator';
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

/** What the page of those who must not be written to can be asked. */
export class SuppressedQuery extends ListQuery {}

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

/** What all pages with numbers can be asked. */
export class PeriodQuery extends ListQuery {
  @IsOptional()
  @Matches(/^(?:1|7|30|90)$/, { message: `days must be one of ${PERIODS.join(', ')}` })
  days?: string;
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
