/** Counts the cost of calls by authentication method, LLM proxy and application. */
import type { Registry } from 'prom-client';
import { getClientId } from '../../auth/callers/caller.js';
import type { InteractionRecord } from '../../usage/recording/interaction-record.js';
import { CounterMetric, type CounterSeries } from '../metrics/series-metric.js';

/** Series per process. Later proxies and applications share one series per authentication method and kind of billing. */
const MAX_SERIES = 2_000;
const OTHER = 'other';

export class CostMetric {
  readonly #metric: CounterMetric;
  readonly #series = new Map<string, CounterSeries>();

  constructor(registry: Registry) {
    this.#metric = new CounterMetric(
      registry,
      'gatehouse_caller_cost_usd_total',
      'Cost of LLM calls in US dollars by authentication method, LLM proxy, application and billing.',
    );
  }

  add(record: InteractionRecord): void {
    if (!record.costMicroUsd) return;
    this.#getSeries(record).value += record.costMicroUsd / 1e6;
  }

  #getSeries({ authMethod, proxyId, caller, billing }: InteractionRecord): CounterSeries {
    const application = (caller && getClientId(caller)) ?? '';
    const key = `${authMethod}|${proxyId}|${application}|${billing}`;
    const known = this.#series.get(key);
    if (known) return known;
    const hasRoom = this.#series.size < MAX_SERIES;
    const series = this.#metric.with({
      auth_method: authMethod ?? '',
      llm_proxy_id: hasRoom ? (proxyId ?? '') : OTHER,
      oauth_client_id: hasRoom ? application : OTHER,
      billing,
    });
    if (hasRoom) this.#series.set(key, series);
    return series;
  }
}
