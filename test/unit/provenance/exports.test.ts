import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { toCycloneDx, toSpdx } from '../../../protocols/provenance/index.ts';
import { BARE, DESCRIBED } from '../../support/described-model.ts';

const fixture = (path: string): Record<string, unknown> =>
  JSON.parse(readFileSync(new URL(`../../fixtures/${path}`, import.meta.url), 'utf8'));
const schema = (name: string) => fixture(`cyclonedx/${name}.schema.json`);

/** The schemas refer to one another by file name. */
function cycloneDx() {
  const ajv = new Ajv({ strict: false, allErrors: true });
  formats.default(ajv);
  // formats of draft 2019-09 that ajv-formats leaves out; nothing we write has them
  for (const format of ['iri-reference', 'idn-email']) ajv.addFormat(format, true);
  for (const name of ['spdx', 'jsf-0.82'])
    ajv.addSchema(schema(name), `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`);
  return ajv.compile({
    ...schema('bom-1.6'),
    $id: 'http://cyclonedx.org/schema/bom-1.6.SNAPSHOT.schema.json',
  });
}

const MODELS = [
  ['whole', DESCRIBED],
  ['bare', BARE],
] as const;

describe('CycloneDX', () => {
  it.each(MODELS)('the official schema takes it: %s', (_what, model) => {
    const validate = cycloneDx();
    validate(toCycloneDx(model));
    expect(validate.errors).toBeNull();
    // and the schema is one that refuses
    expect(validate({ ...toCycloneDx(model), components: [{ type: 'model', name: 'x' }] })).toBe(false);
  });

  it('names the CID, the parameters and every file with its digest', () => {
    const text = JSON.stringify(toCycloneDx(DESCRIBED));
    for (const said of [DESCRIBED.cid, '314048', '1'.repeat(64), 'scripts/train é.py'])
      expect(text).toContain(said);
  });
});

describe('SPDX', () => {
  const validate = new Ajv2020({ strict: false, allErrors: true }).compile(fixture('spdx/schema-3.0.1.json'));

  it.each(MODELS)('the official schema takes it: %s', (_what, model) => {
    const document = toSpdx(model) as { '@graph': readonly object[] };
    validate(document);
    expect(validate.errors).toBeNull();
    // and the schema is one that refuses
    const withMore = document['@graph'].map((each) => ({ ...each, note: 'x' }));
    expect(validate({ ...document, '@graph': withMore })).toBe(false);
  });

  it('refers to nothing that it does not hold', () => {
    const { '@graph': graph } = toSpdx(DESCRIBED) as { '@graph': Record<string, unknown>[] };
    const ids = new Set(graph.flatMap((each) => each['spdxId'] ?? each['@id']));
    for (const key of ['from', 'to', 'rootElement', 'element', 'suppliedBy', 'createdBy', 'creationInfo'])
      for (const id of graph.flatMap((each) => each[key] ?? [])) expect(ids).toContain(id);
    expect(ids.size).toBe(graph.length);
  });
});
