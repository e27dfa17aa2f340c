import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { AuditReport, AuditSource } from '../../../protocols/audit/index.ts';
import type { ContentId } from '../../../protocols/base/ids.ts';
import { accept } from '../../../protocols/base/result.ts';
import type { VerdictBody } from '../../../protocols/kinds/index.ts';
import { EmbeddedStore } from '../../../services/checkpoints/index.ts';
import { ABSENT, AuditedFederation, codesOf } from '../../support/audited.ts';
import { freshFolder } from '../../support/fresh-folder.ts';
import { claimOf, findingBody, RERUNS, rerunOf, verdictBody } from '../../support/samples.ts';

const { signal } = new AbortController();
const RERUN = rerunOf(RERUNS.faithful);

/** Directories of artefacts, really stored, and a federation that speaks of them. */
async function scene({ spoilCounts = false } = {}) {
  const store = await EmbeddedStore.open(join(await freshFolder(), 'content'));
  onTestFinished(() => store[Symbol.asyncDispose]());
  const add = async (name: string, content: string) => {
    const folder = join(await freshFolder(), name);
    await mkdir(folder);
    await writeFile(join(folder, name === 'evidence' ? 'evidence.json' : 'data.bin'), content);
    const { cid, profile, sizeBytes } = await store.add(folder, { signal });
    return { cid, profile, sizeBytes };
  };
  const federation = new AuditedFederation();
  // larger than a leaf, so that there is something between its root and its leaves
  const intervention = await add('intervention', 'x'.repeat(1_200_000));
  const suite = await add('suite', 'prompts');
  const evidence = await add('evidence', JSON.stringify(evidenceOf(spoilCounts ? 1 : 0)));
  const finding = federation.say('example-academy', 'finding/1', {
    ...findingBody('a finding', claimOf()),
    intervention,
    suite,
  });
  const verdict = verdictBody(finding.id, 'confirmed', RERUN) as unknown as VerdictBody;
  federation.say('verifier-north', 'verdict/1', { ...verdict, evidence } as never);
  federation.witness();
  const block: AuditSource['block'] = async (cid) => {
    const bytes = await store.block(cid);
    return bytes === null ? ABSENT : accept(bytes);
  };
  const audit = (source: Partial<AuditSource>, elsewhere: readonly Pick<AuditSource, 'block'>[] = []) =>
    federation.audit(federation.source(source), { content: { limitBytes: 10_000_000, elsewhere } });
  return { federation, block, audit, intervention, evidence };
}

/** Outcomes that add up to the counts of RERUN, but for the first run by this much. */
function evidenceOf(more: number) {
  const runs = RERUN.counts.map(({ condition, measure, n, k }, i) => ({
    condition: condition === 'control' ? `control-${i}` : condition,
    measure,
    hook: { expected: 0, applied: 0 },
    results: Array.from({ length: n }, (_, at) => ({
      id: `${at}`,
      outcome: at < k - (i === 0 ? more : 0) ? 1 : 0,
      text: '',
      firstLogProb: 0,
      margin: 0,
    })),
  }));
  const environment = {
    engine: 'analog-oversight/onnx',
    engineVersion: '1',
    runtimes: {},
    provider: 'cpu',
    weights: 'F32',
    dtype: 'float32',
    threads: 1,
    prepacking: true,
    cpu: 'a',
    architecture: 'x64',
    platform: 'linux',
  };
  return { format: 'evidence/1', environment, runs };
}

const contentOf = ({ checks }: AuditReport) => checks.find(({ check }) => check === 'content')?.state;

describe('content', () => {
  it('is read leaf by leaf, and the outcomes in the evidence add up to the counts', async () => {
    const { audit, block } = await scene();
    const report = await audit({ block });
    expect(report.findings).toEqual([]);
    expect(contentOf(report)).toBe('holds');
  });

  it('may be had from anybody', async () => {
    const { audit, block } = await scene();
    expect(codesOf(await audit({}))).toEqual(['block-missing']);
    expect(contentOf(await audit({}, [{ block }]))).toBe('holds');
  });

  it('with one wrong byte in one leaf is told', async () => {
    const { audit, block, intervention } = await scene();
    const seen: ContentId[] = [];
    const lying: AuditSource['block'] = async (cid) => {
      seen.push(cid);
      const answer = await block(cid);
      const isLeaf = seen.includes(intervention.cid) && answer.ok && answer.value.length > 500_000;
      return isLeaf ? accept(answer.value.map((byte, at) => (at === 7 ? byte ^ 1 : byte))) : answer;
    };
    const report = await audit({ block: lying });
    expect(codesOf(report)).toEqual(['block-wrong']);
    expect(contentOf(report)).toBe('broken');
  });

  it('evidence that does not add up is told', async () => {
    const { audit, block, evidence } = await scene({ spoilCounts: true });
    const report = await audit({ block });
    expect(codesOf(report)).toEqual(['counts-wrong']);
    expect(report.findings[0]).toMatchObject({ id: evidence.cid });
  });

  it('beyond the bound is not asked for', async () => {
    const { federation, block } = await scene();
    const report = await federation.audit(federation.source({ block }), {
      content: { limitBytes: 1_000, elsewhere: [] },
    });
    expect(codesOf(report)).toEqual(['bound-reached']);
  });
});
