import { IsIn } from 'class-validator';
import { MACHINE_NAMES, type MachineName } from './machine-visit.js';
import { REPORTS, type ReportName } from './provider-replay.js';

/** The body of `POST /api/messages/:messageId/visits`. */
export class VisitDto {
  @IsIn(MACHINE_NAMES, { message: `machine must be one of ${MACHINE_NAMES.join(', ')}` })
  machine!: MachineName;
}

/** The body of `POST /api/messages/:messageId/provider-events`. */
export class ProviderEventDto {
  @IsIn(REPORTS, { message: `report must be one of ${REPORTS.join(', ')}` })
  report!: ReportName;
}
