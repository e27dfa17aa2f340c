import type { DescribedModel } from './described-model.ts';

/** A CycloneDX 1.6 bill of materials with one model. spec 17-releases §5 */
export function toCycloneDx(model: DescribedModel): object {
  const { architecture, modelType, task } = model;
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      timestamp: model.created,
      supplier: { name: model.supplier },
      component: {
        type: 'machine-learning-model',
        'bom-ref': model.cid,
        supplier: { name: model.supplier },
        name: model.name,
        version: model.version,
        licenses: [{ license: { id: model.licence } }],
        externalReferences: [{ type: 'distribution', url: `ipfs://${model.cid}` }],
        modelCard: {
          modelParameters: {
            ...(task === null ? {} : { task }),
            architectureFamily: modelType,
            ...(architecture === null ? {} : { modelArchitecture: architecture }),
          },
          considerations: {
            ...(model.intendedUse === null ? {} : { useCases: [model.intendedUse] }),
            ...(model.limits === null ? {} : { technicalLimitations: [model.limits] }),
          },
        },
        properties: [
          { name: 'analog-oversight:cid', value: model.cid },
          { name: 'analog-oversight:cid-profile', value: model.profile },
          { name: 'analog-oversight:parameters', value: String(model.parameters) },
        ],
      },
    },
    components: model.files.map(({ path, sha256 }) => ({
      type: 'file',
      'bom-ref': `${model.cid}/${path}`,
      name: path,
      hashes: [{ alg: 'SHA-256', content: sha256 }],
    })),
    dependencies: [{ ref: model.cid, dependsOn: model.files.map(({ path }) => `${model.cid}/${path}`) }],
  };
}
