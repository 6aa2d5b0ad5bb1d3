import {
  BadRequestException,
  Body,
  Controller,
  Get,
  Header,
  HttpCode,
  Post,
  Query,
  ServiceUnavailableException,
  UseFilters,
} from '@nestjs/common';
import { SuppressionService } from 'nestjs-email-tracking/suppression';
import { isTrackingError } from 'nestjs-email-tracking';
import { LiftDto } from '../web/params.dto.js';
import { SearchQuery } from '../web/queries.dto.js';
import { NUMBERS_POLICY } from '../web/security-headers.js';
import { Changes } from './changes.js';
import { Numbers } from './numbers.js';
import { PageFilter } from './page.filter.js';
import { renderSuppressed, SUPPRESSED_A_PAGE } from './suppressed.view.js';

/** Who must not be written to. */
@Controller()
export class SuppressedController {
  constructor(
    private readonly suppression: SuppressionService,
    private readonly numbers: Numbers,
    private readonly changes: Changes,
  ) {}

  @Get('suppressed')
  @UseFilters(PageFilter)
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Cache-Control', 'no-store')
  @Header('Content-Security-Policy', NUMBERS_POLICY)
  async show(@Query() { page: asked = '1', search = '' }: SearchQuery): Promise<string> {
    const page = Number(asked);
    const filter = search.trim() === '' ? {} : { search };
    const list = await this.numbers.ask(() =>
      this.suppression.list(filter, {
        limit: SUPPRESSED_A_PAGE,
        offset: (page - 1) * SUPPRESSED_A_PAGE,
      }),
    );
    return renderSuppressed({ list, search, page });
  }

  /** Somebody may be written to again. The reason stays with the address. */
  @Post('api/suppressed/lift')
  @HttpCode(204)
  async lift(@Body() { address, scope, why }: LiftDto): Promise<void> {
    try {
      await this.suppression.remove(address, scope, why, 'sample app');
    } catch (error) {
      if (isTrackingError(error)) throw new BadRequestException([error.message]);
      throw new ServiceUnavailableException('The database does not answer. Try again later.');
    }
    this.changes.announce();
  }
}
