import type { MessageId } from '../../../protocols/base/ids.ts';
import { isPlainObject } from '../../../protocols/base/plain.ts';
import { claim, verdictBody } from '../../../protocols/kinds/index.ts';
import { open } from '../../../protocols/message/index.ts';
import { RecordFold, recordDigest } from '../../../protocols/record/index.ts';
import { decide } from '../../../protocols/verdict/index.ts';
import { Author, charterOf, contextOf } from '../federation.ts';
import { mutateData } from '../mutations.ts';
import * as samples from '../samples.ts';
import { shuffled } from '../seed.ts';
import { VALUE_DECISIONS } from '../vectors/verdict-values.ts';
import { type FuzzTarget, must, mustBe, oneOf } from './target.ts';

const charter = charterOf();
const context = contextOf(charter.id);
const reruns = Object.values(samples.RERUNS).map((cells) => samples.rerunOf(cells));
const faithful = samples.rerunOf(samples.RERUNS.faithful);

export const JUDGEMENT_TARGETS: Readonly<Record<string, FuzzTarget>> = {
  decisions: {
    drives: ['protocols/verdict/decide.ts#decide'],
    accepts: true,
    run: (random) => {
      const finding = charter.id as unknown as MessageId;
      const said = verdictBody.safeParse(
        mutateData(samples.verdictBody(finding, 'confirmed', oneOf(reruns, random)), random),
      );
      const claimed = claim.safeParse(mutateData(samples.claimOf(), random));
      const rerun = said.success ? said.data : oneOf(reruns, random);
      const judged = claimed.success ? claimed.data : samples.claimOf();
      const { outcome, reasons } = decide(judged, rerun, samples.POLICY);
      must(['confirmed', 'refuted', 'inconclusive'].includes(outcome), `the outcome ${outcome}`);
      must(reasons.length > 0, 'an outcome without a reason');
      return said.success && claimed.success;
    },
  },
  'decisions on numbers': {
    drives: ['protocols/verdict/decide.ts#decide'],
    accepts: true,
    run: (random) => {
      const { claim: sound, rerun } = oneOf(Object.values(VALUE_DECISIONS), random);
      const claimed = claim.safeParse(mutateData(sound, random));
      const body = samples.verdictBody(charter.id as unknown as MessageId, 'confirmed', faithful);
      const said = verdictBody.safeParse(mutateData({ ...body, ...rerun }, random));
      const judged = claimed.success ? claimed.data : sound;
      const { outcome, reasons } = decide(judged, said.success ? said.data : rerun, samples.POLICY);
      must(['confirmed', 'refuted', 'inconclusive'].includes(outcome), `the outcome ${outcome}`);
      must(reasons.length > 0, 'an outcome without a reason');
      return said.success && claimed.success;
    },
  },
  records: {
    drives: ['protocols/record/fold.ts#RecordFold'],
    accepts: true,
    run: (random) => {
      const [lab, academy, north] = (['example-lab', 'example-academy', 'verifier-north'] as const).map(
        (name) => new Author(name, charter.id),
      ) as [Author, Author, Author];
      const frontier = lab.say('frontier-release/1', samples.frontierBody('frontier'));
      const finding = academy.say('finding/1', samples.findingBody('finding'));
      const pin = academy.say('pin/1', samples.pinBody('checkpoint'));
      const [author, kind, body] = oneOf(
        [
          [lab, 'frontier-release/1', samples.frontierBody('frontier')],
          [lab, 'analog-release/1', samples.analogBody(frontier.id)],
          [academy, 'finding/1', samples.findingBody('finding')],
          [north, 'verdict/1', samples.verdictBody(finding.id, 'confirmed', faithful)],
          [lab, 'pin/1', samples.pinBody('checkpoint')],
          [north, 'pin-check/1', samples.pinCheckBody([{ pin: pin.id }])],
        ] as const,
        random,
      );
      const changed = mutateData(body, random);
      if (!isPlainObject(changed)) return false;
      const opened = open(author.say(kind, changed).wire, context);
      if (!opened.ok) return false;
      const digestOf = (messages: readonly (typeof frontier)[]) => {
        const fold = new RecordFold(charter);
        for (const message of messages) fold.add(message);
        return recordDigest(fold.record());
      };
      const messages = [frontier, finding, pin, opened.value];
      mustBe(digestOf(shuffled(messages, random)), digestOf(messages), 'another order, another record');
      return true;
    },
  },
};
