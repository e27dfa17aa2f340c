import { libp2pMedium } from '../support/media.ts';
import { transportCompliance } from '../support/transport-compliance.ts';
import { Recorder } from '../support/wire-node.ts';

transportCompliance('libp2p', { forwards: true, redelivers: false }, libp2pMedium, () => new Recorder());
