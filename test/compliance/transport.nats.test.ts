import { natsMedium } from '../support/media.ts';
import { transportCompliance } from '../support/transport-compliance.ts';
import { Recorder } from '../support/wire-node.ts';

transportCompliance('nats', { forwards: false, redelivers: true }, natsMedium, () => new Recorder());
