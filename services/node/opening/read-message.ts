import type { PlainObject } from '../../../protocols/base/plain.ts';
import type { Message } from '../../../protocols/message/index.ts';
import { DeferredMessage } from '../../../protocols/message/index.ts';
import type { EventType } from '../../gateway/ports.ts';
import { eventOf } from '../event-kinds.ts';

/** The event that a message causes; its data as JSON from another thread. */
export interface Told {
  readonly type: EventType;
  readonly data: PlainObject | string;
}

/** A message with its event, from the thread that had its body at hand: here nobody needs to read it. */
export class ReadMessage extends DeferredMessage {
  readonly told: Told;

  constructor(fields: ConstructorParameters<typeof DeferredMessage>[0], told: Told) {
    super(fields);
    this.told = told;
  }
}

export function toldOf(message: Message): Told {
  return message instanceof ReadMessage ? message.told : eventOf(message);
}
