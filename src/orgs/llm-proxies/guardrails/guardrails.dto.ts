/** The guardrails of an LLM proxy: those that check texts, and the rules for tool calls. */
import { ArrayMaxSize, ArrayUnique, IsArray, IsOptional, ValidateBy, ValidateNested } from 'class-validator';
import { Type } from 'class-transformer';
import type { Guardrail } from '../policy/guardrail.js';
import { GuardrailBody, GuardrailView, toGuardrail, toGuardrailView } from './guardrail.dto.js';
import type { LlmProxyPolicy } from '../policy/llm-proxy.js';
import { mergeToolCalls, ToolCallsBody, ToolCallsView, toToolCallsView } from './tool-calls.dto.js';

const MAX_GUARDRAILS = 50;
const UNIQUE_NAMES = { message: 'the names of $property must differ' };

type Listed = Partial<GuardrailBody> | null;

const getName = (guardrail: Listed): string | undefined => guardrail?.name;

const HasOneWebhookAtMost = () =>
  ValidateBy({
    name: 'hasOneWebhookAtMost',
    validator: {
      validate: (value) =>
        !Array.isArray(value) || value.filter((one: Listed) => one?.detector === 'webhook').length < 2,
      defaultMessage: () => '$property may hold one guardrail with the detector "webhook" at most',
    },
  });

/** Validates a list where a list is given; the other form is validated by its own class. */
export const IsGuardrailList = () =>
  ValidateBy({
    name: 'isGuardrailList',
    validator: {
      validate: (value) => findListFault(value) === null,
      defaultMessage: (context) => findListFault(context!.value)!,
    },
  });

function findListFault(value: unknown): string | null {
  if (!Array.isArray(value)) return null;
  if (value.length > MAX_GUARDRAILS) return `$property must contain no more than ${MAX_GUARDRAILS} elements`;
  const names = (value as Listed[]).map(getName);
  if (new Set(names).size < names.length) return UNIQUE_NAMES.message;
  const webhooks = (value as Listed[]).filter((one) => one?.detector === 'webhook');
  return webhooks.length < 2 ? null : '$property may hold one guardrail with the detector "webhook" at most';
}

/** All guardrails of an LLM proxy. In a PATCH, an absent member is unchanged. */
export class GuardrailsBody {
  /**
   * Guardrails that check the text of requests and responses; the list replaces the present one. Null or empty: none.
   */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_GUARDRAILS)
  @ArrayUnique(getName, UNIQUE_NAMES)
  @ValidateNested({ each: true })
  @Type(() => GuardrailBody)
  @HasOneWebhookAtMost()
  text?: GuardrailBody[] | null;

  /** Rules for the tools that requests offer and responses call. Null: none. */
  @IsOptional()
  @ValidateNested()
  @Type(() => ToolCallsBody)
  toolCalls?: ToolCallsBody | null;
}

export class GuardrailsView {
  /** Guardrails that check the text of requests and responses. */
  text: GuardrailView[];

  /** Rules for the tools that requests offer and responses call. */
  toolCalls: ToolCallsView;
}

/** The two forms of a body: a list holds text guardrails and leaves the rules for tool calls unchanged. */
export type GivenGuardrails = GuardrailBody[] | GuardrailsBody;

/** Returns the members of a policy after a merge patch (RFC 7396): null removes, absent keeps. */
export function mergeGuardrails(
  { toolCalls: present }: LlmProxyPolicy,
  given: GivenGuardrails | null | undefined,
): { guardrails?: Guardrail[] | null; toolCalls?: LlmProxyPolicy['toolCalls'] | null } {
  if (given === undefined) return {};
  if (given === null) return { guardrails: null, toolCalls: null };
  if (Array.isArray(given)) return { guardrails: given.map(toGuardrail) };
  const { text, toolCalls } = given;
  return {
    ...(text === undefined ? {} : { guardrails: text?.map(toGuardrail) ?? null }),
    ...(toolCalls === undefined ? {} : { toolCalls: toolCalls && mergeToolCalls(present, toolCalls) }),
  };
}

/** Returns the text guardrails, each with the pointer to its position in the body. */
export function listTextGuardrails(given: GivenGuardrails | null | undefined): [pointer: string, GuardrailBody][] {
  const isList = Array.isArray(given);
  const listed = (isList ? given : given?.text) ?? [];
  const pointer = isList ? '/policy/guardrails' : '/policy/guardrails/text';
  return listed.map((guardrail, i) => [`${pointer}/${i}`, guardrail]);
}

/** Returns a list in the absence of rules for tool calls. */
export function toGuardrailsView({ guardrails, toolCalls }: LlmProxyPolicy): GuardrailView[] | GuardrailsView {
  const text = (guardrails ?? []).map(toGuardrailView);
  return toolCalls ? { text, toolCalls: toToolCallsView(toolCalls) } : text;
}
