/**
 * Model patterns: `*` matches any characters, case is ignored, and the pattern is matched against the provider's model
 * id. `provider:pattern` applies to that provider alone. Pure; compiled once per list.
 */
import { findProvider, PROVIDER_IDS } from '../registry.js';

interface CompiledPattern {
  provider: string | null;
  matches: (model: string) => boolean;
}

// A list is an array of a cached caller or proxy, so it lives as long as they do.
const compiled = new WeakMap<readonly string[], readonly CompiledPattern[]>();

/** Whether one of `patterns` matches the model. */
export function matchesModel(patterns: readonly string[], provider: string, model: string): boolean {
  let rules = compiled.get(patterns);
  if (!rules) compiled.set(patterns, (rules = patterns.map(compile)));
  const names = findProvider(provider)?.listSpellings?.(model) ?? [model];
  return names.some((name) => isMatched(rules, provider, name.toLowerCase()));
}

const isMatched = (rules: readonly CompiledPattern[], provider: string, model: string): boolean =>
  rules.some((rule) => (rule.provider === null || rule.provider === provider) && rule.matches(model));

function compile(pattern: string): CompiledPattern {
  const colon = pattern.indexOf(':');
  const provider = colon > 0 && PROVIDER_IDS.includes(pattern.slice(0, colon)) ? pattern.slice(0, colon) : null;
  const parts = (provider === null ? pattern : pattern.slice(colon + 1)).toLowerCase().split('*');
  return { provider, matches: (model) => matchesParts(model, parts) };
}

/** Matches greedily from the left: linear in the length of the model id for every pattern. */
function matchesParts(model: string, parts: readonly string[]): boolean {
  const first = parts[0]!;
  if (parts.length === 1) return model === first;
  const last = parts.at(-1)!;
  if (model.length < first.length + last.length || !model.startsWith(first) || !model.endsWith(last)) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = model.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= model.length - last.length;
}
