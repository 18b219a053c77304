import { AggregatorRegistry, Registry } from 'prom-client';
import { CounterMetric, HistogramMetric } from './series-metric.js';

describe('histograms', () => {
  it('a histogram is exposed with cumulative buckets of inclusive bounds', async () => {
    const registry = new Registry();
    const series = new HistogramMetric(registry, 'h', 'help', [1, 2]).with({ a: 'x' });
    for (const value of [0.5, 1, 1.5, 9]) series.observe(value);
    expect(await registry.metrics()).toBe(
      '# HELP h help\n# TYPE h histogram\n' +
        'h_bucket{a="x",le="1"} 2\nh_bucket{a="x",le="2"} 3\nh_bucket{a="x",le="+Inf"} 4\n' +
        'h_sum{a="x"} 12\nh_count{a="x"} 4\n',
    );
  });
});

describe('metric series of several processes', () => {
  it('metric series of several processes are summed', async () => {
    const tell = async (value: number) => {
      const registry = new Registry();
      const counter = new CounterMetric(registry, 'c', 'help');
      counter.with({ a: 'x' }).value += value;
      counter.with({ a: `only in ${value}` }).value += 1;
      new HistogramMetric(registry, 'h', 'help', [1, 2]).with({}).observe(value);
      return registry.getMetricsAsJSON();
    };
    const text = await AggregatorRegistry.aggregate([await tell(1), await tell(2)] as never).metrics();
    expect(text).toContain('c{a="x"} 3\n');
    expect(text).toContain('c{a="only in 1"} 1\n');
    expect(text).toContain('h_bucket{le="1"} 1\nh_bucket{le="2"} 2\nh_bucket{le="+Inf"} 2\nh_sum 3\nh_count 2');
  });
});

describe('label sets', () => {
  it('equal labels of a metric give the same series', () => {
    const counter = new CounterMetric(new Registry(), 'c', 'help');
    expect(counter.with({ a: 'x' })).toBe(counter.with({ a: 'x' }));
  });
});
