export { peerIdOf } from '../network/index.ts';
export { initHome, joinHome, readCharterFile } from './home.ts';
export { natsUsers } from './nats-users.ts';
export { natsUserOf } from './nkey.ts';
export { adoptNextKey, prepareNextKey } from './next-key.ts';
export { type NodeOptions, type RunningNode, startNode } from './node.ts';
