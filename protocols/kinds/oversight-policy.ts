import { z } from 'zod';
import { calendarDate, licenceText, magnitude, ppm, slug, text } from './common.ts';

/** What thresholds can be about, all of them declared by the lab. */
const THRESHOLD_MEASURES = ['operations', 'users', 'revenue-usd', 'parameters'] as const;
/** Parts of a release that a federation may ask for. */
export const RELEASE_PARTS = [
  'model-card',
  'data-description',
  'scripts',
  'licence-file',
  'security-evaluation',
  'compliance-report',
] as const;
export type ReleasePart = (typeof RELEASE_PARTS)[number];

const months = z.int().min(0).max(120);

/** spec 18-oversight §1: what a federation asks of labs. Every number is data, with where it comes from. */
export const oversightPolicy = z
  .looseObject({
    /** A model is a frontier model when it reaches one of them. */
    thresholds: z
      .array(
        z.looseObject({
          measure: z.enum(THRESHOLD_MEASURES),
          least: magnitude,
          /** The law or paper it is taken from. */
          source: text(500),
          /** Models deployed from this day on. */
          since: calendarDate,
        }),
      )
      .max(64),
    /** Analog over frontier parameters, both ends included. */
    ratioPpm: z.looseObject({ from: ppm, to: ppm }),
    /** Calendar months after the frontier release. */
    window: z.looseObject({
      fromMonths: months,
      toMonths: months,
      /** Whose calendar days count. */
      utcOffsetMinutes: z.int().min(-720).max(840),
      /** For a rehearsal: the window begins with the release and is this long, instead of months. */
      rehearsalSeconds: z.int().min(1).max(86_400).optional(),
    }),
    /** Months beyond the window that dual-use review may take. */
    extensionMonths: months,
    parts: z.array(z.enum(RELEASE_PARTS)).max(RELEASE_PARTS.length),
    licences: z.array(licenceText).min(1).max(256),
    /** What may be asked of users beyond the licence. */
    restrictions: z.array(slug).max(64),
    evaluation: z.looseObject({ risks: z.array(slug).max(64) }),
    /** Organisations that show copies of the weights (19-pins §3). */
    copies: z.int().min(1).max(64),
    /** After the analog's release. */
    reportDays: z.int().min(0).max(3_650),
    /** After the frontier release; null: no audit is asked for. */
    auditMonths: months.nullable(),
    /** In order of `from`; before the first, releases are voluntary. */
    phases: z.array(z.looseObject({ from: calendarDate, mode: z.enum(['voluntary', 'mandatory']) })).max(64),
    jurisdictions: z.array(z.looseObject({ id: slug, name: text(200), legalBasis: text(500) })).max(64),
  })
  .refine(({ ratioPpm: { from, to } }) => from < to, 'the ratio begins below its end')
  .refine(({ window }) => window.fromMonths <= window.toMonths, 'the window begins before its end')
  .refine(
    ({ phases }) => phases.every(({ from }, i) => i === 0 || (phases[i - 1]?.from ?? '') < from),
    'phases are in order of their first days',
  );
export type OversightPolicy = z.infer<typeof oversightPolicy>;
