import type { AnalogEntry } from '../record/index.ts';
import type { Case } from './case.ts';
import { type Finding, fact, met, notMet, pending } from './result.ts';

/** What every clause about an analog says while there is none. */
export function withoutAnalog({ at, clock }: Case): Finding {
  return at < clock.ends ? pending('analog-awaited', clock.ends) : notMet('analog-missing');
}

/** spec 18-oversight §4, M1 */
export function judgeRelease(given: Case, analog: AnalogEntry | null): Finding {
  return analog === null ? withoutAnalog(given) : met('analog-there', fact('analog', analog.name, analog));
}

/** spec 18-oversight §4, M7 */
export function judgeWindow(given: Case, analog: AnalogEntry | null): Finding {
  if (analog === null) return withoutAnalog(given);
  const { opens, ends } = given.clock;
  const facts = [
    fact('opens', timeText(opens)),
    fact('ends', timeText(ends)),
    fact('established', timeText(analog.established ?? 0), analog),
  ];
  const came = analog.established ?? ends;
  if (came < opens) return notMet('early', ...facts);
  return came < ends ? met('in-time', ...facts) : notMet('late', ...facts);
}

/** spec 18-oversight §4, M17 */
export function judgeDelay({ at, clock }: Case, analog: AnalogEntry | null): Finding {
  const came = analog?.established ?? at;
  if (came < clock.usualEnd) return met('no-delay');
  const granted = clock.extensions.map((each) => fact('extension', each.body.until, each));
  return came < clock.ends ? met('extended', ...granted) : notMet('delay-not-covered', ...granted);
}

export function timeText(atMs: number): string {
  return new Date(atMs).toISOString();
}
