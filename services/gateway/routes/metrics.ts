import type { FastifyInstance } from 'fastify';
import { METRICS_TYPE, type Metric, metricsText } from '../metrics.ts';

/** What Prometheus scrapes. @param measure every measure at this moment */
export function metricRoutes(app: FastifyInstance, measure: () => Promise<readonly Metric[]>): void {
  app.get('/metrics', async (_, reply) =>
    reply
      .type(METRICS_TYPE)
      .header('cache-control', 'no-store')
      .send(metricsText(await measure())),
  );
}
