import { z } from 'zod';
import {
  DEADLINE_DAYS,
  EVENT_TYPES,
  type EventFilter,
  eventFilterOf,
  STANDINGS,
} from '../../protocols/events/index.ts';
import { messageId } from '../../protocols/kinds/index.ts';

export const cursor = z
  .string()
  .regex(/^(0|[1-9][0-9]{0,14})$/, 'a whole number')
  .transform(Number);

/** `messageId` takes anything and refuses what is none. */
const id = z.string().pipe(messageId);
const VALUES_LIMIT = 64;
/** A list in one parameter: values separated by commas. */
const list = <T extends z.ZodType<unknown, string>>(value: T, description: string) =>
  z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(value).max(VALUES_LIMIT))
    .optional()
    .meta({ description: `${description} Separated by commas.` });
const name = z.string().min(1).max(200);

/** A standing filter in the query of an address. spec 09-events §6 */
export const filterQuery = z.object({
  type: list(z.enum(EVENT_TYPES), 'Types without their prefix.'),
  kind: list(z.string().min(1).max(64), 'Kinds of the message behind the event, such as `finding/1`.'),
  lab: list(name, 'Names of the labs whose models it is about.'),
  model: list(id, 'Ids of the frontier releases that it is about.'),
  standing: list(z.enum(STANDINGS), 'What a finding has become.'),
  deadline: list(
    z.enum([...DEADLINE_DAYS.map(String), 'overdue']),
    `Deadlines so many days ahead (${DEADLINE_DAYS.join(', ')}), or \`overdue\`.`,
  ),
  released: z.literal('true').optional().meta({ description: 'Only about models that have been released.' }),
});

export function filterOf(query: z.infer<typeof filterQuery>): EventFilter {
  const { deadline, released } = query;
  return eventFilterOf({ ...query, deadline: deadline?.map(daysOf), released: released !== undefined });
}

function daysOf(text: string): (typeof DEADLINE_DAYS)[number] | 'overdue' {
  return DEADLINE_DAYS.find((days) => String(days) === text) ?? 'overdue';
}
