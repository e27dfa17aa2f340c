import type { DescribedModel } from './described-model.ts';

const CREATION = '_:creation';

/** An SPDX 3.0.1 document of the AI profile, in JSON-LD. spec 17-releases §5 */
export function toSpdx(model: DescribedModel): object {
  const id = (name: string) => `ipfs://${model.cid}#${name}`;
  const element = (type: string, name: string) => ({ type, spdxId: id(name), creationInfo: CREATION });
  const relationship = (relationshipType: string, name: string, to: readonly string[]) => ({
    ...element('Relationship', name),
    relationshipType,
    from: id('model'),
    to,
  });
  const files = model.files.map(({ path, sha256 }) => ({
    ...element('software_File', `file/${encodeURI(path)}`),
    name: path,
    verifiedUsing: [{ type: 'Hash', algorithm: 'sha256', hashValue: sha256 }],
  }));
  const elements = [
    { ...element('Organization', 'supplier'), name: model.supplier },
    {
      ...element('ai_AIPackage', 'model'),
      name: model.name,
      software_packageVersion: model.version,
      software_downloadLocation: `ipfs://${model.cid}`,
      software_primaryPurpose: 'model',
      suppliedBy: id('supplier'),
      releaseTime: model.created,
      ai_typeOfModel: [model.architecture ?? model.modelType],
      ...(model.training === null ? {} : { ai_informationAboutTraining: model.training }),
      ...(model.intendedUse === null ? {} : { ai_informationAboutApplication: model.intendedUse }),
      ...(model.limits === null ? {} : { ai_limitation: model.limits }),
      ai_hyperparameter: [{ type: 'DictionaryEntry', key: 'parameters', value: String(model.parameters) }],
      externalIdentifier: [
        {
          type: 'ExternalIdentifier',
          externalIdentifierType: 'other',
          identifier: model.cid,
          comment: `CID of the directory, UnixFS profile ${model.profile}`,
        },
      ],
    },
    ...files,
    {
      ...element('simplelicensing_LicenseExpression', 'licence'),
      simplelicensing_licenseExpression: model.licence,
    },
    relationship(
      'contains',
      'contains',
      files.map(({ spdxId }) => spdxId),
    ),
    relationship('hasDeclaredLicense', 'declared', [id('licence')]),
    relationship('hasConcludedLicense', 'concluded', [id('licence')]),
  ];
  return {
    '@context': 'https://spdx.org/rdf/3.0.1/spdx-context.jsonld',
    '@graph': [
      {
        type: 'CreationInfo',
        '@id': CREATION,
        specVersion: '3.0.1',
        created: model.created,
        createdBy: [id('supplier')],
      },
      {
        ...element('SpdxDocument', 'document'),
        profileConformance: ['core', 'software', 'ai', 'simpleLicensing'],
        rootElement: [id('model')],
        element: elements.map(({ spdxId }) => spdxId),
      },
      ...elements,
    ],
  };
}
