import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ProcessLock } from '../../../services/ledger/index.ts';
import { freshFolder } from '../../support/fresh-folder.ts';

describe('the lock of a home', () => {
  test('is had by one, and free again when it is released', async () => {
    const path = join(await freshFolder(), 'lock');
    {
      using held = new ProcessLock(path);
      expect(() => new ProcessLock(path)).toThrow(expect.objectContaining({ code: 'home-in-use' }));
      // a refused one has not loosened it
      expect(() => new ProcessLock(path)).toThrow(expect.objectContaining({ code: 'home-in-use' }));
      held[Symbol.dispose]();
    }
    new ProcessLock(path)[Symbol.dispose]();
  });

  test('where no file can be made', async () => {
    const path = join(await freshFolder(), 'missing', 'lock');
    expect(() => new ProcessLock(path)).toThrow(expect.objectContaining({ code: 'ledger-failed' }));
  });
});
