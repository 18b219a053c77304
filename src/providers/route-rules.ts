/** Short ways to write the rows of a provider's route table. */
import type { OperationClass, RouteRule } from './provider-adapter.js';

/** A call that costs tokens, told in its answer. */
export function inference(path: RegExp, operation: string): RouteRule {
  return { method: 'POST', path, operation, class: 'inference', metered: true };
}

export function tokenCounting(path: RegExp): RouteRule {
  return { method: 'POST', path, operation: 'count_tokens', class: 'token_counting', metered: true };
}

export function modelListing(path: RegExp): RouteRule {
  return { method: 'GET', path, operation: 'list_models', class: 'model_listing', metered: true };
}

/** Everything below these first segments, whatever the method: closed to stored keys unless a policy names the class. */
export function closed(
  name: Exclude<OperationClass, 'inference' | 'token_counting' | 'model_listing'>,
  ...prefixes: string[]
): RouteRule {
  return { method: '*', path: belowAny(prefixes), operation: name, class: name, metered: false };
}

function belowAny(prefixes: readonly string[]): RegExp {
  return new RegExp(`^(?:${prefixes.join('|')})(?:/|$)`);
}

/** The rules for the same paths below a prefix, which ends with a slash. */
export const below = (prefix: string, rules: readonly RouteRule[]): RouteRule[] =>
  rules.map((rule) => ({ ...rule, path: new RegExp(rule.path.source.replace('^', `^${prefix}`)) }));
