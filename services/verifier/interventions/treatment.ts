import type {
  ActivationEdit,
  Operation,
  PointName,
  Read,
  VectorMap,
} from '../../../protocols/artifacts/index.ts';
import { OversightError } from '../../../protocols/base/errors.ts';
import type { ContentId } from '../../../protocols/base/ids.ts';
import type { Model } from '../engine/model.ts';
import { type ApplyEdit, type BoundOperation, compileOperation } from './apply.ts';
import { type DerivedContrast, type DerivedContrasts, deriveContrast, type Reader } from './contrast.ts';
import { type Selection, select } from './positions.ts';
import { type Look, looksOf } from './readings.ts';
import type { RealisedIntervention } from './realise.ts';
import { type LowRankEdits, mergeWeightEdits } from './side-weights.ts';

/** An activation of another model that an edit puts in. */
export interface GivenActivation {
  readonly source: ContentId;
  readonly point: PointName;
  readonly map: VectorMap | null;
}

/** One edit in one prompt. */
export interface BoundEdit {
  /** What the ledger calls it. */
  readonly name: string;
  readonly point: PointName;
  readonly selection: Selection;
  readonly apply: ApplyEdit;
  readonly given: GivenActivation | null;
}

/** One read in one prompt. */
export interface BoundRead {
  readonly read: Read;
  readonly looks: readonly Look[];
  readonly selection: Selection;
}

/** What one condition does to the rows of one prompt. */
export interface BoundPrompt {
  readonly edits: readonly BoundEdit[];
  readonly reads: readonly BoundRead[];
  readonly weights: LowRankEdits | null;
}

/** Models that a re-run reads: the target itself and the sources that the intervention names. */
export interface Readers {
  readonly target: Reader;
  readonly sources: ReadonlyMap<ContentId, Reader>;
}

/** A condition of a re-run: an intervention over the models it needs. Null, elsewhere, is the unedited model. */
export class Treatment {
  readonly intervention: RealisedIntervention;
  readonly #readers: Readers;
  readonly #weights: LowRankEdits | null;

  constructor(intervention: RealisedIntervention, readers: Readers) {
    this.intervention = intervention;
    this.#readers = readers;
    this.#weights = intervention.weights.length === 0 ? null : mergeWeightEdits(intervention.weights);
  }

  get changesWeights(): boolean {
    return this.#weights !== null;
  }

  sourceModel(id: ContentId): Model {
    return this.#source(id).model;
  }

  /**
   * Where and how this condition acts in one prompt.
   * @throws OversightError `intervention-invalid` where a position it names is not in the prompt, or its vectors do not
   * fit the positions.
   * @param derived contrasts of this batch, which conditions share
   */
  async bind(prompt: readonly number[], derived: DerivedContrasts): Promise<BoundPrompt> {
    const edits: BoundEdit[] = [];
    for (const [index, edit] of this.intervention.edits.entries())
      edits.push(await this.#bindEdit(edit, `edit ${index}`, prompt, derived));
    const { speller } = this.#readers.target;
    const reads = this.intervention.reads.map((read) => ({
      read,
      looks: looksOf(read.source),
      selection: select(read.positions, prompt, speller),
    }));
    return { edits, reads, weights: this.#weights };
  }

  async #bindEdit(
    { point, positions, operation }: ActivationEdit,
    name: string,
    prompt: readonly number[],
    derived: DerivedContrasts,
  ): Promise<BoundEdit> {
    const contrast = await this.#derive(operation, prompt, derived);
    const selection = select(positions, prompt, this.#readers.target.speller, contrast?.tokens);
    const apply = compileOperation(bindOperation(operation, contrast));
    checkRows(operation, selection, prompt.length);
    return { name, point: point.name, selection, apply, given: givenOf(operation) };
  }

  /** The prompt's own vectors, where the operation derives some. */
  async #derive(
    operation: Operation,
    prompt: readonly number[],
    derived: DerivedContrasts,
  ): Promise<DerivedContrast | null> {
    if (operation.kind === 'displace') return this.#derive(operation.of, prompt, derived);
    if (operation.kind !== 'add-contrast') return null;
    const known = derived.get(operation) ?? new Map<readonly number[], DerivedContrast | null>();
    derived.set(operation, known);
    const earlier = known.get(prompt);
    if (earlier !== undefined) return earlier;
    const { target } = this.#readers;
    const source = operation.source === null ? target : this.#source(operation.source);
    const contrast = await deriveContrast(operation, prompt, target.speller, source);
    known.set(prompt, contrast);
    return contrast;
  }

  #source(id: ContentId): Reader {
    const source = this.#readers.sources.get(id);
    if (source === undefined) throw new TypeError(`a treatment without its source ${id}`);
    return source;
  }
}

function bindOperation(operation: Operation, contrast: DerivedContrast | null): BoundOperation {
  switch (operation.kind) {
    case 'add-contrast': {
      const { coefficient, restoreNorm } = operation;
      return { kind: 'add', coefficient, restoreNorm, rows: contrast?.rows ?? [] };
    }
    case 'replace-from-model':
      return { kind: 'replace-with-given' };
    case 'displace':
      return { ...operation, of: bindOperation(operation.of, contrast) };
    default:
      return operation;
  }
}

function givenOf(operation: Operation): GivenActivation | null {
  if (operation.kind === 'displace') return givenOf(operation.of);
  if (operation.kind !== 'replace-from-model') return null;
  return { source: operation.source, point: operation.point.name, map: operation.map };
}

/** Row i belongs to the i-th position: as many of one as of the other, or none selected. */
function checkRows(operation: Operation, { prompt, generated }: Selection, length: number): void {
  const rows = rowsOf(operation);
  if (rows.length <= 1) return;
  if (prompt.length === 0 && !generated) return;
  if (generated || prompt.length !== rows.length)
    throw new OversightError(
      'intervention-invalid',
      `${rows.length} vectors for ${prompt.length} positions of a prompt of ${length} tokens`,
      { details: { reason: 'positions-mismatch' } },
    );
}

function rowsOf(operation: Operation): readonly Float64Array[] {
  if (operation.kind === 'displace') return rowsOf(operation.of);
  return operation.kind === 'add' ? operation.rows : [];
}
