import { ApiProperty, OmitType } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayUnique,
  IsArray,
  IsDefined,
  IsIn,
  IsIP,
  IsOptional,
  IsString,
  Length,
  Matches,
  ValidateNested,
} from 'class-validator';
import { KEY_REASONS, type KeyReason } from '../../keys/key-choice/evaluate-keys.js';
import { PRINTABLE } from '../../admin-api/field-patterns.js';
import { IsId, IsInstant, MayBeAbsent } from '../../admin-api/field-rules.js';
import { REQUIRABLE_LABELS, type RequiredLabel } from '../../orgs/llm-proxies/policy/llm-proxy.js';
import { PROVIDER_IDS } from '../../providers/registry.js';
import { LimitView } from '../../usage/limits/admin/limits.dto.js';

/** Longer than any credential that is accepted. */
const MAX_CREDENTIAL_CHARS = 32_768;
const PRINTABLE_ADVICE = { message: '$property must hold printable text alone' };

/** The principal that makes the call: exactly one of `virtualKeyId`, `oauthClientId` and `userId`. */
export class ExplainPrincipalBody {
  /** A virtual key, by its id. */
  @MayBeAbsent()
  @IsId()
  virtualKeyId?: string;

  /** An application that acts for itself, by its id or its client id. */
  @MayBeAbsent()
  @IsString()
  @Length(1, 200)
  @Matches(PRINTABLE, PRINTABLE_ADVICE)
  oauthClientId?: string;

  /** A user. */
  @MayBeAbsent()
  @IsId()
  userId?: string;

  /** With a user: the team, as X-Archestra-Team-Id would select it. */
  @MayBeAbsent()
  @IsId()
  teamId?: string;
}

/** A call to explain. Requires either `principal` or `credential`; and `provider`, `model` or both. */
export class ExplainBody {
  /** The principal that makes the call. */
  @MayBeAbsent()
  @IsDefined()
  @ValidateNested()
  @Type(() => ExplainPrincipalBody)
  principal?: ExplainPrincipalBody;

  /** The credential of the call, in place of `principal`. It is checked, but neither stored nor logged nor returned. */
  @MayBeAbsent()
  @IsString()
  @Length(1, MAX_CREDENTIAL_CHARS)
  @ApiProperty({ writeOnly: true })
  credential?: string;

  /** The LLM proxy that receives the call. Absent: the default one. */
  @MayBeAbsent()
  @IsId()
  proxyId?: string;

  /** The provider whose route receives the call. Absent: the Model Router receives it. */
  @MayBeAbsent()
  @IsIn(PROVIDER_IDS)
  @ApiProperty({ required: false, enum: PROVIDER_IDS })
  provider?: string;

  /**
   * The requested model: the provider's own name on a provider's route; `provider:model`, an alias or a bare name on
   * the Model Router.
   */
  @MayBeAbsent()
  @IsString()
  @Length(1, 300)
  @Matches(PRINTABLE, PRINTABLE_ADVICE)
  model?: string;

  /** The network address of the caller, if the LLM proxy restricts addresses. Absent: the address is not checked. */
  @MayBeAbsent()
  @IsIP()
  clientAddress?: string;

  /** The time of the call. Absent: now. */
  @MayBeAbsent()
  @IsInstant()
  @ApiProperty({ required: false, format: 'date-time' })
  at?: string;

  /** The labels that the call contains, if the LLM proxy requires any. Absent: labels are not checked. */
  @IsOptional()
  @IsArray()
  @ArrayUnique()
  @IsIn(REQUIRABLE_LABELS, { each: true })
  @ApiProperty({ required: false, enum: REQUIRABLE_LABELS, isArray: true })
  labels?: RequiredLabel[];
}

export const STEPS = ['admit', 'enter', 'address', 'hours', 'labels', 'aim', 'limit'] as const;
export const DECISIONS = ['passed', 'refused', 'not_checked'] as const;

/** One step of the decision, in the order of a call. */
export class ExplainedStepView {
  /**
   * The subject of the step: `admit` authentication, `enter` access to the LLM proxy, `address`, `hours` and `labels`
   * its access rules, `aim` the target of the call, and `limit` whether the limits allow the call.
   */
  @ApiProperty({ enum: STEPS })
  step: (typeof STEPS)[number];
  /** The result of the step. */
  @ApiProperty({ enum: DECISIONS })
  decision: (typeof DECISIONS)[number];
  /** The reason, as a stable code: `ok`, or the code or more specific reason of a refusal. */
  reason: string;
  /** The reason, as text. */
  detail: string;
}

/** The caller that the gateway identifies. */
export class ExplainedCallerView {
  /** The kind of caller: `user`, `app`, `virtual-key` or `key-holder`. */
  type: string;
  /** The id of the caller; null for a caller who is identified only by the provider key in the call. */
  @ApiProperty({ type: String, nullable: true })
  id: string | null;
  /** The user who owns the credential. */
  @ApiProperty({ type: String, format: 'uuid', nullable: true })
  userId: string | null;
  /** The source of the provider key: `bound` to the credential, of the `member`, or `presented` with the call. */
  keySource: string;
  /** Model patterns that restrict the credential; null: any model. */
  @ApiProperty({ type: [String], nullable: true })
  allowedModels: readonly string[] | null;
  /** When the credential expires; null: never. */
  @ApiProperty({ type: Date, nullable: true })
  expiresAt: Date | null;
}

