/** When to ask for the analysis of a video that is still being sent. Pure: the caller brings the calls. */

import type { Analysis } from "../api/api-types";

const MIB = 2 ** 20;
/** As soon as so much is sent; a refusal may be due to the moment, so it is asked again later. */
const MARKS_BYTES = [MIB, 8 * MIB, 32 * MIB] as const;
/** What was sent may still be on its way, or wait for its block to be full. */
const ON_ITS_WAY_BYTES = MIB;

export class EarlyWish {
  #marks: readonly number[];
  #asking: Promise<Analysis | undefined> = Promise.resolve(undefined);
  #isAsking = false;
  readonly #ask: () => Promise<Analysis>;
  readonly #begun: (analysis: Analysis) => void;

  /**
   * @param index_bytes what the gateway needs to begin at all, index or beginning; undefined if it never can.
   * @param ask rejects if it cannot begin yet.
   * @param begun told once, when it has.
   */
  constructor(
    index_bytes: number | undefined,
    ask: () => Promise<Analysis>,
    begun: (analysis: Analysis) => void,
  ) {
    const least = (index_bytes ?? Infinity) + ON_ITS_WAY_BYTES;
    const marks = MARKS_BYTES.map((mark) => Math.max(mark, least));
    this.#marks = marks.filter((mark, i) => mark !== marks[i - 1] && mark < Infinity);
    this.#ask = ask;
    this.#begun = begun;
  }

  /** How much is sent by now. One question at a time, and none after the answer. */
  note(sent_bytes: number): void {
    const due = this.#marks.some((mark) => mark <= sent_bytes);
    if (!due || this.#isAsking) return;
    this.#marks = this.#marks.filter((mark) => mark > sent_bytes);
    this.#isAsking = true;
    this.#asking = this.#answer();
  }

  /** The analysis that has begun, if one has; waits for an answer that is on its way. */
  settled(): Promise<Analysis | undefined> {
    return this.#asking;
  }

  async #answer(): Promise<Analysis | undefined> {
    try {
      const analysis = await this.#ask();
      this.#marks = [];
      this.#begun(analysis);
      return analysis;
    } catch {
      // Whatever it is, the complete upload will tell.
      return undefined;
    } finally {
      this.#isAsking = false;
    }
  }
}
