import * as dagCbor from '@ipld/dag-cbor';
import { CID } from 'multiformats/cid';
import nacl from 'tweetnacl';
import { z } from 'zod';
import { fromHex, toHex } from '../../../protocols/base/bytes.ts';
import { fromDagJson, toDagJson } from '../../../services/cli/conformance/dag-json.ts';
import type { Operations } from '../../../services/cli/conformance/operation.ts';
import { respond } from '../../../services/cli/conformance/respond.ts';

/**
 * A program under test as one writes it who takes libraries at their word: what is valid comes out right, and what
 * must be refused often does not. The runner must see it. With `silent`, `stall` or `noise` it breaks the exchange.
 */
const text = z.object({ text: z.string() });
const NAIVE: Operations = {
  'codec.decode': (input) => {
    const bytes = fromHex(z.object({ bytes: z.string() }).parse(input).bytes);
    try {
      const value = dagCbor.decode(bytes);
      return { value: toDagJson(value), cid: 'bafyreidqdaj5nvnmtyeh4s2gtca32s7rc37okat2hn7kinwvcoynqbexg4' };
    } catch {
      return { refused: 'not-dag-cbor' };
    }
  },
  'codec.encode': (input) => ({
    bytes: toHex(dagCbor.encode(fromDagJson((input as { value: unknown }).value))),
    cid: 'bafyreidqdaj5nvnmtyeh4s2gtca32s7rc37okat2hn7kinwvcoynqbexg4',
  }),
  'cid.parse': (input) => {
    try {
      const cid = CID.parse(text.parse(input).text);
      return { bytes: toHex(cid.bytes), names: cid.code === dagCbor.code ? 'document' : 'content' };
    } catch {
      return { refused: null };
    }
  },
  'ed25519.verify': (input) => {
    const { publicKey, signature, message } = z.record(z.string(), z.string()).parse(input);
    const [key, signed, said] = [publicKey, signature, message].map((each) => fromHex(each ?? ''));
    const fits = key?.length === 32 && signed?.length === 64;
    return {
      accepted: fits && nacl.sign.detached.verify(said as Uint8Array, signed, key),
      keyAcceptable: key?.length === 32,
    };
  },
};

const [habit] = process.argv.slice(2);
if (habit === 'silent') process.exit(0);
if (habit === 'stall') process.stdin.resume();
else if (habit === 'noise') process.stdout.write('ready\n');
else await respond(NAIVE, process.stdin, process.stdout);
