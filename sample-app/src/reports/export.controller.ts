import { Readable } from 'node:stream';
import {
  BadRequestException,
  Controller,
  Get,
  Header,
  Param,
  Query,
  StreamableFile,
  UseFilters,
  ValidationPipe,
} from '@nestjs/common';
import type { StatsExport } from 'nestjs-email-tracking/stats';
import { MissingPage } from '../dashboard/missing-page.js';
import { Numbers } from '../dashboard/numbers.js';
import { PageFilter } from '../dashboard/page.filter.js';
import { EXPORTS } from './exports.js';

const FORMATS = {
  csv: 'text/csv; charset=utf-8; header=present',
  ndjson: 'application/x-ndjson; charset=utf-8',
};
type Format = keyof typeof FORMATS;

/** Parameters of pages that a file has no use for: it has all of a list. */
const OF_PAGES = ['page', 'after', 'sort', 'order'];

const pipe = new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true });

/** Lists as files. They are streamed: a million events take no more memory than a thousand. */
@Controller('export')
@UseFilters(PageFilter)
export class ExportController {
  constructor(private readonly numbers: Numbers) {}

  @Get(':what')
  @Header('Cache-Control', 'no-store')
  async export(
    @Param('what') what: string,
    @Query() { format = 'csv', addresses, ...query }: Record<string, string>,
  ): Promise<StreamableFile> {
    if (!isExport(what)) throw new MissingPage('export', what);
    const problems = [
      !isFormat(format) && 'format must be csv or ndjson',
      addresses !== undefined && addresses !== 'yes' && 'addresses must be yes',
      ...OF_PAGES.map((name) => name in query && `${name} does not go with an export`),
    ].filter((problem) => problem !== false);
    if (!isFormat(format) || problems.length > 0) throw new BadRequestException(problems);

    const parts = await this.start(what, query, format, addresses === 'yes');
    const day = new Date().toISOString().slice(0, 10);
    return new StreamableFile(Readable.from(parts, { objectMode: false }), {
      type: FORMATS[format],
      disposition: `attachment; filename="${what}-${day}.${format}"`,
    });
  }

  private async start(
    what: StatsExport,
    query: object,
    format: Format,
    isNamed: boolean,
  ): Promise<AsyncIterable<string>> {
    const list = EXPORTS[what];
    const checked = (await pipe.transform(query, {
      ...{ type: 'query', metatype: list.query },
    })) as object;
    const filter = list.filter(checked);
    const options = list.options?.(checked);
    return this.numbers.stream((stats) =>
      stats.export(what, filter, {
        ...{ ...options, format },
        ...(isNamed && list.withAddresses && { columns: list.withAddresses }),
      }),
    );
  }
}

const isFormat = (format: string): format is Format => Object.hasOwn(FORMATS, format);
const isExport = (what: string): what is StatsExport => Object.hasOwn(EXPORTS, what);
