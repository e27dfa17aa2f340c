import { measureCatchUp } from './catch-up.ts';

/** A process of its own, so that its memory is given back. Prints CatchUpFigures as JSON. */
process.stdout.write(JSON.stringify(await measureCatchUp()));
