/** Aggregates calls: durations, tokens, cost, errors. Reads interaction records. */
import { Inject, Injectable } from '@nestjs/common';
import type { Registry } from 'prom-client';
import type { InteractionRecord } from '../../usage/recording/interaction-record.js';
import { UsageRecorder } from '../../usage/recording/usage-recorder.js';
import { CostMetric } from './cost-metric.js';
import { METRICS_REGISTRY } from '../metrics/registry.js';
import { getModelLabel } from './model-label.js';
import { getErrorType, toSemanticProvider } from '../tracing/semantic-names.js';
import { CounterMetric, HistogramMetric, type CounterSeries, type HistogramSeries } from '../metrics/series-metric.js';

// The semantic conventions recommend these buckets for each metric.
const DURATION_SECONDS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const FIRST_TOKEN_SECONDS = [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const TOKENS = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864];

/** The series of one tuple of labels. Series that most tuples never need are created on first use. */
interface CallSeries {
  calls: CounterSeries;
  errors: CounterSeries | null;
  /** Null for refusals: without a request to a provider there is nothing to time. */
  duration: HistogramSeries | null;
  firstToken: HistogramSeries | null;
  tokens: TokenSeries | null;
}

interface TokenSeries {
  inputSizes: HistogramSeries;
  outputSizes: HistogramSeries;
  input: CounterSeries;
  cachedInput: CounterSeries;
  cacheWrite: CounterSeries;
  output: CounterSeries;
  reasoning: CounterSeries;
  costUsd: CounterSeries;
}

@Injectable()
export class CallMetrics {
  readonly #seriesByKey = new Map<string, CallSeries>();
  readonly #duration: HistogramMetric;
  readonly #firstToken: HistogramMetric;
  readonly #tokenSizes: HistogramMetric;
  readonly #tokens: CounterMetric;
  readonly #cost: CounterMetric;
  readonly #callerCost: CostMetric;
  readonly #calls: CounterMetric;
  readonly #errors: CounterMetric;

  constructor(@Inject(METRICS_REGISTRY) registry: Registry, recorder: UsageRecorder) {
    const createHistogram = (name: string, help: string, bounds: readonly number[]) =>
      new HistogramMetric(registry, name, help, bounds);
    const createCounter = (name: string, help: string) => new CounterMetric(registry, name, help);
    this.#duration = createHistogram(
      'gen_ai_client_operation_duration_seconds',
      'Duration of LLM calls as seen by the client.',
      DURATION_SECONDS,
    );
    this.#firstToken = createHistogram(
      'gen_ai_server_time_to_first_token_seconds',
      'Time from the request to the first byte of a streamed response, successful calls only.',
      FIRST_TOKEN_SECONDS,
    );
    this.#tokenSizes = createHistogram(
      'gen_ai_client_token_usage',
      'Tokens per LLM call, total input and output.',
      TOKENS,
    );
    this.#tokens = createCounter(
      'gatehouse_tokens_total',
      'Tokens by kind. cached_input and cache_write are parts of input, reasoning is a part of output.',
    );
    this.#cost = createCounter(
      'gatehouse_cost_usd_total',
      'Cost of LLM calls in US dollars, for calls with a known price.',
    );
    this.#callerCost = new CostMetric(registry);
    this.#calls = createCounter('gatehouse_calls_total', 'LLM calls by outcome, including refused calls.');
    this.#errors = createCounter('gatehouse_errors_total', 'Failed LLM calls, by error code or provider status.');
    recorder.onRecord((record) => this.observe(record));
  }

  /** Runs on the request path: one look-up and a handful of additions. */
  observe(record: InteractionRecord): void {
    const error = getErrorType(record);
    const series = this.#getSeries(record, error);
    series.calls.value++;
    if (series.errors) series.errors.value++;
    series.duration?.observe(record.durationMs / 1000);
    if (series.firstToken && record.firstByteMs !== null) series.firstToken.observe(record.firstByteMs / 1000);
    this.#callerCost.add(record);
    if (record.usage) this.#observeTokens((series.tokens ??= this.#createTokenSeries(record)), record);
  }

  #observeTokens(series: TokenSeries, { usage, costMicroUsd }: InteractionRecord): void {
    const { inputTokens, cachedInputTokens, cacheWriteTokens, outputTokens, reasoningTokens } = usage!;
    series.inputSizes.observe(inputTokens);
    series.outputSizes.observe(outputTokens);
    series.input.value += inputTokens;
    series.cachedInput.value += cachedInputTokens;
    series.cacheWrite.value += cacheWriteTokens;
    series.output.value += outputTokens;
    series.reasoning.value += reasoningTokens;
    series.costUsd.value += (costMicroUsd ?? 0) / 1e6;
  }

  #getSeries(record: InteractionRecord, error: string | null): CallSeries {
    const { surface, authMethod, provider, operation, outcome, streaming, billing } = record;
    const model = getModelLabel(provider, record.requestedModel);
    const key = `${provider}|${model}|${operation}|${authMethod}|${surface}|${outcome}|${error}|${streaming}|${billing}`;
    let series = this.#seriesByKey.get(key);
    if (!series) {
      series = this.#createSeries(record, error);
      this.#seriesByKey.set(key, series);
    }
    return series;
  }

  #createSeries(record: InteractionRecord, error: string | null): CallSeries {
    const operation = buildOperationLabels(record);
    const provider = operation.gen_ai_provider_name;
    return {
      calls: this.#calls.with({
        surface: record.surface,
        auth_method: record.authMethod ?? '',
        provider,
        outcome: record.outcome,
      }),
      errors: error === null ? null : this.#errors.with({ provider, error_type: error }),
      duration: record.outcome === 'refused' ? null : this.#duration.with({ ...operation, error_type: error ?? '' }),
      firstToken: record.streaming && error === null ? this.#firstToken.with(operation) : null,
      tokens: null,
    };
  }

  #createTokenSeries(record: InteractionRecord): TokenSeries {
    const operation = buildOperationLabels(record);
    const model = { provider: operation.gen_ai_provider_name, model: operation.gen_ai_request_model };
    const getSizeSeries = (type: string) => this.#tokenSizes.with({ ...operation, gen_ai_token_type: type });
    const getCountSeries = (type: string) => this.#tokens.with({ ...model, type });
    return {
      inputSizes: getSizeSeries('input'),
      outputSizes: getSizeSeries('output'),
      input: getCountSeries('input'),
      cachedInput: getCountSeries('cached_input'),
      cacheWrite: getCountSeries('cache_write'),
      output: getCountSeries('output'),
      reasoning: getCountSeries('reasoning'),
      costUsd: this.#cost.with({ ...model, billing: record.billing }),
    };
  }
}

const buildOperationLabels = ({ provider, operation, requestedModel }: InteractionRecord) => ({
  gen_ai_operation_name: operation ?? '',
  gen_ai_provider_name: provider === null ? '' : toSemanticProvider(provider),
  gen_ai_request_model: getModelLabel(provider, requestedModel),
});
