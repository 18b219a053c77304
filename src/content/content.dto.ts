import { ApiProperty } from '@nestjs/swagger';

/** A stored text. */
export class KeptTextView {
  /** The body as sent, from its beginning: JSON, or a stream of events. Files in base64 are left out. */
  text: string;
  /** Whether it was truncated: at most 256 KiB are stored. */
  isTruncated: boolean;
}

/** The content of a call. */
export class InteractionContentView {
  /** Id of the call's interaction record. */
  @ApiProperty({ format: 'uuid' })
  interactionId: string;
  /** `redacted`: matches of the built-in detectors are removed. `full`: unchanged. */
  @ApiProperty({ enum: ['redacted', 'full'] })
  captureContent: 'redacted' | 'full';
  /** The request after the guardrails; null if it is not text. */
  @ApiProperty({ type: KeptTextView, nullable: true })
  request: KeptTextView | null;
  /** The response to the client; null if it is not text. */
  @ApiProperty({ type: KeptTextView, nullable: true })
  answer: KeptTextView | null;
  /** When the call was received. */
  createdAt: Date;
  /** When it expires and is deleted. */
  expiresAt: Date;
}
