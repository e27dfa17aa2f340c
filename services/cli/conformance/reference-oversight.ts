import { z } from 'zod';
import { isPlainObject, type PlainObject } from '../../../protocols/base/plain.ts';
import { readGenesis } from '../../../protocols/charter/index.ts';
import type { Ed25519 } from '../../../protocols/identity/ed25519.ts';
import { checkBody } from '../../../protocols/kinds/index.ts';
import { open } from '../../../protocols/message/index.ts';
import {
  addMonths,
  assessAll,
  Dossiers,
  formatDay,
  holdersUntilLikelyLeak,
  oversightPolicyOf,
  parseDay,
} from '../../../protocols/oversight/index.ts';
import { RecordFold } from '../../../protocols/record/index.ts';
import { bytes, count, type Operations, operation } from './operation.ts';

/** 18-oversight, and the bodies that it rests on. */
export function oversightOperations(ed25519: Ed25519): Operations {
  return {
    'message.body': operation(
      z.object({ kind: z.string(), body: z.custom<PlainObject>(isPlainObject) }),
      ({ kind, body }) => (checkBody(kind, body) === null ? { accepted: true } : { refused: 'body-invalid' }),
    ),
    'oversight.add-months': operation(z.object({ day: z.iso.date(), months: count }), ({ day, months }) => ({
      to: formatDay(addMonths(parseDay(day), months)),
    })),
    'oversight.holders': operation(z.object({ chancePpm: count }), ({ chancePpm }) => ({
      holders: holdersUntilLikelyLeak(chancePpm),
    })),
    'oversight.assess': operation(
      z.object({ charter: z.unknown(), wires: z.array(bytes), at: count }),
      ({ charter, wires, at }) => {
        const read = readGenesis(charter, ed25519);
        if (!read.ok) return { refused: read.reason };
        const fold = new RecordFold(read.value);
        for (const wire of wires) {
          const opened = open(wire, { federation: read.value.id, ed25519, checkBody });
          if (opened.ok) fold.add(opened.value);
        }
        const policyOf = (version: number) =>
          oversightPolicyOf((fold.charters()[version] ?? fold.charter()).document);
        const models = assessAll(new Dossiers(fold.record()), policyOf, at);
        return {
          models: models.map(({ at: _, clauses, ...model }) => ({
            ...model,
            clauses: clauses.map(({ evidence: _, ...clause }) => clause),
          })),
        };
      },
    ),
  };
}
