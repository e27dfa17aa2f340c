export interface FairQueueLimits {
  /** Tasks at work at once. */
  readonly atWork: number;
  /** Tasks waiting in all lines. */
  readonly waiting: number;
}

interface Task {
  readonly start: () => void;
  readonly shed: () => void;
}

/**
 * Lines of tasks, served in turn, one of each: who sends much waits longer, and nobody waits for it. When all lines
 * together are full, the longest gives up its newest.
 */
export class FairQueue {
  readonly #limits: FairQueueLimits;
  /** In the order of their turns. A line is there only while something waits in it, so there are no more than tasks. */
  readonly #lines = new Map<string, Task[]>();
  #waiting = 0;
  #atWork = 0;

  constructor(limits: FairQueueLimits) {
    this.#limits = limits;
  }

  get waiting(): number {
    return this.#waiting;
  }

  get atWork(): number {
    return this.#atWork;
  }

  /** What the work gives; null when it was given up unbegun. */
  run<T>(line: string, work: () => Promise<T>): Promise<T | null> {
    return new Promise((resolve, reject) => {
      const start = () => {
        this.#atWork += 1;
        work()
          .then(resolve, reject)
          .finally(() => {
            this.#atWork -= 1;
            this.#next();
          });
      };
      const queue = this.#lines.get(line) ?? [];
      queue.push({ start, shed: () => resolve(null) });
      this.#lines.set(line, queue);
      this.#waiting += 1;
      this.#next();
      if (this.#waiting > this.#limits.waiting) this.#shed();
    });
  }

  #next(): void {
    while (this.#atWork < this.#limits.atWork) {
      const [turn] = this.#lines;
      if (turn === undefined) return;
      const [line, queue] = turn;
      const task = queue.shift() as Task;
      this.#waiting -= 1;
      this.#lines.delete(line);
      if (queue.length > 0) this.#lines.set(line, queue); // to the end of the turns
      task.start();
    }
  }

  #shed(): void {
    let longest: [string, Task[]] | null = null;
    for (const entry of this.#lines)
      if (longest === null || entry[1].length > longest[1].length) longest = entry;
    if (longest === null) return;
    const [line, queue] = longest;
    queue.pop()?.shed();
    this.#waiting -= 1;
    if (queue.length === 0) this.#lines.delete(line);
  }
}
