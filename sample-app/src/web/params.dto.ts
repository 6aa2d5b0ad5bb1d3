import { IsEmail, IsNotEmpty, IsString, Matches, MaxLength } from 'class-validator';
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

/** The body of the routes below `/api/privacy`. */
export class PersonDto {
  @IsEmail({ require_tld: false }, { message: 'address must be one mail address' })
  @MaxLength(254)
  address!: string;
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
