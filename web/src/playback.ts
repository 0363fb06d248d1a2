/** The media element as the only clock, and the filter applied to it frame by frame. */

import type { LabelledSpan } from "./api-types";
import { EVERYTHING, type Filter } from "./filter";
import { FrameClock } from "./frame-clock";
import { describeSkip, playableRanges, type Range } from "./ranges";
import { Scope } from "./scope";
import { fadeOut, nextStep, playFrom, rangeAt } from "./skip";

/** Length of the fades around a jump; long enough not to click, too short to hear as silence. */
const FADE_S = 0.08;
/** Bounds of the time between two looks at the clock; the first is a 100 Hz screen, the second a busy machine. */
const LOOK_S = { min: 0.01, max: 0.12 };
/** Shorter jumps are not worth a notice. */
const NOTICE_S = 0.25;
const AT_TARGET_S = 0.001;

export type Trouble = "unplayable" | "interrupted";

/** Dispatches "time" when the position moved, "state" for all else, "skip" (detail: sentence) after a jump. */
export class Playback extends EventTarget {
  readonly video: HTMLVideoElement;
  /** Why the browser does not play the media; the position is then only what the viewer selects. */
  trouble: Trouble | undefined;
  #scope = new Scope();
  #spans: readonly LabelledSpan[] = [];
  #filter: Filter = EVERYTHING;
  #ranges: readonly Range[] = playableRanges([], EVERYTHING, 0);
  #duration_s = 0;
  #volume = 1;
  #selected_s = 0;
  /** The viewer went into an unchosen part by hand. */
  #roaming = false;
  #ownTarget_s: number | undefined;
  #look_s = 0.04;
  #lastLook_s = 0;
  #audibleSince_ms = 0;
  readonly #clock: FrameClock;

  constructor(video: HTMLVideoElement) {
    super();
    this.video = video;
    this.#clock = new FrameClock(video, () => this.#look());
    const listen = (types: string, handler: () => void): void =>
      types.split(" ").forEach((type) => this.#scope.listen(video, type, handler));
    listen("play pause ratechange volumechange durationchange loadedmetadata waiting ended", () =>
      this.#tell("state"),
    );
    listen("play", () => this.#begin());
    listen("playing", () => this.#clock.start());
    listen("seeking", () => this.#seeking());
    listen("seeked", () => this.#seeked());
    // Frames are not presented in a hidden tab; the sound goes on, and so must the filter.
    listen("timeupdate", () => this.#look());
    listen("error", () => this.#failed());
  }

  dispose(): void {
    this.#clock.stop();
    this.#scope.dispose();
    this.video.pause();
  }

  get time_s(): number {
    return this.trouble === undefined ? this.video.currentTime : this.#selected_s;
  }

  get playing(): boolean {
    return !this.video.paused && !this.video.ended;
  }

  get volume(): number {
    return this.#volume;
  }

  set volume(volume: number) {
    this.#volume = Math.min(1, Math.max(0, volume));
    this.video.muted = this.#volume === 0;
    this.#applyGain(1);
  }

  /** What there is to play. New intervals may arrive at any time. */
  load(spans: readonly LabelledSpan[], duration_s: number): void {
    this.#spans = spans;
    this.#duration_s = duration_s;
    this.#ranges = playableRanges(spans, this.#filter, duration_s);
  }

  /** A new choice also ends roaming: from now on only what is chosen plays. */
  choose(filter: Filter): void {
    this.#filter = filter;
    this.#roaming = false;
    this.load(this.#spans, this.#duration_s);
    if (this.playing) this.#look();
  }

  toggle(): void {
    if (this.playing) this.video.pause();
    else void this.play();
  }

  async play(): Promise<void> {
    if (this.trouble !== undefined) return;
    // The browser would go back to zero, which may not be chosen.
    if (this.video.ended) this.#jump(this.#ranges[0]?.start ?? 0);
    try {
      await this.video.play();
    } catch (error) {
      // Pausing right after playing rejects the promise; the error event tells about real failures.
      if (!(error instanceof DOMException)) throw error;
    }
  }

  /** Goes where the viewer asks, chosen or not. */
  seek(time_s: number): void {
    const target_s = Math.min(Math.max(0, time_s), Math.max(0, this.#duration_s - 0.01));
    if (this.trouble === undefined) {
      this.#ownTarget_s = undefined;
      this.video.currentTime = target_s;
    } else this.#selected_s = target_s;
    this.#tell("time");
  }

  #begin(): void {
    const from_s = playFrom(this.#ranges, this.video.currentTime, LOOK_S.max, this.#roaming);
    if (from_s === undefined) this.video.pause();
    else if (from_s !== this.video.currentTime) this.#jump(from_s);
    else this.#applyGain(1);
  }

  #look(): void {
    const now_s = this.video.currentTime;
    this.#tell("time");
    if (!this.playing || this.video.seeking) return;
    const since_s = now_s - this.#lastLook_s;
    if (since_s > 0) this.#look_s = Math.min(LOOK_S.max, Math.max(LOOK_S.min, since_s));
    this.#lastLook_s = now_s;
    const step = nextStep(this.#ranges, now_s, this.#look_s, this.#roaming);
    if (step.kind === "stop") this.video.pause();
    else if (step.kind === "jump") this.#jump(step.to_s);
    else {
      this.#roaming = step.roaming;
      const fadeIn = (performance.now() - this.#audibleSince_ms) / (FADE_S * 1000);
      this.#applyGain(Math.min(fadeIn, fadeOut(this.#ranges, now_s, FADE_S)));
    }
  }

  #jump(to_s: number): void {
    const from_s = this.video.currentTime;
    this.#applyGain(0);
    this.#ownTarget_s = to_s;
    this.video.currentTime = to_s;
    if (to_s - from_s < NOTICE_S) return;
    const sentence = describeSkip(this.#spans, this.#filter, from_s + this.#look_s, to_s);
    this.dispatchEvent(new CustomEvent("skip", { detail: sentence }));
  }

  #seeking(): void {
    const target_s = this.video.currentTime;
    const own =
      this.#ownTarget_s !== undefined && Math.abs(target_s - this.#ownTarget_s) < AT_TARGET_S;
    if (!own) this.#roaming = rangeAt(this.#ranges, target_s) === undefined;
    this.#tell("time");
  }

  #seeked(): void {
    this.#ownTarget_s = undefined;
    this.#audibleSince_ms = performance.now();
    this.#lastLook_s = this.video.currentTime;
    if (this.playing) this.#applyGain(0);
    this.#tell("time");
  }

  #applyGain(gain: number): void {
    this.video.volume = this.#volume * Math.min(1, Math.max(0, gain));
  }

  #failed(): void {
    const network = this.video.error?.code === MediaError.MEDIA_ERR_NETWORK;
    this.#selected_s = this.video.currentTime;
    this.trouble = network ? "interrupted" : "unplayable";
    this.#tell("state");
    this.#tell("time");
  }

  #tell(type: "time" | "state"): void {
    this.dispatchEvent(new Event(type));
  }
}
