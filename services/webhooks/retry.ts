import type { Answer } from './post.ts';

/** spec 09-events §7 */
const FIRST_RETRY_MS = 5_000;
const LAST_RETRY_MS = 1_800_000;
/** What a subscriber may ask for: a mistake in its header costs it a day, not the three after which all is given up. */
const ASKED_LIMIT_MS = 86_400_000;
/** RFC 9110 §15.5, RFC 6585 §4: the answers with which it means something here. */
const ASKING = [429, 503];
/** RFC 9110 §5.6.7: the one form that senders may write. */
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/**
 * How long to wait before the next try, in milliseconds: twice as long each time, and no less than the subscriber asked
 * for. @param attempts that have failed, this one among them @param answer null: none came
 */
export function retryMs(attempts: number, answer: Answer | null, nowMs: number): number {
  const backOff = Math.min(FIRST_RETRY_MS * 2 ** (attempts - 1), LAST_RETRY_MS);
  return Math.max(backOff, askedMs(answer, nowMs));
}

/** RFC 9110 §10.2.3: seconds, or a date. What is neither asks for nothing. */
function askedMs(answer: Answer | null, nowMs: number): number {
  if (answer === null || answer.retryAfter === null || !ASKING.includes(answer.status)) return 0;
  const text = answer.retryAfter.trim();
  if (/^\d{1,10}$/.test(text)) return Math.min(Number(text) * 1_000, ASKED_LIMIT_MS);
  const date = HTTP_DATE.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? 0 : Math.min(Math.max(0, date - nowMs), ASKED_LIMIT_MS);
}
