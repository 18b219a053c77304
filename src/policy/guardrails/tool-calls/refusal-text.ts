/** Texts about a blocked call: they name the tool and the rule, never the arguments. Pure. */
import { GatewayError } from '../../../platform/errors/gateway-error.js';
import { TOOL_CALLS_GUARDRAIL } from '../../../orgs/llm-proxies/policy/tool-calls.js';
import type { ToolCall, ToolOffer } from '../../../providers/dialects/tool-calls/grammar.js';
import type { Block, BlockReason } from './rules.js';

/** A name that cannot contain prose. */
const TOOL_NAME = /^[\w.:$/-]{1,128}$/;

const REASON_TEXTS: Readonly<Record<BlockReason, string>> = {
  untrusted_results: 'the conversation holds results of tools that are not trusted',
  ambiguous_arguments: 'its arguments can be understood in more than one way',
  unreadable_arguments: 'its arguments cannot be read',
  arguments_too_long: 'its arguments are too long to be checked',
  split_call: 'its parts do not form one call',
  unreadable_name: 'its name cannot be read',
  no_rule: 'no rule allows it',
};

/** Returns the text that replaces a call. It returns to the model with the conversation. */
export function buildRefusalText(call: ToolCall, block: Block): string {
  const resultText = call.isExecuted ? 'Its result was removed.' : 'The tool was not run.';
  return `[The gateway removed a call of ${formatTool(call.names)}: ${formatReason(block)}. ${resultText} Continue without it.]`;
}

export function createCallBlockedError(call: ToolCall, block: Block): GatewayError {
  return new GatewayError(
    'guardrail_blocked',
    `The response calls ${formatTool(call.names)} and is withheld: ${formatReason(block)}. Change the request.`,
    { reason: block.guardrail },
  );
}

export function createOfferBlockedError({ names, pointer }: ToolOffer, block: Block): GatewayError {
  return new GatewayError(
    'guardrail_blocked',
    `The request offers ${formatTool(names)}: ${formatReason(block)}. Leave it out and send the request again.`,
    { reason: block.guardrail, fields: [{ pointer, detail: 'may not be offered here' }] },
  );
}

/** Error for a response that may hold calls but cannot be read. */
export const createCallsUnreadableError = (): GatewayError =>
  new GatewayError(
    'guardrail_blocked',
    'Guardrails check the tool calls of responses here, and cannot read those of this response. Change the request.',
    { reason: TOOL_CALLS_GUARDRAIL },
  );

function formatTool(names: readonly string[]): string {
  const name = names.find((one) => TOOL_NAME.test(one));
  return name === undefined ? 'a tool' : `the tool "${name}"`;
}

function formatReason({ guardrail, reason }: Block): string {
  const reasonText = reason === null ? '' : REASON_TEXTS[reason];
  if (guardrail === TOOL_CALLS_GUARDRAIL) return reasonText;
  return `the rule "${guardrail}" blocks it${reasonText === '' ? '' : `, as ${reasonText}`}`;
}
