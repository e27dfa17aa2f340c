import { clean, clip, WIDTH } from '../../services/cli/terminal.ts';

/** What the demo prints: numbered steps with their times, facts under them, events as they come. */
export class Screen {
  readonly #steps: number;
  readonly #print: (line: string) => void;
  #step = 0;

  constructor(steps: number, print: (line: string) => void) {
    this.#steps = steps;
    this.#print = print;
  }

  line(text = ''): void {
    this.#print(clip(text, WIDTH));
  }

  fact(text: string): void {
    this.line(`      ${text}`);
  }

  event(text: string): void {
    this.line(`      | ${clean(text)}`);
  }

  /** Runs one step; its time stands in the line that ends it. */
  async step<T>(title: string, work: () => Promise<T>): Promise<T> {
    this.#step += 1;
    this.line(`[${this.#step}/${this.#steps}] ${title}`);
    const start = performance.now();
    const result = await work();
    this.fact(`done in ${((performance.now() - start) / 1_000).toFixed(1)} s`);
    this.line();
    return result;
  }
}
