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

  /** The database. */
  @ApiProperty({ enum: ['ok', 'unreachable'] })
  database: string;

  /** Redis, or what stands in for it in a single process. */
  @ApiProperty({ enum: ['ok', 'unreachable'] })
  sharedState: string;
}
