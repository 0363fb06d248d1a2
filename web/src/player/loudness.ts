/** How loud the viewer wants it, times the short fades around jumps. */

import type { Range } from "../model/ranges";
import { fadeOut } from "./skip";

/** Long enough not to click, too short to hear as silence. */
const FADE_S = 0.08;

export class Loudness {
  readonly #video: HTMLMediaElement;
  #level = 1;
  #arrival_ms = 0;

  constructor(video: HTMLMediaElement) {
    this.#video = video;
  }

  /** 0 to 1. */
  get level(): number {
    return this.#level;
  }

  set level(level: number) {
    this.#level = Math.min(1, Math.max(0, level));
    this.#video.muted = this.#level === 0;
    this.scale(1);
  }

  /** A jump has arrived: the fade in begins now. */
  arrive(): void {
    this.#arrival_ms = performance.now();
  }

  /** Follows the fade in since the last arrival, and the fade out towards the end of a range. */
  follow(ranges: readonly Range[], time_s: number): void {
    const fadeIn = (performance.now() - this.#arrival_ms) / (FADE_S * 1000);
    this.scale(Math.min(fadeIn, fadeOut(ranges, time_s, FADE_S)));
  }

  /** Applies a factor to the level; 0 is silence. */
  scale(factor: number): void {
    this.#video.volume = this.#level * Math.min(1, Math.max(0, factor));
  }
}
