import { measureWitnessed } from './witnessed.ts';

/** A process of its own, so that what ran before leaves nothing behind. Prints WitnessedFigures as JSON. */
process.stdout.write(JSON.stringify(await measureWitnessed()));
process.exit(0);
