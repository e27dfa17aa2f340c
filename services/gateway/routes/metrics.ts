import type { Api } from '../api/api.ts';
import { METRICS_TYPE, type Metric, metricsText } from '../metrics.ts';

/** What Prometheus scrapes. @param measure every measure at this moment */
export function metricRoutes(api: Api, measure: () => Promise<readonly Metric[]>): void {
  api.serve(
    {
      method: 'GET',
      url: '/metrics',
      id: 'getMetrics',
      tag: 'node',
      access: 'read',
      summary: 'Measures of the node, in the text format of Prometheus.',
      answers: { 200: { description: 'Measures.', content: { 'text/plain': null } } },
    },
    async ({ reply }) =>
      reply
        .type(METRICS_TYPE)
        .header('cache-control', 'no-store')
        .send(metricsText(await measure())),
  );
}
