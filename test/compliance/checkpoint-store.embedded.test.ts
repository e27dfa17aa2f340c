import { EmbeddedStore } from '../../services/checkpoints/index.ts';
import { freshFolder } from '../support/checkpoints/folders.ts';
import { checkpointStoreCompliance } from './checkpoint-store.suite.ts';

checkpointStoreCompliance('embedded', async () => EmbeddedStore.open(await freshFolder()));
