import { z } from 'zod';
import { slug, text } from './common.ts';

/** The clauses that assessments judge. spec 18-oversight §4 */
export const CLAUSES = [
  'M1',
  'M2',
  'M3',
  'M4',
  'M5',
  'M6',
  'M7',
  'M8',
  'M9',
  'M10',
  'M11',
  'M12',
  'M13',
  'M14',
  'M15',
  'M16',
  'M17',
  'M18',
  'M19',
  'M20',
  'M21',
  'M22',
  'N5',
  'N6',
] as const;
export type ClauseId = (typeof CLAUSES)[number];
export const clauseId = z.enum(CLAUSES);

export const CLAUSE_STATES = ['met', 'not-met', 'pending', 'cannot-be-known'] as const;
export type ClauseState = (typeof CLAUSE_STATES)[number];

/** On what ground a regulator acts. spec 18-oversight §5.1 */
export const ground = {
  /** Of the charter's policy. */
  jurisdiction: slug,
  legalBasis: text(500),
  reason: text(4_000),
} as const;
