import { describe, expect, it } from 'vitest';
import { toHex } from '../../../protocols/base/bytes.ts';
import type { PlainObject } from '../../../protocols/base/plain.ts';
import { withhold } from '../../../protocols/disclosure/index.ts';
import { deriveKey, publicKeys } from '../../../protocols/identity/derive.ts';
import { checkBody } from '../../../protocols/kinds/index.ts';
import type { Message } from '../../../protocols/message/index.ts';
import { reportHtml, reportOn } from '../../../protocols/oversight/index.ts';
import { RecordFold } from '../../../protocols/record/index.ts';
import { Author, charterOf } from '../../support/federation.ts';
import { SEALED_COPY } from '../../support/oversight/bodies.ts';
import { frontierNotice, ModelCase, time, WITHHELD } from '../../support/oversight/model-case.ts';

const charter = charterOf();
const SALT = new Uint8Array(32).fill(1);
const REGULATOR = publicKeys(new Uint8Array(32).fill(8)).sealing;

function federation() {
  const lab = new Author('example-lab', charter.id);
  const { author } = lab.branch('charter/1', {});
  const seal = (body: PlainObject, field: string, kind = 'frontier-release/1') => {
    const draw = { ephemeralSecret: deriveKey(SALT, 'nats'), nonce: new Uint8Array(24) };
    const done = withhold(
      { federation: charter.id, author, kind, body },
      {
        field,
        reason: 'trade-secret',
        retainedUntil: '2036-12-31',
        salt: SALT,
        readers: [{ to: REGULATOR, ...draw }],
      },
    );
    if (!done.ok) throw new TypeError(done.detail);
    expect(checkBody(kind, done.value.body)).toBeNull();
    return done.value;
  };
  return { lab, seal };
}

function recordOf(messages: readonly Message[]) {
  const fold = new RecordFold(charter);
  for (const message of messages) fold.add(message);
  return fold.record();
}
const reveal = (message: Message, field: string, value: PlainObject[string], salt = SALT) => ({
  message: message.id,
  fields: [{ field, salt: toHex(salt), value }],
});

describe('the record of what is withheld', () => {
  it('has every field, at any depth, each with its reason, commitment and readers', () => {
    const { lab, seal } = federation();
    const { body, commitment } = seal(
      { ...frontierNotice(), extra: { deep: [WITHHELD] } },
      '/model/parameters',
    );
    const release = lab.say('frontier-release/1', body);
    const reply = lab.say('reply/1', { to: release.id, text: WITHHELD, attachments: [WITHHELD] });
    const { frontierReleases, statements } = recordOf([release, reply]);
    expect(frontierReleases[0]).toMatchObject({
      parameters: null,
      withheld: [
        { field: '/extra/deep/0', reason: 'trade-secret', commitment: null, sealedTo: [], opened: null },
        { field: '/model/parameters', retainedUntil: '2036-12-31', commitment, sealedTo: [REGULATOR] },
      ],
    });
    expect(statements[0]?.withheld?.map(({ field }) => field)).toEqual(['/attachments/0', '/text']);
  });

  it('says who could open it later, and what it was once that is told', () => {
    const { lab, seal } = federation();
    const release = lab.say('frontier-release/1', seal(frontierNotice(), '/model/parameters').body);
    const later = { field: '/model/parameters', sealed: [SEALED_COPY] };
    const more = lab.say('disclosure/1', { message: release.id, fields: [later] });
    const told = lab.say('disclosure/1', reveal(release, '/model/parameters', 10_000_000));
    const [entry] = recordOf([release, more]).frontierReleases;
    expect(entry?.withheld).toMatchObject([{ sealedTo: [REGULATOR, SEALED_COPY.to].sort(), opened: null }]);
    const [after] = recordOf([told, more, release]).frontierReleases;
    expect(after).toMatchObject({
      parameters: null,
      withheld: [{ opened: { id: told.id, established: null, value: 10_000_000 } }],
    });
  });

  it.each([
    ['another value', '/model/parameters', 10_000_001, SALT],
    ['another salt', '/model/parameters', 10_000_000, SALT.with(0, 2)],
    ['another field', '/training', 10_000_000, SALT],
  ])('does not take %s for the opening', (_, field, value, salt) => {
    const { lab, seal } = federation();
    const release = lab.say('frontier-release/1', seal(frontierNotice(), '/model/parameters').body);
    const told = lab.say('disclosure/1', reveal(release, field, value, salt));
    expect(recordOf([release, told]).frontierReleases[0]?.withheld).toMatchObject([{ opened: null }]);
  });

  it('does not take it from another member, nor a value that the field cannot have', () => {
    const { lab, seal } = federation();
    const right = lab.say('frontier-release/1', seal(frontierNotice(), '/model/parameters').body);
    const odd = {
      ...frontierNotice(),
      model: { ...(frontierNotice()['model'] as PlainObject), parameters: 'many' },
    };
    const wrong = lab.say('frontier-release/1', seal(odd, '/model/parameters').body);
    const messages = [
      right,
      wrong,
      new Author('example-regulator', charter.id).say(
        'disclosure/1',
        reveal(right, '/model/parameters', 10_000_000),
      ),
      lab.say('disclosure/1', reveal(wrong, '/model/parameters', 'many')),
    ];
    const { frontierReleases } = recordOf(messages);
    expect(frontierReleases.map(({ withheld }) => withheld[0]?.opened)).toEqual([null, null]);
  });
});

it('a report counts what is withheld in all that is said of a model, and says why', () => {
  const model = new ModelCase();
  const { body } = model.withhold('/model/parameters', SALT, { ...frontierNotice(), training: WITHHELD });
  model.releaseFrontier(body).releaseAnalog({ training: WITHHELD }).report({ costs: WITHHELD });
  const report = reportOn(model.world.dossiers(), model.frontier, model.world.policyOf, time('2026-05-01'));
  expect(report?.withheld.map(({ kind, field, reason }) => [kind, field, reason])).toEqual([
    ['frontier-release/1', '/model/parameters', 'trade-secret'],
    ['frontier-release/1', '/training', 'trade-secret'],
    ['analog-release/1', '/training', 'trade-secret'],
    ['compliance-report/1', '/costs', 'trade-secret'],
  ]);
  expect(report === null ? '' : reportHtml(report)).toContain(
    '<dd>4: /model/parameters of frontier-release/1',
  );
});
