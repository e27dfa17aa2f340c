/**
 * @typedef {import('./checker/protocol.ts').Questions} Questions
 * @typedef {import('./checker/protocol.ts').CheckResult} CheckResult
 * @typedef {import('./checker/protocol.ts').ShownMessage} ShownMessage
 */

/** The code that checks, in a worker of its own: signatures take time, and the page goes on meanwhile. */
export class Checker {
  /** @type {Worker | null} */
  #worker = null;
  /** @type {Map<number, { readonly resolve: (answer: any) => void, readonly reject: (error: Error) => void }>} */
  #waiting = new Map();
  #last = 0;
  #federation;

  /** @param {string} federation id on which everything hangs */
  constructor(federation) {
    this.#federation = federation;
  }

  /**
   * @template {keyof Questions} T
   * @param {T} topic @param {Questions[T]['ask']} ask @returns {Promise<Questions[T]['answer']>}
   */
  async ask(topic, ask) {
    this.#worker ??= this.#start();
    return this.#send(this.#worker, topic, ask);
  }

  /** Whether the charter that the node gives is that of the federation. @returns {Promise<CheckResult>} */
  async charters() {
    return this.ask('charters', { federation: this.#federation });
  }

  #start() {
    const worker = new Worker('checker.js', { type: 'module' });
    worker.addEventListener('message', ({ data }) => {
      const waiting = this.#waiting.get(data.id);
      this.#waiting.delete(data.id);
      if ('failure' in data) waiting?.reject(new Error(data.failure));
      else waiting?.resolve(data.answer);
    });
    worker.addEventListener('error', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('the checking code did not load'));
      this.#waiting.clear();
    });
    // whatever is asked first, the charter is looked at before it
    this.#send(worker, 'charters', { federation: this.#federation }).catch(() => {}); // asked again where it is shown
    return worker;
  }

  /**
   * @template {keyof Questions} T
   * @param {Worker} worker @param {T} topic @param {Questions[T]['ask']} ask
   * @returns {Promise<Questions[T]['answer']>}
   */
  #send(worker, topic, ask) {
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      worker.postMessage({ id, topic, ask });
    });
  }
}
