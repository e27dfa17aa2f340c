import { buildGateway } from '../../../services/gateway/index.ts';
import { exampleStory } from '../example-story.ts';
import { mutateBytes, mutateData, mutateText } from '../mutations.ts';
import { cardBody, contentCid, frontierBody } from '../samples.ts';
import { type FuzzTarget, must, oneOf } from './target.ts';

const TOKEN = 'a'.repeat(48);
const story = exampleStory();
const faults: unknown[] = [];
const app = await buildGateway(story.node, { token: TOKEN, onFault: (error) => faults.push(error) });
const [feed] = story.node.record().record.members.map(({ key }) => key.slice('did:key:'.length));

const PATHS = [
  '/record',
  '/record/findings',
  `/record/findings/${story.findings.faithful}`,
  `/messages/${story.frontier.id}`,
  `/messages/${story.frontier.id}.tlog-proof`,
  `/feeds/${feed}/checkpoint`,
  `/feeds/${feed}/tile/0/000.p/2`,
  `/feeds/${feed}/tile/entries/000.p/2`,
  `/feeds/${feed}/evidence`,
  `/ipfs/${contentCid('x')}`,
  '/charter/history',
];
const BODIES = [
  { kind: 'member-card/1', body: cardBody('a name') },
  { kind: 'frontier-release/1', body: frontierBody('a model') },
  { directory: '/nonexistent' },
];

export const GATEWAY_TARGETS: Readonly<Record<string, FuzzTarget>> = {
  'http-requests': {
    drives: ['services/gateway/problems.ts#parseRequest'],
    accepts: true,
    run: async (random) => {
      const isPost = random() < 0.5;
      const url = isPost
        ? oneOf(['/messages', '/content', '/add-checkpoint'], random)
        : mutateText(oneOf(PATHS, random), random);
      // a stream of events does not end
      if (url.startsWith('/events')) return false;
      const plain = JSON.stringify(mutateData(oneOf(BODIES, random), random)) ?? '';
      const payload =
        random() < 0.7 ? plain : Buffer.from(mutateBytes(Buffer.from(plain.slice(0, 2_000)), random));
      const response = await app.inject({
        method: isPost ? 'POST' : 'GET',
        url: url.startsWith('/') ? encodeURI(url.toWellFormed()) : '/',
        headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
        ...(isPost ? { payload } : {}),
      });
      must(
        response.statusCode < 500 && faults.length === 0,
        `${url}: ${response.statusCode} ${faults.join()}`,
      );
      return response.statusCode < 300;
    },
  },
};
