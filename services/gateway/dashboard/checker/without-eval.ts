import { config } from 'zod';

/** Zod compiles its schemas where it may; here the content security policy allows none of that, and reports each try. */
config({ jitless: true });
