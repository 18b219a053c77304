import { ApiProperty } from '@nestjs/swagger';

export class LivenessView {
  /** Always `ok`: a process that is not alive does not respond. */
  @ApiProperty({ enum: ['ok'] })
  status: 'ok';
}

/** Each member is `ok`, or names the problem. */
export class ReadinessView {
  /** `draining` after the process was asked to stop. */
  @ApiProperty({ enum: ['ok', 'draining'] })
  process: string;

  /** `incompatible` after a later version changed the schema in a way that this version cannot work with. */
  @ApiProperty({ enum: ['ok', 'unreachable', 'incompatible'] })
  database: string;

  /** Redis, or its in-process replacement in a single process. */
  @ApiProperty({ enum: ['ok', 'unreachable'] })
  sharedState: string;

  /**
   * The directory for records while the database is unavailable: `unwritable` if it cannot be written, `full` if its
   * disk is full. Always `ok` with `SPOOL_MAX_BYTES=0`.
   */
  @ApiProperty({ enum: ['ok', 'unwritable', 'full'] })
  spool: string;
}
