import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsString, Length, Matches } from 'class-validator';
import { IsId, IsInstant } from '../../admin-api/field-rules.js';
import { CursorQuery } from '../../admin-api/cursor-page.js';
import { UsageFigures } from '../statistics/statistics.dto.js';

/** A session of 255 characters of four bytes each, and its instant, as base64. */
const MAX_CURSOR_CHARS = 1_500;

export class ListSessionsQuery extends CursorQuery {
  @ApiPropertyOptional({ description: 'The `nextCursor` of the page before; absent for the newest sessions.' })
  @IsOptional()
  @IsString()
  @Length(1, MAX_CURSOR_CHARS)
  declare cursor?: string;

  /** Only calls of this user, as proven by the credential. */
  @IsOptional()
  @IsId()
  userId?: string;

  /** Only calls of this application. */
  @IsOptional()
  @IsString()
  @Length(1, 200)
  @Matches(/^[^\0]*$/, { message: '$property must not hold a NUL character' })
  oauthClientId?: string;

  /** Only calls of this program, as named in records: `claude-code`, `codex`. */
  @IsOptional()
  @Matches(/^[a-z0-9-]{1,40}$/)
  clientName?: string;

  /** Only calls that began at this instant or later. Default: seven days before `to`; at most 31 days before it. */
  @IsOptional()
  @IsInstant()
  @ApiPropertyOptional({ format: 'date-time' })
  from?: string;

  /** Only calls that began before this instant. Default: now. */
  @IsOptional()
  @IsInstant()
  @ApiPropertyOptional({ format: 'date-time' })
  to?: string;
}

/** A user or an application of a session. */
export class SessionParty {
  /** Its id. */
  id: string;
  /** Its current name; null if it is deleted. */
  name: string | null;
}

/**
 * The calls of one session, combined. The session is a label that clients choose: `users` shows who used it, as proven
 * by credentials.
 */
export class SessionView extends UsageFigures {
  /** The session as the client named it: `GET /api/interactions?sessionId=` lists its calls. */
  sessionId: string;
  /** When its first call in this period began. */
  firstAt: Date;
  /** When its last call in this period began. */
  lastAt: Date;
  /** The models that served it, as `provider:model`, at most 20. */
  models: string[];
  /** The users who made its calls, at most 20. */
  users: SessionParty[];
  /** The applications that called, at most 20. */
  applications: SessionParty[];
  /** The programs that called, as named in records, at most 20. */
  clientNames: string[];
}
