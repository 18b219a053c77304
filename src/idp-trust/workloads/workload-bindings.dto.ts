import { ApiProperty } from '@nestjs/swagger';
import { IsString, Length, Matches } from 'class-validator';
import { PRINTABLE } from '../../admin-api/field-patterns.js';
import { IsId, MayBeAbsent } from '../../admin-api/field-rules.js';
import { AreClaimValues, type ClaimValues } from '../settings/claim-rules.js';
import type { WorkloadBindingEntity } from './workload-binding.entity.js';

/** Longer than any subject. */
const MAX_PATTERN_LENGTH = 500;

/** A binding of the provider's workloads to an application. */
export class CreateWorkloadBindingBody {
  /** The OAuth client that the workloads act as: one with the grant type client_credentials. */
  @IsId()
  oauthClientId: string;

  /** Their subject, where `*` matches any characters. Never wildcards alone. */
  @IsString()
  @Length(1, MAX_PATTERN_LENGTH)
  @Matches(PRINTABLE, { message: '$property must hold printable text alone' })
  subjectPattern: string;

  /**
   * Claims that their tokens must also have, with exact values. GitHub: `repository_owner_id` must be among them;
   * gitlab.com: `namespace_id` or `project_id`. Names can be reassigned, these numbers cannot.
   */
  @MayBeAbsent()
  @AreClaimValues()
  claims?: ClaimValues;
}

export class WorkloadBindingView {
  /** Id of the binding. */
  id: string;
  /** The identity provider. */
  identityProviderId: string;
  /** The OAuth client that the workloads act as. */
  @ApiProperty({ format: 'uuid' })
  oauthClientId: string;
  /** Their subject, with wildcards. */
  subjectPattern: string;
  /** Claims that their tokens must have, with exact values. */
  @ApiProperty({ type: 'object', additionalProperties: true })
  claims: ClaimValues;
  /** When the binding was created. */
  createdAt: Date;
}

export const toWorkloadBindingView = (row: WorkloadBindingEntity): WorkloadBindingView => ({ ...row });