/** The LLM proxy that receives the call. */
export class ExplainedProxyView {
  /** Its id. */
  id: string;
  /** Its name. */
  name: string;
  /** Whether it is the default one. */
  isDefault: boolean;
}

/** A stored provider key that was considered. Its secret is never returned. */
export class ExplainedKeyView {
  /** Its id. */
  id: string;
  /** Its name; null if the key no longer exists. */
  @ApiProperty({ type: String, nullable: true })
  name: string | null;
  /** `personal`, `team` or `org`. */
  @ApiProperty({ type: String, nullable: true })
  scope: string | null;
  /** The team that owns it. */
  @ApiProperty({ type: String, format: 'uuid', nullable: true })
  teamId: string | null;
  /** Whether it is marked primary in its scope. */
  isPrimary: boolean;
  /** Whether the call would use it. */
  isChosen: boolean;
  /** Why it is used or skipped. */
  @ApiProperty({ enum: Object.keys(KEY_REASONS) })
  reason: KeyReason;
  /** The reason, as text. */
  detail: string;
}

export const TARGET_DECISIONS = ['first', 'fallback', 'passed_over'] as const;

/** One possible target of the call. */
export class ExplainedPlaceView {
  /** The provider. */
  provider: string;
  /** The provider's name of the model; null if the call names none. */
  @ApiProperty({ type: String, nullable: true })
  model: string | null;
  /** For a target of a model alias, its step: the lowest is tried first. */
  @ApiProperty({ type: Number, nullable: true })
  priority: number | null;
  /** Its weight among the targets of its step. */
  @ApiProperty({ type: Number, nullable: true })
  weight: number | null;
  /**
   * The probability, from 0 to 1, that it is tried before the other usable targets of its step; 0 while it is in
   * cooldown and others are not.
   */
  share: number;
  /**
   * `first`: tried first, or one of those among which the gateway chooses at random. `fallback`: tried when those
   * fail. `passed_over`: not tried.
   */
  @ApiProperty({ enum: TARGET_DECISIONS })
  decision: (typeof TARGET_DECISIONS)[number];
  /**
   * The reason, as a stable code: `ok`; `held_down`, if it failed recently in the responding process and is tried after
   * working targets; or the code or more specific reason of a refusal.
   */
  reason: string;
  /** The reason, as text. */
  detail: string;
  /** The stored key that would be used; null: none, or the key in the call. */
  @ApiProperty({ type: String, format: 'uuid', nullable: true })
  providerApiKeyId: string | null;
  /**
   * The address of the server that receives the model's calls, for a key with several servers; null if the key has one
   * address, or the call names no model.
   */
  @ApiProperty({ type: String, nullable: true })
  server: string | null;
  /** The caller's keys for the provider, best first. */
  keys: ExplainedKeyView[];
}

/** A limit that applies to the call, and its current usage. */
export class ExplainedLimitView extends OmitType(LimitView, ['includeExisting', 'createdAt', 'updatedAt'] as const) {
  /** Whether it would refuse the call, as nothing remains. */
  isExhausted: boolean;
}

/** The error that the call would receive. */
export class ExplainedRefusalView {
  /** HTTP status. */
  status: number;
  /** The stable code. */
  code: string;
  /** What is wrong, and how to fix it. */
  detail: string;
}

/** The outcome of a call. The call is not made, and no request is sent to a provider. */
export class ExplanationView {
  /** Whether the call would be sent to a provider. */
  isAllowed: boolean;
  /** Why it would be refused; null if it would not. */
  @ApiProperty({ type: ExplainedRefusalView, nullable: true })
  refusal: ExplainedRefusalView | null;
  /** The surface of the call: `provider-route` or `model-router`. */
  surface: string;
  /**
   * The authentication method: `provider-key`, `virtual-key`, `oauth-client`, `oauth-user`; null if the caller is
   * unknown.
   */
  @ApiProperty({ type: String, nullable: true })
  method: string | null;
  /** The caller; null if unknown. */
  @ApiProperty({ type: ExplainedCallerView, nullable: true })
  caller: ExplainedCallerView | null;
  /** The LLM proxy; null if none was found. */
  @ApiProperty({ type: ExplainedProxyView, nullable: true })
  proxy: ExplainedProxyView | null;
  /** The model alias that the requested model names; null if it names none. */
  @ApiProperty({ type: String, nullable: true })
  modelAlias: string | null;
  /** The steps up to the first refusal. */
  steps: ExplainedStepView[];
  /** The possible targets, in the order in which they are tried. */
  places: ExplainedPlaceView[];
  /** The limits of the possible targets, in the order in which they are checked. Nothing is reserved. */
  limits: ExplainedLimitView[];
}
