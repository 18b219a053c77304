import { ApiProperty } from '@nestjs/swagger';

/** A text that was kept. */
export class KeptTextView {
  /** The body as it was sent, from its beginning: JSON, or a stream of events. Files in base64 are left out. */
  text: string;
  /** Whether it goes on after the 256 KiB that are kept. */
  isTruncated: boolean;
}

/** What a call said. */
export class InteractionContentView {
  /** Id of the call's record. */
  @ApiProperty({ format: 'uuid' })
  interactionId: string;
  /** `redacted`: without what the built-in detectors find. `full`: as it was. */
  @ApiProperty({ enum: ['redacted', 'full'] })
  captureContent: 'redacted' | 'full';
  /** What the call asked, past the guardrails; null: nothing that is text. */
  @ApiProperty({ type: KeptTextView, nullable: true })
  request: KeptTextView | null;
  /** What the client was shown; null: nothing that is text. */
  @ApiProperty({ type: KeptTextView, nullable: true })
  answer: KeptTextView | null;
  /** When the call came. */
  createdAt: Date;
  /** Until when it is kept. */
  expiresAt: Date;
}
