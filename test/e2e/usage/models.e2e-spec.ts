import { createId, type OrgId } from '../../../src/platform/ids.js';
import { findProvider } from '../../../src/providers/registry.js';
import { NO_TOKENS } from '../../../src/providers/dialects/base/token-counts.js';
import { PriceBook } from '../../../src/usage/prices/price-book.js';
import type { Json } from '../../support/http/admin-client.js';
import { startGateway, type TestGateway } from '../../support/gateway/gateway.js';
import { auditOf, castOf, effectsOf, type Cast } from '../../support/gateway/people.js';

const PATH = '/api/llm-models';
const OVERRIDE = `${PATH}/override`;

describe('models', () => {
  let gateway: TestGateway;
  let cast: Cast;

  beforeAll(async () => {
    gateway = await startGateway();
    cast = await castOf(gateway);
  });
  afterAll(() => gateway.close());

  const find = async (provider: string, model: string, who = cast.owner): Promise<Json> =>
    (await who.client.get(`${PATH}?provider=${provider}&search=${encodeURIComponent(model)}&limit=100`)).body.data.find(
      (row: Json) => row.model === model,
    );
  const remove = (provider: string, model: string, who = cast.owner) =>
    who.client.delete(`${OVERRIDE}?provider=${provider}&model=${encodeURIComponent(model)}`);

  describe('list', () => {
    it('the model list shows the price list page by page', async () => {
      const { status, body } = await cast.member.client.get(`${PATH}?limit=2&offset=2`);
      expect(status).toBe(200);
      expect(body.data).toHaveLength(2);
      expect(body.pagination).toMatchObject({ currentPage: 2, limit: 2, hasNext: true, hasPrev: true });
      expect(body.pagination.total).toBeGreaterThan(300);
      const model = await find('openai', 'gpt-4o', cast.member);
      expect(model).toEqual({
        provider: 'openai',
        model: 'gpt-4o',
        input: 2.5,
        output: 10,
        cacheRead: 1.25,
        cacheWrite: null,
        cacheWrite1h: null,
        source: 'price-list',
        tiers: [],
        override: null,
        listPrice: { input: 2.5, output: 10, cacheRead: 1.25, cacheWrite: null, cacheWrite1h: null },
      });
    });

    it('the model list filters by provider and search', async () => {
      const { body } = await cast.member.client.get(`${PATH}?provider=anthropic&search=CLAUDE&limit=100`);
      expect(body.data.length).toBeGreaterThan(3);
      for (const row of body.data) expect([row.provider, row.model.includes('claude')]).toEqual(['anthropic', true]);
    });

    it.each(['provider=nobody', 'limit=0', 'colour=red'])(
      'GET /api/llm-models?%s is refused with 400',
      async (query) => {
        expect((await cast.member.client.get(`${PATH}?${query}`)).status).toBe(400);
      },
    );

    it('GET /api/llm-models without a credential gets 401', async () => {
      expect((await gateway.admin.as(null).get(PATH)).status).toBe(401);
    });
  });

  describe('override', () => {
    it('an override replaces the list price for its organization until it is deleted', async () => {
      const price = { provider: 'openai', model: 'gpt-4o', input: 1, output: 2, cacheRead: 0.5 };
      const { status, body } = await cast.editor.client.put(OVERRIDE, price);
      expect(status).toBe(200);
      const rates = { input: 1, output: 2, cacheRead: 0.5, cacheWrite: null, cacheWrite1h: null };
      expect(body).toMatchObject({ ...rates, source: 'override', override: rates, listPrice: { input: 2.5 } });
      expect(await find('openai', 'gpt-4o')).toEqual(body);
      expect((await find('openai', 'gpt-4o', cast.stranger)).source).toBe('price-list');
      expect((await remove('openai', 'gpt-4o', cast.stranger)).status).toBe(404);
      expect((await remove('openai', 'gpt-4o', cast.editor)).status).toBe(204);
      expect((await remove('openai', 'gpt-4o', cast.editor)).status).toBe(404);
      expect((await find('openai', 'gpt-4o')).source).toBe('price-list');
      const entries = await auditOf(gateway, 'openai:gpt-4o');
      expect(entries).toMatchObject([
        { action: 'model_price.set', before: null, after: rates },
        { action: 'model_price.delete', before: rates, after: null },
      ]);
      expect(await effectsOf(gateway, `model-prices:${cast.organizationId}`)).toEqual(['changed', 'changed']);
    });

    it('an override accepts unlisted models with slashes and colons', async () => {
      const model = 'accounts/ours/models/fine:tuned';
      const body = { provider: 'fireworks', model, input: 0, output: 3.25 };
      expect((await cast.editor.client.put(OVERRIDE, body)).body.listPrice).toBeNull();
      await cast.editor.client.put(OVERRIDE, { ...body, input: 1 });
      expect(await find('fireworks', model)).toMatchObject({
        input: 1,
        output: 3.25,
        cacheRead: null,
        source: 'override',
      });
      expect((await remove('fireworks', model)).status).toBe(204);
    });

    it.each<[string, object, string]>([
      ['an unknown provider', { provider: 'nobody' }, '/provider'],
      ['a blank model', { model: ' ' }, '/model'],
      ['a negative price', { input: -1 }, '/input'],
      ['a price as text', { output: '3' }, '/output'],
      ['an absurd price', { output: 1e9 }, '/output'],
      ['an unknown field', { colour: 'red' }, '/colour'],
    ])('PUT /api/llm-models/override refuses %s with 400', async (_, over, pointer) => {
      const { status, body } = await cast.editor.client.put(OVERRIDE, {
        provider: 'openai',
        model: 'm',
        input: 1,
        output: 1,
        ...over,
      });
      expect([status, body.errors[0].pointer]).toEqual([400, pointer]);
    });

    it('overrides need model:write', async () => {
      const body = { provider: 'openai', model: 'm', input: 1, output: 1 };
      expect((await cast.member.client.put(OVERRIDE, body)).status).toBe(403);
      expect((await remove('openai', 'm', cast.member)).status).toBe(403);
      expect((await gateway.admin.as(null).put(OVERRIDE, body)).status).toBe(401);
      expect((await gateway.admin.as(null).delete(`${OVERRIDE}?provider=openai&model=m`)).status).toBe(401);
      expect((await cast.editor.client.delete(OVERRIDE)).status).toBe(400);
    });
  });

  describe('costs of calls', () => {
    const million = { ...NO_TOKENS, inputTokens: 1_000_000, outputTokens: 1_000_000 };
    const cost = async (model: string, organizationId = cast.organizationId): Promise<number | null> => {
      const prices = gateway.app.nest.get(PriceBook);
      await prices.warm(organizationId as OrgId);
      return prices.computeCost(organizationId as OrgId, findProvider('openai')!, model, million);
    };

    it('the cost follows the list price, and an override as soon as it is set', async () => {
      expect(await cost('gpt-4o')).toBe(12_500_000);
      await cast.editor.client.put(OVERRIDE, { provider: 'openai', model: 'gpt-4o', input: 1, output: 2 });
      expect(await cost('gpt-4o')).toBe(3_000_000);
      expect(await cost('gpt-4o', cast.stranger.organizationId)).toBe(12_500_000);
      await remove('openai', 'gpt-4o');
      expect(await cost('gpt-4o')).toBe(12_500_000);
    });

    it('a price of a name applies to its dated versions without a price of their own', async () => {
      await cast.editor.client.put(OVERRIDE, { provider: 'openai', model: 'ours', input: 1, output: 2 });
      await cast.editor.client.put(OVERRIDE, { provider: 'openai', model: 'ours-2026-01-31', input: 4, output: 4 });
      expect(await cost('ours-2025-12-31')).toBe(3_000_000);
      expect(await cost('ours-2026-01-31')).toBe(8_000_000);
      expect(await cost('ours-mini')).toBeNull();
    });

    it('cache entries kept for an hour have a price of their own, with cacheWrite and input as fallbacks', async () => {
      const written = {
        ...NO_TOKENS,
        inputTokens: 1_000_000,
        cacheWriteTokens: 900_000,
        longCacheWriteTokens: 400_000,
      };
      const model = 'claude-ours';
      const costWith = async (prices: object): Promise<number | undefined> => {
        const body = { provider: 'anthropic', model, input: 1, output: 2, ...prices };
        expect((await cast.editor.client.put(OVERRIDE, body)).status).toBe(200);
        const book = gateway.app.nest.get(PriceBook);
        await book.warm(cast.organizationId as OrgId);
        return book.priceUsage(cast.organizationId as OrgId, findProvider('anthropic')!, model, written)?.costMicroUsd;
      };
      const plain = 100_000;
      expect(await costWith({ cacheWrite: 3, cacheWrite1h: 7 })).toBe(plain + 500_000 * 3 + 400_000 * 7);
      expect(await find('anthropic', model)).toMatchObject({
        cacheWrite: 3,
        cacheWrite1h: 7,
        override: { cacheWrite1h: 7 },
      });
      expect(await costWith({ cacheWrite1h: 7 })).toBe(plain + 500_000 + 400_000 * 7);
      expect(await costWith({ cacheWrite: 3, cacheWrite1h: null })).toBe(plain + 900_000 * 3);
      expect(await costWith({ cacheWrite: 3 })).toBe(plain + 900_000 * 3);
      expect(await costWith({ cacheWrite1h: 0 })).toBe(plain + 500_000);
      const { body: versions } = await cast.member.client.get(`${OVERRIDE}?provider=anthropic&model=${model}`);
      expect(versions[0]).toMatchObject({ cacheWrite: null, cacheWrite1h: 0 });
      expect((await find('anthropic', 'claude-sonnet-4-5')).cacheWrite1h).toBe(6);
      const refused = { provider: 'anthropic', model, input: 1, output: 2, cacheWrite1h: -1 };
      expect((await cast.editor.client.put(OVERRIDE, refused)).body.errors[0].pointer).toBe('/cacheWrite1h');
    });

    it('a price with effectiveFrom applies from that time and leaves earlier prices in place', async () => {
      const DAY_MS = 86_400_000;
      const now = gateway.clock.now();
      const at = (days: number): string => new Date(now + days * DAY_MS).toISOString();
      const price = { provider: 'openai', model: 'dated', output: 0 };
      const set = (input: number, effectiveFrom?: string) =>
        cast.editor.client.put(OVERRIDE, { ...price, input, ...(effectiveFrom ? { effectiveFrom } : {}) });
      const rated = async (days: number) => {
        const prices = gateway.app.nest.get(PriceBook);
        await prices.warm(cast.organizationId as OrgId);
        const openai = findProvider('openai')!;
        return prices.priceUsage(cast.organizationId as OrgId, openai, 'dated', million, now + days * DAY_MS);
      };
      const versions = async (): Promise<Json[]> =>
        (await cast.member.client.get(`${OVERRIDE}?provider=openai&model=dated`)).body;

      expect((await set(3, at(10))).body).toMatchObject({ source: 'price-list', override: null });
      expect(await find('openai', 'dated')).toBeUndefined();
      await set(1, at(-10));
      expect(await find('openai', 'dated')).toMatchObject({ input: 1, source: 'override' });
      await set(2, at(-5));
      for (const [days, cost] of [
        [-11, null],
        [-10, 1_000_000],
        [-6, 1_000_000],
        [0, 2_000_000],
        [10, 3_000_000],
      ] as const)
        expect([days, (await rated(days))?.costMicroUsd ?? null]).toEqual([days, cost]);
      const [coming, present] = await versions();
      expect(await versions()).toHaveLength(3);
      expect(coming).toMatchObject({ input: 3, effectiveFrom: at(10), isLifted: false });
      expect((await rated(0))!.priceVersion).toBe(`own:${present!.id}`);

      await set(4, at(-5));
      expect((await versions()).map(({ input }) => input)).toEqual([3, 4, 1]);
      expect((await rated(0))!.priceVersion).not.toBe(`own:${present!.id}`);

      expect((await remove('openai', 'dated')).status).toBe(204);
      expect([await rated(1), await rated(11)]).toEqual([null, null]);
      expect((await rated(-6))!.costMicroUsd).toBe(1_000_000);
      expect((await versions()).map(({ isLifted }) => isLifted)).toEqual([true, false, false]);
      expect((await remove('openai', 'dated')).status).toBe(404);
      expect((await set(1, 'soon')).status).toBe(400);
    });

    it('known prices need no wait and remain known at the end of a long call', async () => {
      const prices = gateway.app.nest.get(PriceBook);
      await cast.editor.client.put(OVERRIDE, { provider: 'openai', model: 'long', input: 1, output: 1 });
      await prices.warm(cast.organizationId as OrgId);
      expect(prices.warm(cast.organizationId as OrgId)).toBeUndefined();
      gateway.clock.advance(600_000);
      expect(prices.computeCost(cast.organizationId as OrgId, findProvider('openai')!, 'long', million)).toBe(
        2_000_000,
      );
      expect(prices.computeCost(createId<OrgId>(), findProvider('openai')!, 'long', million)).toBeNull();
    });
  });
});
