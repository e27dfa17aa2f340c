import type { z } from 'zod';
import type { ErrorCode } from '../../../protocols/base/errors.ts';

/** Who may: `open` anyone, whatever the configuration; `read` anyone, or who has a token where reads are guarded. */
export type Access = 'open' | 'read' | 'owner';

/** One media type of an answer; null where it is bytes or text that no JSON Schema describes. */
export type Content = Readonly<Record<string, z.ZodType | null>>;

export interface Answer {
  readonly description: string;
  /** Left out: no body. */
  readonly content?: Content;
}

/** One route as it is checked and as it is described: what validates a request is what documents it. */
export interface Operation<
  P extends z.ZodObject = z.ZodObject,
  Q extends z.ZodObject = z.ZodObject,
  B extends z.ZodType = z.ZodType,
> {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** As Fastify takes it: `/messages/:id`. */
  readonly url: string;
  readonly id: string;
  readonly tag: Tag;
  readonly summary: string;
  readonly access: Access;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  /** Request headers that change the answer, by name, with what each does. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly answers: Readonly<Record<number, Answer>>;
  /** Refusals of this route's own, beside those that any may answer with. */
  readonly refuses?: readonly ErrorCode[];
  readonly bodyLimitBytes?: number;
  /** Whether HEAD answers like GET without a body. Default true for GET. */
  readonly hasHead?: boolean;
}

export const TAGS = {
  node: 'The node: how it is, what it measures, its documents.',
  record: 'What the messages of the federation come to.',
  oversight: 'Models against the policy, clause by clause, and what is due.',
  messages: 'Single messages, read and published.',
  feeds: 'Feeds as transparency logs (C2SP).',
  content: 'Checkpoints and other content.',
  events: 'What happens, as it happens.',
  subscriptions: 'Webhooks.',
} as const;
export type Tag = keyof typeof TAGS;
