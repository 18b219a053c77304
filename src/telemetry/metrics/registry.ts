/** Injection token of this process's metrics: a separate `Registry` per app, not prom-client's global one. */
export const METRICS_REGISTRY = Symbol('METRICS_REGISTRY');

/** Prometheus text format, version 0.0.4. */
export const METRICS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';
