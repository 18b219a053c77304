/** Google's resource names: `models/…`, and on Vertex AI `publishers/google/models/…` below a project and a location. */
const RESOURCE = /^(?:projects\/[^/]+\/locations\/[^/]+\/)?(?:publishers\/[^/]+\/)?models\/(?=[^/]+$)/;

/**
 * Returns the model name that prices, policies and records use. Google's API accepts and returns
 * `models/gemini-2.5-flash` for `gemini-2.5-flash`. Names with further parts (`accounts/fireworks/models/…`,
 * `tunedModels/…`) stay unchanged.
 */
export function removeModelPrefix(name: string): string {
  return name.includes('models/') ? name.replace(RESOURCE, '') : name;
}
