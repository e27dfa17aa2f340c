import { memoryMedium } from '../support/media.ts';
import { transportCompliance } from '../support/transport-compliance.ts';
import { Recorder } from '../support/wire-node.ts';

transportCompliance('memory', { forwards: true, redelivers: false }, memoryMedium, () => new Recorder());
