import {
  affineCompanion,
  type MapFit,
  mapSources,
  type PlacedMap,
  type ResolvedIntervention,
  sharedTokenSources,
  sourceCheckpoints,
} from '../../../protocols/artifacts/index.ts';
import { OversightError } from '../../../protocols/base/errors.ts';
import type { ContentId } from '../../../protocols/base/ids.ts';
import { type Checkpoint, openCheckpoint } from '../engine/checkpoint.ts';
import { Model } from '../engine/model.ts';
import { defaultOptions, type EngineOptions } from '../engine/runtime.ts';
import { Tokenizer } from '../engine/tokenizer.ts';
import type { Reader } from '../interventions/contrast.ts';
import { randomControl } from '../interventions/control.ts';
import { loadIntervention, loadMaps, readIntervention } from '../interventions/load.ts';
import { measureMaps } from '../interventions/map-fit.ts';
import { openingsOf } from '../interventions/openings.ts';
import { type RealisedIntervention, realise } from '../interventions/realise.ts';
import { checkSameTokens, haveSameTokens } from '../interventions/same-tokens.ts';
import { type Readers, Treatment } from '../interventions/treatment.ts';
import type { RerunJob } from './job.ts';

/** A target and the conditions of a re-run on it, loaded with every opening that they need. */
export class Workbench implements AsyncDisposable {
  readonly checkpoint: Checkpoint;
  readonly tokenizer: Tokenizer;
  readonly model: Model;
  readonly options: EngineOptions;
  readonly treated: Treatment;
  /** The same through the affine maps published beside nonlinear ones; null where no map is nonlinear. */
  readonly affine: Treatment | null;
  /** One for each control seed. */
  readonly controls: readonly Treatment[];
  readonly #maps: readonly PlacedMap[];
  readonly #readers: Readers;
  readonly #models: AsyncDisposableStack;

  private constructor(parts: Parts, sources: ReadonlyMap<ContentId, Reader>, models: AsyncDisposableStack) {
    const { target, treated, affine, controls, maps } = parts;
    this.checkpoint = target.checkpoint;
    this.tokenizer = target.tokenizer;
    this.model = target.model;
    this.options = target.options;
    const readers = { target: { model: target.model, speller: target.tokenizer }, sources };
    this.treated = new Treatment(treated, readers);
    this.affine = affine === null ? null : new Treatment(affine, readers);
    this.controls = controls.map((control) => new Treatment(control, readers));
    this.#maps = maps;
    this.#readers = readers;
    this.#models = models;
  }

  /** @param decodes whether texts are to be decoded @throws OversightError with the code that ends the job. */
  static async open(job: RerunJob, decodes: boolean): Promise<Workbench> {
    const manifest = await readIntervention(job.intervention, job.base);
    const checkpoint = await openCheckpoint(job.target);
    const tokenizer = await Tokenizer.load(job.target);
    const directories = job.sources ?? {};
    const fitted = mapSources(manifest).filter((id) => Object.hasOwn(directories, id));
    const needed = [...new Set([...sourceCheckpoints(manifest), ...fitted])];
    const beside = await openSources(needed, directories);
    for (const id of sharedTokenSources(manifest))
      await checkSameTokens(job.target, beside.get(id)?.directory ?? '');
    const checkpoints = new Map([...beside].map(([id, source]) => [id as string, source]));
    const load = async (one: typeof manifest): Promise<ResolvedIntervention> =>
      loadIntervention(job.intervention, one, checkpoint, checkpoints);
    const resolved = await load(manifest);
    const companion = affineCompanion(manifest);
    const treated = await realise(resolved, checkpoint);
    const affine = companion === null ? null : await realise(await load(companion), checkpoint);
    const controls: RealisedIntervention[] = [];
    for (const seed of job.controlSeeds)
      controls.push(await realise(randomControl(resolved, seed), checkpoint));

    const maps = await comparable(
      await loadMaps(job.intervention, manifest, checkpoint, checkpoints),
      checkpoint,
      beside,
    );

    await using opened = new AsyncDisposableStack();
    const sources = new Map<ContentId, Reader>();
    for (const [id, source] of beside) {
      const options = await defaultOptions(source, job, decodes);
      const own = maps.filter((map) => map.source === id).map(({ sourcePoint }) => sourcePoint.name);
      const { points } = openingsOf(treated, id);
      const model = opened.use(await Model.load(source, { points: [...points, ...own] }, options));
      sources.set(id, { model, speller: await Tokenizer.load(source.directory) });
    }
    const options = await defaultOptions(checkpoint, job, decodes);
    const model = opened.use(await Model.load(checkpoint, openingsOf(treated, null), options));
    const target = { checkpoint, tokenizer, model, options };
    return new Workbench({ target, treated, affine, controls, maps }, sources, opened.move());
  }

  /** How well the maps between the two models fit on these prompts, where the source is at hand and has the same tokens. */
  fitMaps(prompts: readonly (readonly number[])[]): Promise<readonly MapFit[]> {
    return measureMaps(this.#maps, this.#readers, prompts);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#models.disposeAsync();
  }
}

interface Parts {
  readonly target: {
    readonly checkpoint: Checkpoint;
    readonly tokenizer: Tokenizer;
    readonly model: Model;
    readonly options: EngineOptions;
  };
  readonly treated: RealisedIntervention;
  readonly affine: RealisedIntervention | null;
  readonly controls: readonly RealisedIntervention[];
  readonly maps: readonly PlacedMap[];
}

/** Those whose source reads the target's tokens as they are. */
async function comparable(
  maps: readonly PlacedMap[],
  target: Checkpoint,
  sources: ReadonlyMap<ContentId, Checkpoint>,
): Promise<readonly PlacedMap[]> {
  const same = new Set<ContentId>();
  for (const [id, { directory }] of sources)
    if (maps.some(({ source }) => source === id) && (await haveSameTokens(target.directory, directory)))
      same.add(id);
  return maps.filter(({ source }) => same.has(source));
}

async function openSources(
  needed: readonly ContentId[],
  directories: Readonly<Record<string, string>>,
): Promise<ReadonlyMap<ContentId, Checkpoint>> {
  const out = new Map<ContentId, Checkpoint>();
  for (const id of needed) {
    const directory = Object.hasOwn(directories, id) ? directories[id] : undefined;
    if (directory === undefined)
      throw new OversightError('intervention-invalid', `the source ${id} is not here`, {
        details: { reason: 'source-missing' },
      });
    out.set(id, await openCheckpoint(directory));
  }
  return out;
}
