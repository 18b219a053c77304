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
import { KEY_REASONS, type KeyReason } from '../keys/key-choice.js';
import { IsId, MayBeAbsent, PRINTABLE } from '../orgs/field-rules.js';
import { REQUIRABLE_LABELS, type RequiredLabel } from '../orgs/llm-proxy-policy.js';
import { IsInstant } from '../platform/page.js';
import { PROVIDER_IDS } from '../providers/registry.js';
import { LimitView } from '../usage/limits/limits.dto.js';

/** Longer than any credential that is accepted. */
const LONGEST_CREDENTIAL = 32_768;
const PRINTABLE_ADVICE = { message: '$property must hold printable text alone' };

/** Who would call: one of these. */
export class ExplainPrincipalBody {
  /** A virtual key, by its id. */
  @MayBeAbsent()
  @IsId()
  virtualKeyId?: string;

  /** An application that calls for itself, by its id or its client id. */
  @MayBeAbsent()
  @IsString()
  @Length(1, 200)
  @Matches(PRINTABLE, PRINTABLE_ADVICE)
  oauthClientId?: string;

  /** A user. */
  @MayBeAbsent()
  @IsId()
  userId?: string;

  /** With a user: the team that X-Archestra-Team-Id would name. */
  @MayBeAbsent()
  @IsId()
  teamId?: string;
}

/** A call to explain. Either `principal` or `credential`; `provider`, `model` or both. */
export class ExplainBody {
  /** Who would call. */
  @MayBeAbsent()
  @IsDefined()
  @ValidateNested()
  @Type(() => ExplainPrincipalBody)
  principal?: ExplainPrincipalBody;

  /** The credential that would be sent, in place of `principal`. It is looked at, and neither kept nor logged nor shown. */
  @MayBeAbsent()
  @IsString()
  @Length(1, LONGEST_CREDENTIAL)
  @ApiProperty({ writeOnly: true })
  credential?: string;

  /** The LLM proxy that the call would come in by. Absent: the default one. */
  @MayBeAbsent()
  @IsId()
  proxyId?: string;

  /** The provider whose route would be called. Absent: the call would go to the Model Router. */
  @MayBeAbsent()
  @IsIn(PROVIDER_IDS)
  @ApiProperty({ required: false, enum: PROVIDER_IDS })
  provider?: string;

  /** The model that would be asked for: on a provider's route in its own words, on the Model Router `provider:model`, an alias or a bare name. */
  @MayBeAbsent()
  @IsString()
  @Length(1, 300)
  @Matches(PRINTABLE, PRINTABLE_ADVICE)
  model?: string;

  /** The address that the call would come from, where the LLM proxy asks for that. Absent: the address is not checked. */
  @MayBeAbsent()
  @IsIP()
  clientAddress?: string;

  /** When the call would come. Absent: now. */
  @MayBeAbsent()
  @IsInstant()
  @ApiProperty({ required: false, format: 'date-time' })
  at?: string;

  /** The labels that the call would bring, where the LLM proxy asks for some. Absent: they are not checked. */
  @IsOptional()
  @IsArray()
  @ArrayUnique()
  @IsIn(REQUIRABLE_LABELS, { each: true })
  @ApiProperty({ required: false, enum: REQUIRABLE_LABELS, isArray: true })
  labels?: RequiredLabel[];
}

export const STEPS = ['admit', 'enter', 'address', 'hours', 'labels', 'aim', 'limit'] as const;
export const DECISIONS = ['passed', 'refused', 'not_checked'] as const;

/** One step of the decision, in the order in which a call takes them. */
export class ExplainedStepView {
  /** What was decided: `admit` who calls, `enter` whether they may use the LLM proxy, `address`, `hours` and `labels` its rules at the door, `aim` where the call goes, and `limit` whether the limits leave room for it. */
  @ApiProperty({ enum: STEPS })
  step: (typeof STEPS)[number];
  /** How. */
  @ApiProperty({ enum: DECISIONS })
  decision: (typeof DECISIONS)[number];
  /** Why, as a code that stays: `ok`, or the code or finer reason of a refusal. */
  reason: string;
  /** Why, in words. */
  detail: string;
}

/** Who the call is taken to come from. */
export class ExplainedCallerView {
  /** What they are: `user`, `app`, `virtual-key` or `key-holder`. */
  type: string;
  /** Their id; null for somebody who is known only by the key that they hold. */
  @ApiProperty({ type: String, nullable: true })
  id: string | null;
  /** The user that the credential belongs to. */
  @ApiProperty({ type: String, format: 'uuid', nullable: true })
  userId: string | null;
  /** Where the provider key comes from: `bound` to the credential, of the `member`, or `presented` with the call. */
  keySource: string;
  /** Model patterns that the credential is limited to; null: any. */
  @ApiProperty({ type: [String], nullable: true })
  allowedModels: readonly string[] | null;
  /** When the credential ends; null: never. */
  @ApiProperty({ type: Date, nullable: true })
  expiresAt: Date | null;
}

