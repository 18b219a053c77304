/** Helpers that create the rows of a provider's route table. */
import type { OperationClass, RouteRule } from '../contract/provider-adapter.js';

/** Creates the rule of a call that costs tokens; its response states them. */
export function defineInference(path: RegExp, operation: string): RouteRule {
  return { method: 'POST', path, operation, class: 'inference', metered: true };
}

export function defineTokenCounting(path: RegExp): RouteRule {
  return { method: 'POST', path, operation: 'count_tokens', class: 'token_counting', metered: true };
}

export function defineModelListing(path: RegExp): RouteRule {
  return { method: 'GET', path, operation: 'list_models', class: 'model_listing', metered: true };
}

/**
 * Creates the rule of everything below these first segments, with any method: closed to stored keys unless a policy
 * names the class.
 */
export function defineClosed(
  name: Exclude<OperationClass, 'inference' | 'token_counting' | 'model_listing'>,
  ...prefixes: string[]
): RouteRule {
  return { method: '*', path: buildPrefixPattern(prefixes), operation: name, class: name, metered: false };
}

function buildPrefixPattern(prefixes: readonly string[]): RegExp {
  return new RegExp(`^(?:${prefixes.join('|')})(?:/|$)`);
}

/** Returns the rules for the same paths below a prefix, which ends with a slash. */
export const definePrefixed = (prefix: string, rules: readonly RouteRule[]): RouteRule[] =>
  rules.map((rule) => ({ ...rule, path: new RegExp(rule.path.source.replace('^', `^${prefix}`)) }));
