import { fastify } from 'fastify';
import { openCar, parseContentId } from '../../../services/checkpoints/index.ts';
import type { BlockReader } from '../../../services/checkpoints/store.ts';
import { Api } from '../../../services/gateway/api/api.ts';
import { trustlessRoutes } from '../../../services/gateway/routes/trustless.ts';

export interface ServedStore extends AsyncDisposable {
  readonly url: string;
}

/** The node's trustless gateway before a store, without the rest of a node. */
export async function serveStore(store: BlockReader, port = 0): Promise<ServedStore> {
  const app = fastify({ forceCloseConnections: true });
  const anyone = async () => {};
  trustlessRoutes(new Api(app, { read: anyone, owner: anyone }), {
    block: async (text, into) => {
      const cid = parseContentId(text);
      return cid === null ? null : store.block(cid, into);
    },
    car: async (request) => {
      const cid = parseContentId(request.cid);
      return cid === null ? null : openCar(store, { ...request, cid });
    },
  });
  const url = await app.listen({ host: '127.0.0.1', port });
  return { url, [Symbol.asyncDispose]: () => app.close() };
}
