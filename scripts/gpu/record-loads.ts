import { appendFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

/** Preloaded: writes the URL of every file that is loaded to the file that LOADED names. */
registerHooks({
  load: (url, context, next) => {
    const list = process.env['LOADED'];
    if (list !== undefined && url.startsWith('file:')) appendFileSync(list, `${url}\n`);
    return next(url, context);
  },
});
