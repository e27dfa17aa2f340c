import { measureIngest } from './ingest.ts';

/** A process of its own, so that it alone can be held to one core. Prints IngestFigures as JSON. */
process.stdout.write(JSON.stringify(await measureIngest()));
