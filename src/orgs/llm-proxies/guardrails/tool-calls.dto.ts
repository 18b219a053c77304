import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsOptional,
  IsString,
  Matches,
  MaxLength,
  NotEquals,
  ValidateNested,
} from 'class-validator';
import { MayBeAbsent } from '../../../admin-api/field-rules.js';
import { GUARDRAIL_NAME } from './guardrail.dto.js';
import {
  HasNoFault,
  MAX_VALUES,
  findNumberFault,
  findPointerFault,
  findScalarFault,
  findScalarsFault,
  findTestFault,
} from './tool-call-fields.js';
import {
  TOOL_CALL_ACTIONS,
  TOOL_CALL_DEFAULTS,
  TOOL_CALL_REACTIONS,
  TOOL_CALLS_GUARDRAIL,
  type Scalar,
  type ToolCallAction,
  type ToolCallDefault,
  type ToolCallPolicy,
  type ToolCallReaction,
  type ToolCallRule,
  type ToolCondition,
} from '../policy/tool-calls.js';

const MAX_RULES = 100;
const MAX_TOOLS = 100;
const MAX_CONDITIONS = 20;
const MAX_PATTERN = 200;
const TOOL_PATTERN = /^[^\s\p{Cc}\p{Cs}]+$/u;
const PATTERN_ADVICE = {
  each: true,
  message: 'each value in $property must be a pattern of tool names, without white space',
};

const SCALAR = { oneOf: [{ type: 'string' }, { type: 'number' }, { type: 'boolean' }], nullable: true };

/** A condition on the arguments of a call. All its comparisons must hold. */
export class ToolConditionBody {
  /** JSON Pointer (RFC 6901) to a value in the arguments; empty: the arguments as a whole. */
  @HasNoFault(findPointerFault)
  pointer: string;

  /** The value equals this one. */
  @MayBeAbsent()
  @HasNoFault(findScalarFault)
  @ApiPropertyOptional(SCALAR)
  equals?: Scalar;

  /** The value is one of these. */
  @MayBeAbsent()
  @HasNoFault(findScalarsFault)
  @ApiPropertyOptional({ type: 'array', items: SCALAR, minItems: 1, maxItems: MAX_VALUES })
  in?: Scalar[];

  /**
   * The value contains a match of this regular expression in RE2's syntax (no look-around, no back references),
   * anywhere unless anchored with `^` and `$`.
   */
  @MayBeAbsent()
  @HasNoFault(findTestFault)
  @ApiPropertyOptional({ type: 'string', minLength: 1, maxLength: 1000 })
  matches?: string;

  /** Whether there is a value. */
  @MayBeAbsent()
  @IsBoolean()
  exists?: boolean;

  /** The value is a number greater than this one. */
  @MayBeAbsent()
  @HasNoFault(findNumberFault)
  gt?: number;

  /** The value is a number greater than or equal to this one. */
  @MayBeAbsent()
  @HasNoFault(findNumberFault)
  gte?: number;

  /** The value is a number less than this one. */
  @MayBeAbsent()
  @HasNoFault(findNumberFault)
  lt?: number;

  /** The value is a number less than or equal to this one. */
  @MayBeAbsent()
  @HasNoFault(findNumberFault)
  lte?: number;
}

/** A rule for tools, by their names. */
export class ToolCallRuleBody {
  /** Name, unique among the rules. Shown in refusals, in records and in the header x-gateway-guardrails. */
  @Matches(GUARDRAIL_NAME, { message: '$property must be 1 to 64 letters, digits, dots, hyphens or underscores' })
  @NotEquals(TOOL_CALLS_GUARDRAIL, {
    message: `$property must not be ${TOOL_CALLS_GUARDRAIL}, which records name where no rule decides`,
  })
  name: string;

  /** Patterns of tool names: `*` matches any characters. MCP tools are known as `tool` and as `server/tool`. */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_TOOLS)
  @ArrayUnique()
  @IsString({ each: true })
  @MaxLength(MAX_PATTERN, { each: true })
  @Matches(TOOL_PATTERN, PATTERN_ADVICE)
  tools: string[];

  /** Conditions on the arguments, all of which must hold. Null or empty: the rule applies to all arguments. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_CONDITIONS)
  @ValidateNested({ each: true })
  @Type(() => ToolConditionBody)
  when?: ToolConditionBody[] | null;

  /**
   * What happens to such calls. `block_when_untrusted`: they are blocked if the conversation holds results of tools
   * that are not trusted, and otherwise allowed.
   */
  @IsIn(TOOL_CALL_ACTIONS)
  action: ToolCallAction;
}

