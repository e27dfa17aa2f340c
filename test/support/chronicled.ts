import { join } from 'node:path';
import type { PlainObject } from '../../protocols/base/plain.ts';
import type { EventType } from '../../protocols/events/index.ts';
import type { Message } from '../../protocols/message/index.ts';
import { EventLog, Ledger } from '../../services/ledger/index.ts';
import { Chronicle } from '../../services/node/chronicle.ts';
import { Author, charterOf } from './federation.ts';

/** A real ledger and its chronicle in a folder, and the members whose messages they take. */
export class Chronicled implements Disposable {
  readonly charter = charterOf();
  readonly ledger: Ledger;
  readonly log: EventLog<EventType>;
  readonly chronicle: Chronicle;
  readonly faults: unknown[] = [];
  readonly #authors = new Map<string, Author>();

  constructor(folder: string) {
    const path = ledgerPath(folder);
    this.ledger = new Ledger(path);
    this.log = new EventLog<EventType>(path);
    this.chronicle = new Chronicle(this.charter, this.ledger, this.log, (error) => this.faults.push(error));
  }

  author(name: string): Author {
    const author = this.#authors.get(name) ?? new Author(name, this.charter.id);
    this.#authors.set(name, author);
    return author;
  }

  async hear(name: string, kind: string, body: PlainObject): Promise<Message> {
    const message = this.author(name).say(kind, body);
    await this.ledger.append(message, message.issuedAt);
    return message;
  }

  [Symbol.dispose](): void {
    this.log[Symbol.dispose]();
    this.ledger[Symbol.dispose]();
  }
}

export function ledgerPath(folder: string): string {
  return join(folder, 'ledger.sqlite');
}
