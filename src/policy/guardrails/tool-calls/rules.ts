/** The compiled tool-call rules of an LLM proxy. The first rule that matches decides. */
import {
  TOOL_CALLS_GUARDRAIL,
  type ToolCallPolicy,
  type ToolCallReaction,
  type ToolCallRule,
} from '../../../orgs/llm-proxies/policy/tool-calls.js';
import type { CallInput } from '../../../providers/dialects/tool-calls/grammar.js';
import { readArguments } from './arguments.js';
import { combineAll, compileCondition, type Condition } from './condition.js';
import { ToolPatterns } from './name-patterns.js';

/** Why a call or an offer is blocked. */
export interface Block {
  /** Name of the rule, or `TOOL_CALLS_GUARDRAIL` if no rule decides. */
  readonly guardrail: string;
  /** A slug; null if the rule is the only reason. */
  readonly reason: BlockReason | null;
}

export type BlockReason =
  | 'untrusted_results'
  | 'ambiguous_arguments'
  | 'unreadable_arguments'
  | 'arguments_too_long'
  | 'split_call'
  | 'unreadable_name'
  | 'no_rule';

/** No vendor accepts longer names, so a client cannot make a call with one. */
const MAX_NAME_CHARS = 512;

interface CompiledRule {
  readonly name: string;
  readonly action: ToolCallRule['action'];
  readonly tools: ToolPatterns;
  readonly when: readonly Condition[];
}

export class ToolCallRules {
  readonly onBlock: ToolCallReaction;
  /** Whether a rule depends on the conversation. */
  readonly dependsOnTrust: boolean;
  readonly #rules: readonly CompiledRule[];
  readonly #trusted: ToolPatterns;
  readonly #blocksOthers: boolean;

  constructor(policy: ToolCallPolicy) {
    this.onBlock = policy.onBlock;
    this.dependsOnTrust = policy.rules.some(({ action }) => action === 'block_when_untrusted');
    this.#rules = policy.rules.map(({ name, action, tools, when }) => {
      return { name, action, tools: new ToolPatterns(tools), when: when.map(compileCondition) };
    });
    this.#trusted = new ToolPatterns(policy.trustedTools);
    this.#blocksOthers = policy.default === 'block';
  }

  isTrusted(names: readonly string[]): boolean {
    return this.#trusted.match(names);
  }

  /** Returns why a call is blocked; null if it is not. */
  checkCall(names: readonly string[], input: CallInput, isUntrusted: boolean): Block | null {
    if (names.length === 0 || names.some((name) => name.length > MAX_NAME_CHARS))
      return createDefaultBlock('unreadable_name');
    const args = readArguments(input);
    if (typeof args === 'string') return createDefaultBlock(args);
    for (const { name, action, tools, when } of this.#rules) {
      const allows = isAllowing(action, isUntrusted);
      if (allows ? !tools.match(names) : !tools.matchLoosely(names)) continue;
      const result = combineAll(when.map((condition) => args.check(condition)));
      if (allows && result === 'yes') return null;
      if (!allows && result !== 'no') return { guardrail: name, reason: getBlockReason(action, result === 'unclear') };
    }
    return this.#blocksOthers ? createDefaultBlock('no_rule') : null;
  }

  /**
   * Returns why an offer is blocked, because the rules block its calls with any arguments; null if it is not blocked.
   */
  checkOffer(names: readonly string[], isUntrusted: boolean): Block | null {
    for (const { name, action, tools, when } of this.#rules) {
      if (isAllowing(action, isUntrusted)) {
        if (tools.match(names)) return null;
      } else if (when.length === 0 && tools.matchLoosely(names)) {
        return { guardrail: name, reason: getBlockReason(action, false) };
      }
    }
    return this.#blocksOthers ? createDefaultBlock('no_rule') : null;
  }
}

const isAllowing = (action: ToolCallRule['action'], isUntrusted: boolean): boolean =>
  action === 'allow' || (action === 'block_when_untrusted' && !isUntrusted);

const createDefaultBlock = (reason: BlockReason): Block => ({ guardrail: TOOL_CALLS_GUARDRAIL, reason });

function getBlockReason(action: ToolCallRule['action'], isUnclear: boolean): BlockReason | null {
  if (isUnclear) return 'ambiguous_arguments';
  return action === 'block_when_untrusted' ? 'untrusted_results' : null;
}

// A policy belongs to a cached LLM proxy, so the rules live as long as that does.
const compiled = new WeakMap<ToolCallPolicy, ToolCallRules>();

/** Returns null if the policy cannot block anything. */
export function compileToolCallRules(policy: ToolCallPolicy | undefined): ToolCallRules | null {
  if (!policy || (policy.rules.length === 0 && policy.default === 'allow')) return null;
  let rules = compiled.get(policy);
  if (!rules) compiled.set(policy, (rules = new ToolCallRules(policy)));
  return rules;
}