/** Rules for the tools that requests offer and responses call. In a PATCH, an absent member is unchanged. */
export class ToolCallsBody {
  /** The rules, the first match of which decides. The list replaces the present one. Null: none. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_RULES)
  @ArrayUnique((rule: Partial<ToolCallRuleBody> | null) => rule?.name, {
    message: 'the names of $property must differ',
  })
  @ValidateNested({ each: true })
  @Type(() => ToolCallRuleBody)
  rules?: ToolCallRuleBody[] | null;

  /** What happens to calls that match no rule. Null: `allow`. */
  @IsOptional()
  @IsIn(TOOL_CALL_DEFAULTS)
  @ApiPropertyOptional({ enum: TOOL_CALL_DEFAULTS, nullable: true, default: 'allow' })
  default?: ToolCallDefault | null;

  /**
   * Patterns of the names of tools whose results are trusted, for `block_when_untrusted`. The list replaces the present
   * one. Null or empty: none.
   */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_TOOLS)
  @ArrayUnique()
  @IsString({ each: true })
  @MaxLength(MAX_PATTERN, { each: true })
  @Matches(TOOL_PATTERN, PATTERN_ADVICE)
  trustedTools?: string[] | null;

  /**
   * What a blocked call becomes. `error`: the request is refused, or its response ends with an error. `refuse`: the
   * tool is removed from the request, and the call is replaced by a text that the agent can continue from. Null:
   * `error`.
   */
  @IsOptional()
  @IsIn(TOOL_CALL_REACTIONS)
  @ApiPropertyOptional({ enum: TOOL_CALL_REACTIONS, nullable: true, default: 'error' })
  onBlock?: ToolCallReaction | null;
}

/** A condition on the arguments of a call. */
export class ToolConditionView {
  /** JSON Pointer to a value in the arguments. */
  pointer: string;

  /** The value equals this one. */
  @ApiPropertyOptional(SCALAR)
  equals?: Scalar;

  /** The value is one of these. */
  @ApiPropertyOptional({ type: 'array', items: SCALAR })
  in?: Scalar[];

  /** The value contains a match of this regular expression. */
  matches?: string;

  /** Whether there is a value. */
  exists?: boolean;

  /** The value is a number greater than this one. */
  gt?: number;

  /** The value is a number greater than or equal to this one. */
  gte?: number;

  /** The value is a number less than this one. */
  lt?: number;

  /** The value is a number less than or equal to this one. */
  lte?: number;
}

/** A rule for tools, by their names. */
export class ToolCallRuleView {
  /** Name, unique among the rules. */
  name: string;

  /** Patterns of tool names. */
  tools: string[];

  /** Conditions on the arguments; empty: the rule applies to all arguments. */
  when: ToolConditionView[];

  /** What happens to such calls. */
  @ApiProperty({ enum: TOOL_CALL_ACTIONS })
  action: ToolCallAction;
}

/** Rules for the tools that requests offer and responses call. */
export class ToolCallsView {
  /** The rules, the first match of which decides. */
  rules: ToolCallRuleView[];

  /** What happens to calls that match no rule. */
  @ApiProperty({ enum: TOOL_CALL_DEFAULTS })
  default: ToolCallDefault;

  /** Patterns of the names of tools whose results are trusted. */
  trustedTools: string[];

  /** What a blocked call becomes. */
  @ApiProperty({ enum: TOOL_CALL_REACTIONS })
  onBlock: ToolCallReaction;
}

export const toToolCallsView = ({ rules, trustedTools, onBlock, ...policy }: ToolCallPolicy): ToolCallsView => ({
  rules: rules.map(({ name, tools, when, action }) => ({
    name,
    tools: [...tools],
    when: when.map((condition) => ({ ...condition, ...(condition.in ? { in: [...condition.in] } : {}) })),
    action,
  })) as ToolCallRuleView[],
  default: policy.default,
  trustedTools: [...trustedTools],
  onBlock,
});

/** Returns the rules after a merge patch (RFC 7396) with a validated body. */
export function mergeToolCalls(present: ToolCallPolicy | undefined, patch: ToolCallsBody): ToolCallPolicy {
  const { rules, default: defaultAction, trustedTools, onBlock } = patch;
  return {
    rules: rules === undefined ? (present?.rules ?? []) : (rules ?? []).map(toRule),
    default: defaultAction === undefined ? (present?.default ?? 'allow') : (defaultAction ?? 'allow'),
    trustedTools: trustedTools === undefined ? (present?.trustedTools ?? []) : (trustedTools ?? []),
    onBlock: onBlock === undefined ? (present?.onBlock ?? 'error') : (onBlock ?? 'error'),
  };
}

const toRule = ({ name, tools, when, action }: ToolCallRuleBody): ToolCallRule => ({
  name,
  tools,
  when: (when ?? []).map(toCondition),
  action,
});

/** Drops undefined members, which the class defines for all its fields. */
const toCondition = (body: ToolConditionBody): ToolCondition =>
  Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined)) as unknown as ToolCondition;
