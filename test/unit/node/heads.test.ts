import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { leafHash, MerkleTree, verifyHead } from '../../../protocols/feed/index.ts';
import { nativeEd25519 } from '../../../services/keys/index.ts';
import { Ledger } from '../../../services/ledger/index.ts';
import { OwnHead } from '../../../services/node/heads.ts';
import { charterOf, signerOf } from '../../support/federation.ts';
import { feedOf } from '../../support/feed-node.ts';
import { freshFolder } from '../../support/fresh-folder.ts';
import { until } from '../../support/until.ts';

const charter = charterOf();
const own = feedOf('example-lab', charter, 5);
const author = own[0]?.author as (typeof own)[number]['author'];

let ledger: Ledger;
let tree: MerkleTree;

beforeEach(async () => {
  ledger = new Ledger(join(await freshFolder(), 'ledger.sqlite'));
  tree = new MerkleTree();
  onTestFinished(() => ledger[Symbol.dispose]());
});

function signing(): OwnHead {
  const head = new OwnHead({
    federation: charter.id,
    ledger,
    signer: signerOf('example-lab'),
    tree: () => tree,
    onFault: (error) => {
      throw error;
    },
    delayMs: 0,
  });
  onTestFinished(() => head[Symbol.dispose]());
  return head;
}

async function append(messages: typeof own): Promise<void> {
  for (const { wire } of messages) tree.append(leafHash(wire));
  await Promise.all(messages.map((message) => ledger.append(message, 1)));
}

describe('the head of our own feed', () => {
  test('is signed after the feed has grown, and again when it grows', async () => {
    signing();
    await append(own.slice(0, 3));
    await until(() => ledger.signedHead(author)?.size === 3, { what: 'a head of three' });
    await append(own.slice(3));
    await until(() => ledger.signedHead(author)?.size === 5, { what: 'a head of five' });
    const head = ledger.signedHead(author);
    expect(head).toMatchObject({ author, root: tree.root() });
    expect(head !== null && verifyHead(head, charter.id, nativeEd25519())).toBe(true);
  });

  test('is signed when asked for, once', async () => {
    await append(own);
    const head = signing();
    head.sign();
    const first = ledger.signedHead(author);
    expect(first?.size).toBe(5);
    head.sign();
    expect(ledger.signedHead(author)).toBe(first);
  });

  test('is not signed for messages of others, nor over an empty feed', async () => {
    const head = signing();
    head.sign();
    await Promise.all(feedOf('example-academy', charter, 2).map((message) => ledger.append(message, 1)));
    head.sign();
    expect(ledger.signedHead(author)).toBeNull();
  });
});
