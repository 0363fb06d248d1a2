/** Notices that nothing was heard of something for a while. */

export class Quiet<T extends object> {
  readonly #after_ms: number;
  readonly #tell: (silent: T) => void;
  #timers = new Map<T, ReturnType<typeof setTimeout>>();

  constructor(after_ms: number, tell: (silent: T) => void) {
    this.#after_ms = after_ms;
    this.#tell = tell;
  }

  /** From now on it is listened for. */
  heard(from: T): void {
    this.over(from);
    this.#timers.set(
      from,
      setTimeout(() => this.#tell(from), this.#after_ms),
    );
  }

  /** Nothing more is to be heard of it. */
  over(from: T): void {
    clearTimeout(this.#timers.get(from));
    this.#timers.delete(from);
  }
}
