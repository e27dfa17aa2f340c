import { messageOf } from '../../protocols/base/errors.ts';
import { type GatewayNode, Teller, type Told } from '../gateway/index.ts';
import { SubscriptionFile } from '../ledger/index.ts';
import { DELIVERY_COUNTS, type DeliveryCount, systemResolve, WebhookDesk } from '../webhooks/index.ts';
import type { Home } from './home.ts';
import type { Reporter } from './report.ts';
import { systemTimer } from './timer.ts';

/** The owner's webhooks, not started yet, and how often deliveries ended how. Both end with the stack. */
export function openWebhooks(
  { config, paths }: Home,
  told: () => Told & Pick<GatewayNode, 'events'>,
  report: Reporter,
  stack: AsyncDisposableStack,
): { readonly desk: WebhookDesk; readonly counts: ReadonlyMap<DeliveryCount, number> } {
  const store = stack.use(new SubscriptionFile(paths.webhooks));
  const counts = new Map<DeliveryCount, number>(DELIVERY_COUNTS.map((name) => [name, 0]));
  let teller: Teller | null = null;
  const desk = stack.use(
    new WebhookDesk(store, {
      events: (after, filter, options) => {
        teller ??= new Teller(told());
        return teller.tellAll(told().events(after, options), filter);
      },
      rules: { isPrivateAllowed: config.events.privateWebhooks, resolve: systemResolve },
      clock: { now: () => Date.now() },
      timer: systemTimer,
      count: (what) => counts.set(what, (counts.get(what) ?? 0) + 1),
      onFault: (error) => report('webhook.interrupted', { detail: messageOf(error) }),
    }),
  );
  return { desk, counts };
}
