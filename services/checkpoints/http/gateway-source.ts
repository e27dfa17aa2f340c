import type { ContentId } from '../../../protocols/base/ids.ts';
import { BLOCK_LIMIT_BYTES } from '../block.ts';
import { exchangeHere, type OpenExchange } from './http-exchange.ts';
import { type BlockRequest, HttpSource, LANES } from './http-source.ts';
import { webAddress } from './web-address.ts';

const RAW_BLOCK = 'application/vnd.ipld.raw';

/**
 * A trustless IPFS gateway as a source: another node's, or any that answers `/ipfs/<cid>?format=raw`.
 * https://specs.ipfs.tech/http-gateways/trustless-gateway/
 */
export class GatewaySource extends HttpSource {
  /** @param url of the gateway, without `/ipfs/` */
  constructor(url: URL, open: OpenExchange = exchangeHere) {
    const name = `gateway:${url.host}`;
    super(name, open(name, url, { connections: LANES }));
  }

  protected requestFor(cid: ContentId): BlockRequest {
    return {
      path: `ipfs/${cid}?format=raw`,
      headers: { accept: RAW_BLOCK },
      expect: 200,
      limitBytes: BLOCK_LIMIT_BYTES,
    };
  }
}

/** The source behind an address that a card or the configuration names; null for what is no web address. */
export function gatewaySource(address: string, open?: OpenExchange): GatewaySource | null {
  const url = webAddress(address);
  return url === null ? null : new GatewaySource(url, open);
}
