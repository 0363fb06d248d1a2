/** Follows the bytes of a video that is analysed while it is uploaded; no event tells of them. */

import type { Analysis } from "../api/api-types";

/** Over slow connections bytes come in bursts; after so long without any, something is wrong. */
export const QUIET_MS = 8000;
/** Between two looks. */
const LOOK_MS = 2000;

type Bytes = Pick<Analysis, "state" | "received_bytes" | "size_bytes">;

/** Whether bytes are still to come, and the analysis goes as far as they reach. */
export function isArriving({ state, received_bytes, size_bytes }: Bytes): boolean {
  return (state === "QUEUED" || state === "RUNNING") && received_bytes < size_bytes;
}

/** Tells a video that comes from one whose bytes have stopped coming. Pure: the caller brings the clock. */
export class Flow {
  #received_bytes = -1;
  #since_ms = 0;

  /** @returns whether the rest is waited for in vain. */
  note(analysis: Bytes, now_ms: number): boolean {
    if (analysis.received_bytes !== this.#received_bytes) {
      this.#received_bytes = analysis.received_bytes;
      this.#since_ms = now_ms;
    }
    return isArriving(analysis) && now_ms - this.#since_ms >= QUIET_MS;
  }
}

/** Looks again and again as long as bytes are to come. */
export class Arrival {
  isStalled = false;
  #flow = new Flow();
  #timer: number | undefined;
  readonly #look: () => Promise<Analysis>;
  readonly #news: (analysis: Analysis) => void;

  constructor(look: () => Promise<Analysis>, news: (analysis: Analysis) => void) {
    this.#look = look;
    this.#news = news;
  }

  /** Takes what is known now; looks by itself from then on. */
  follow(analysis: Analysis): void {
    this.isStalled = this.#flow.note(analysis, performance.now());
    this.stop();
    if (isArriving(analysis)) this.#timer = window.setTimeout(() => void this.#again(), LOOK_MS);
  }

  stop(): void {
    window.clearTimeout(this.#timer);
  }

  async #again(): Promise<void> {
    const timer = this.#timer;
    try {
      const analysis = await this.#look();
      // Meanwhile it was told of otherwise, or nobody looks any more.
      if (timer === this.#timer) this.#news(analysis);
    } catch {
      // Those who follow its events tell that the connection is lost, or that it is gone.
      if (timer === this.#timer) this.#timer = window.setTimeout(() => void this.#again(), LOOK_MS);
    }
  }
}
