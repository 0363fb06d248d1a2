/** How fast bytes go, and how long the rest takes. Pure: the caller brings the clock. */

interface Sample {
  readonly at_ms: number;
  readonly sent_bytes: number;
}

/** The last seconds count: connections change. */
const WINDOW_MS = 8000;
/** Before that, a figure would only jump about. */
const LEAST_MS = 700;

export class Pace {
  #samples: readonly Sample[] = [];

  /** After a break, or when bytes begin anew. */
  reset(): void {
    this.#samples = [];
  }

  note(at_ms: number, sent_bytes: number): void {
    const recent = this.#samples.filter((each) => at_ms - each.at_ms <= WINDOW_MS);
    this.#samples = [...recent, { at_ms, sent_bytes }];
  }

  /** Undefined until it can be told. */
  get bytesPerSecond(): number | undefined {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (first === undefined || last === undefined) return undefined;
    const passed_ms = last.at_ms - first.at_ms;
    if (passed_ms < LEAST_MS || last.sent_bytes <= first.sent_bytes) return undefined;
    return ((last.sent_bytes - first.sent_bytes) / passed_ms) * 1000;
  }

  /** Seconds until all is sent, whole and at least one; undefined until it can be told. */
  secondsLeft(size_bytes: number): number | undefined {
    const [speed, last] = [this.bytesPerSecond, this.#samples.at(-1)];
    if (speed === undefined || last === undefined) return undefined;
    return Math.max(1, Math.ceil((size_bytes - last.sent_bytes) / speed));
  }
}
