import { expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import config from '../../vitest.config.ts';

/** By `npm run test:interop`; and a part of what `property-full` runs. */
const ELSEWHERE = ['interop', 'property'];

test('npm test runs every project of tests but those that are run elsewhere', () => {
  const all = (config.test?.projects ?? []).flatMap((project) =>
    typeof project === 'object' && 'test' in project ? [String(project.test?.name)] : [],
  );
  const run = [...manifest.scripts.test.matchAll(/--project=(\S+)/g)].map(([, name]) => name);
  expect([...run, ...ELSEWHERE].sort()).toEqual(all.sort());
});