/** The LLM proxy that the call comes in by. */
export class ExplainedProxyView {
  /** Its id. */
  id: string;
  /** Its name. */
  name: string;
  /** Whether it is the default one. */
  isDefault: boolean;
}

/** A stored provider key that was considered. Never what is in it. */
export class ExplainedKeyView {
  /** Its id. */
  id: string;
  /** Its name; null: it does not exist any more. */
  @ApiProperty({ type: String, nullable: true })
  name: string | null;
  /** `personal`, `team` or `org`. */
  @ApiProperty({ type: String, nullable: true })
  scope: string | null;
  /** The team that it belongs to. */
  @ApiProperty({ type: String, format: 'uuid', nullable: true })
  teamId: string | null;
  /** Whether it is marked primary in its scope. */
  isPrimary: boolean;
  /** Whether it is the one that is used. */
  isChosen: boolean;
  /** Why it is, or is passed over. */
  @ApiProperty({ enum: Object.keys(KEY_REASONS) })
  reason: KeyReason;
  /** The same in words. */
  detail: string;
}

export const PLACE_DECISIONS = ['first', 'fallback', 'passed_over'] as const;

/** One place where the call may go. */
export class ExplainedPlaceView {
  /** The provider. */
  provider: string;
  /** The model, as the provider names it; null: none was said. */
  @ApiProperty({ type: String, nullable: true })
  model: string | null;
  /** For a target of a model alias its step: the lowest is tried first. */
  @ApiProperty({ type: Number, nullable: true })
  priority: number | null;
  /** Its weight among the targets of its step. */
  @ApiProperty({ type: Number, nullable: true })
  weight: number | null;
  /** How likely it is to be tried before the others of its step that can be used: from 0 to 1; 0 while it is held down and others are not. */
  share: number;
  /** `first`: tried first, or one of those among which the lot decides. `fallback`: tried when those fail. `passed_over`: not tried. */
  @ApiProperty({ enum: PLACE_DECISIONS })
  decision: (typeof PLACE_DECISIONS)[number];
  /** Why, as a code that stays: `ok`; `held_down`, where it failed just now in the process that answers, and is tried after those that work; or the code or finer reason of a refusal. */
  reason: string;
  /** Why, in words. */
  detail: string;
  /** The stored key that would be used; null: none, or the caller's own. */
  @ApiProperty({ type: String, format: 'uuid', nullable: true })
  providerApiKeyId: string | null;
  /** Of a key with several servers the address of the one that the model goes to; null: the key has one address, or no model was said. */
  @ApiProperty({ type: String, nullable: true })
  server: string | null;
  /** The caller's keys for the provider, best first. */
  keys: ExplainedKeyView[];
}

/** A limit that the call would be counted for, and how it stands. */
export class ExplainedLimitView extends OmitType(LimitView, ['includeExisting', 'createdAt', 'updatedAt'] as const) {
  /** Whether it would refuse the call: nothing is left of it. */
  isExhausted: boolean;
}

/** Why the call would be refused, as its answer would say. */
export class ExplainedRefusalView {
  /** HTTP status. */
  status: number;
  /** The stable code. */
  code: string;
  /** What is wrong, and what to do about it. */
  detail: string;
}

/** What would come of a call. Nothing of it has happened, and no provider was asked. */
export class ExplanationView {
  /** Whether the call would be sent to a provider. */
  isAllowed: boolean;
  /** Why it would be refused; null: it would not. */
  @ApiProperty({ type: ExplainedRefusalView, nullable: true })
  refusal: ExplainedRefusalView | null;
  /** Where it would come in: `provider-route` or `model-router`. */
  surface: string;
  /** How the caller is known: `provider-key`, `virtual-key`, `oauth-client`, `oauth-user`; null: they are not. */
  @ApiProperty({ type: String, nullable: true })
  method: string | null;
  /** Who calls; null: not known. */
  @ApiProperty({ type: ExplainedCallerView, nullable: true })
  caller: ExplainedCallerView | null;
  /** The LLM proxy; null: there is none. */
  @ApiProperty({ type: ExplainedProxyView, nullable: true })
  proxy: ExplainedProxyView | null;
  /** The model alias that the model's name is; null: it is none. */
  @ApiProperty({ type: String, nullable: true })
  modelAlias: string | null;
  /** The steps up to the first refusal. */
  steps: ExplainedStepView[];
  /** Where the call may go, in the order of trying. */
  places: ExplainedPlaceView[];
  /** The limits of the places where it may go, in the order in which they decide. Nothing is held of them. */
  limits: ExplainedLimitView[];
}
