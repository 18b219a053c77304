/** Encodes an explanation for a header: its codes, as JSON in base64url, of 4 KB at most. Pure. */
import type { ExplainedPlaceView, ExplanationView } from './steps/explain.dto.js';

/** Servers and proxies accept headers of 8 KB in total, and a response has other headers too. */
const MAX_CHARS = 4096;

/** Returns null if it does not fit even without keys, places and limits. */
export function toHeader({
  isAllowed,
  refusal,
  method,
  proxy,
  modelAlias,
  steps,
  places,
  limits,
}: ExplanationView): string | null {
  const core = {
    isAllowed,
    refusal: refusal?.code ?? null,
    method,
    proxyId: proxy?.id ?? null,
    modelAlias,
    limits: limits.map(({ id, remaining }) => ({ id, remaining })),
    steps: steps.map(({ step, decision, reason }) => ({ step, decision, reason })),
  };
  const variants = [
    { ...core, places: places.map((target) => ({ ...toTargetSummary(target), keys: target.keys.map(toKeySummary) })) },
    { ...core, places: places.map(toTargetSummary), isShortened: true },
    { ...core, isShortened: true },
    { ...core, limits: [], isShortened: true },
  ];
  return variants.map(encode).find((text) => text.length <= MAX_CHARS) ?? null;
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

const toTargetSummary = ({
  provider,
  model,
  decision,
  share,
  reason,
  providerApiKeyId,
  server,
}: ExplainedPlaceView) => ({
  provider,
  model,
  decision,
  share,
  reason,
  providerApiKeyId,
  ...(server === null ? {} : { server }),
});

const toKeySummary = ({ id, reason }: ExplainedPlaceView['keys'][number]) => ({ id, reason });
