import { ApiProperty } from '@nestjs/swagger';

export class LivenessView {
  /** Always `ok`: whoever could say otherwise would not answer. */
  @ApiProperty({ enum: ['ok'] })
  status: 'ok';
}

/** Each is `ok`, or a word for what is wrong. */
export class ReadinessView {
  /** `draining` once the process was told to stop. */
  @ApiProperty({ enum: ['ok', 'draining'] })
  process: string;

  /** `incompatible` once a later version has changed the schema in a way that this one cannot work with. */
  @ApiProperty({ enum: ['ok', 'unreachable', 'incompatible'] })
  database: string;

  /** Redis, or what stands in for it in a single process. */
  @ApiProperty({ enum: ['ok', 'unreachable'] })
  sharedState: string;

  /**
   * The directory that records go to while the database is away: `unwritable` where it cannot be written, `full` where its
   * disk has no room. Always `ok` with `SPOOL_MAX_BYTES=0`.
   */
  @ApiProperty({ enum: ['ok', 'unwritable', 'full'] })
  spool: string;
}
