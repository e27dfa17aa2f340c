import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WitnessFile } from '../../../services/ledger/index.ts';
import { Witness } from '../../../services/witness/index.ts';
import { signerOf } from '../../support/federation.ts';
import { FEDERATION } from '../../support/witnessed-feed.ts';

/**
 * A witness over HTTP that prints its address, and that SIGKILL ends after `answers` requests, with the last of them
 * judged and stored but not answered. Arguments: the path of its file, how many answers.
 */
const [path, answers] = process.argv.slice(2) as [string, string];
let left = Number(answers);
const witness = new Witness({
  federation: FEDERATION,
  signer: signerOf('example-regulator'),
  memory: new WitnessFile(path),
  clock: { now: () => Date.now() },
  knows: () => true,
  onCosigned: () => {},
  onConflict: () => {},
});
const server = createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('end', () => {
    const { status, contentType, body } = witness.addCheckpoint(Buffer.concat(parts));
    if (left === 0) process.kill(process.pid, 'SIGKILL');
    left -= 1;
    response.writeHead(status, { 'content-type': contentType }).end(body);
  });
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
