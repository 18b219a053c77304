import type { ExplainedPlaceView, ExplanationView } from './steps/explain.dto.js';
import { toHeader } from './explanation-header.js';

const place = (keys: number, model = 'gpt-5.4'): ExplainedPlaceView => ({
  provider: 'openai',
  model,
  priority: null,
  weight: null,
  share: 1,
  decision: 'first',
  reason: 'ok',
  detail: 'It can be used.',
  providerApiKeyId: null,
  server: null,
  keys: Array.from({ length: keys }, (_, i) => ({
    id: `key-${i}`,
    name: 'a name that only people need',
    scope: 'org',
    teamId: null,
    isPrimary: false,
    isChosen: false,
    reason: 'newer' as const,
    detail: '',
  })),
});
const explanation = (over: Partial<ExplanationView>): ExplanationView => ({
  isAllowed: true,
  refusal: null,
  surface: 'provider-route',
  method: 'oauth-user',
  caller: null,
  proxy: null,
  modelAlias: null,
  steps: [{ step: 'admit', decision: 'passed', reason: 'ok', detail: 'words' }],
  places: [],
  limits: [],
  ...over,
});
const read = (text: string | null): Record<string, unknown> =>
  JSON.parse(Buffer.from(text!, 'base64url').toString()) as Record<string, unknown>;

describe('x-gateway-explain', () => {
  it('the header x-gateway-explain holds codes and no texts', () => {
    const text = toHeader(explanation({ places: [place(1, 'ünïcode')] }));
    expect(text).toMatch(/^[\w-]+$/);
    expect(read(text)).toEqual({
      isAllowed: true,
      limits: [],
      refusal: null,
      method: 'oauth-user',
      proxyId: null,
      modelAlias: null,
      steps: [{ step: 'admit', decision: 'passed', reason: 'ok' }],
      places: [
        {
          provider: 'openai',
          model: 'ünïcode',
          decision: 'first',
          share: 1,
          reason: 'ok',
          providerApiKeyId: null,
          keys: [{ id: 'key-0', reason: 'newer' }],
        },
      ],
    });
  });

  it('the header x-gateway-explain leaves out keys, then places, then itself to stay within 4 KB', () => {
    const manyKeys = toHeader(explanation({ places: [place(500)] }));
    expect(read(manyKeys)).toMatchObject({ isShortened: true, places: [{ provider: 'openai' }] });
    const manyPlaces = toHeader(explanation({ places: Array.from({ length: 100 }, () => place(0)) }));
    expect(read(manyPlaces)).not.toHaveProperty('places');
    for (const text of [manyKeys, manyPlaces]) expect(text!.length).toBeLessThanOrEqual(4096);
    expect(toHeader(explanation({ modelAlias: 'a'.repeat(5000) }))).toBeNull();
  });
});
