/** The media element as the only clock, and the selection applied to it frame by frame. */

import { Scope } from "../kit/scope";
import { describeSkip } from "../model/ranges";
import { EVERYTHING } from "../model/selection";
import type { Studio } from "../model/studio";
import { texts } from "../texts";
import { FrameClock } from "./frame-clock";
import { Loudness } from "./loudness";
import { nextStep, playFrom, rangeAfter, rangeAt } from "./skip";

/** Bounds of the time between two looks at the clock; the first is a 100 Hz screen, the second a busy machine. */
const LOOK_S = { min: 0.01, max: 0.12 };
/** Shorter jumps are not worth a notice. */
const NOTICE_S = 0.25;
const AT_TARGET_S = 0.001;
const STATE_EVENTS = "play pause playing waiting ended ratechange volumechange loadedmetadata";

export type Trouble = "unplayable" | "interrupted";

/** What to tell the viewer; where something was skipped, it can be watched after all. */
export interface Notice {
  readonly sentence: string;
  readonly skippedFrom_s?: number;
}

type Program = Pick<Studio, "intervals" | "selection" | "rewatching" | "ranges" | "duration_s">;

const NO_PROGRAM: Program = {
  intervals: [],
  selection: EVERYTHING,
  rewatching: false,
  ranges: [{ start: 0, end: Infinity }],
  duration_s: 0,
};

/** Dispatches "time" when the position moved, "state" for all else, "notice" (detail: Notice) to say why. */
export class Playback extends EventTarget {
  readonly video: HTMLVideoElement;
  /** Why the browser does not play the media; the position is then only what the viewer selects. */
  trouble: Trouble | undefined;
  #scope = new Scope();
  #program: Program = NO_PROGRAM;
  #selected_s = 0;
  /** The viewer went into an unchosen part by hand. */
  #roaming = false;
  /** Of the picture on screen, where the browser tells. */
  #shown_s: number | undefined;
  #ownTarget_s: number | undefined;
  #look_s = 0.04;
  #lastLook_s = 0;
  readonly #clock: FrameClock;
  readonly #loudness: Loudness;

  constructor(video: HTMLVideoElement) {
    super();
    this.video = video;
    this.#loudness = new Loudness(video);
    this.#clock = new FrameClock(video, (shown_s) => this.#look(shown_s));
    const listen = (types: string, handler: () => void): void =>
      types.split(" ").forEach((type) => this.#scope.listen(video, type, handler));
    listen(STATE_EVENTS, () => this.#tell("state"));
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
    this.unload();
  }

  /** Asks for no more of the media: else an element goes on loading until it is collected. */
  unload(): void {
    this.video.pause();
    this.video.removeAttribute("src");
    this.video.load();
  }

  get time_s(): number {
    return this.trouble === undefined ? this.video.currentTime : this.#selected_s;
  }

  get playing(): boolean {
    return !this.video.paused && !this.video.ended;
  }

  /** It should play, but has nothing to play yet. */
  get waiting(): boolean {
    return this.playing && this.video.readyState < HTMLMediaElement.HAVE_FUTURE_DATA;
  }

  get volume(): number {
    return this.#loudness.level;
  }

  set volume(volume: number) {
    this.#loudness.level = volume;
  }

  /** Time of the picture that is on the screen, which lags behind the clock by up to a frame. */
  get shown_s(): number {
    return this.playing && this.#shown_s !== undefined ? this.#shown_s : this.time_s;
  }

  get roaming(): boolean {
    return this.#roaming;
  }

  /** Start of the next part that is chosen; undefined after the last. */
  get next_s(): number | undefined {
    return rangeAfter(this.#program.ranges, this.time_s)?.start;
  }

  /** What there is to play. New intervals may arrive at any time; another choice ends roaming. */
  load(program: Program): void {
    const { selection, rewatching } = this.#program;
    this.#program = program;
    if (selection === program.selection && rewatching === program.rewatching) return;
    this.#setRoaming(false);
    if (this.playing) this.#look();
  }

  /** Leaves an unchosen part for the next chosen one. */
  skipAhead(): void {
    const to_s = this.next_s;
    if (to_s !== undefined) this.seek(to_s);
  }

  toggle(): void {
    if (this.playing) this.video.pause();
    else void this.play();
  }

  async play(): Promise<void> {
    if (this.trouble !== undefined) return;
    if (this.#program.ranges.length === 0) return this.#stop();
    // The browser would go back to zero, which may not be chosen.
    // Right after a jump to the end `ended` may still be false, and playing would end at once.
    const isAtEnd = this.video.ended || this.video.currentTime >= this.video.duration;
    if (isAtEnd) this.#jump(this.#program.ranges[0]?.start ?? 0);
    // Pausing right after playing rejects the promise; the error event tells about real failures.
    await this.video.play().catch((error: unknown) => {
      if (!(error instanceof DOMException)) throw error;
    });
  }

  /** After an interruption: loads anew and goes on from where it ended. */
  retry(): void {
    this.trouble = undefined;
    this.video.load();
    this.video.currentTime = this.#selected_s;
    void this.play();
  }

  /** Goes where the viewer asks, chosen or not. */
  seek(time_s: number): void {
    const target_s = Math.min(Math.max(0, time_s), Math.max(0, this.#program.duration_s - 0.01));
    if (this.trouble === undefined) {
      this.#ownTarget_s = undefined;
      this.video.currentTime = target_s;
    } else this.#selected_s = target_s;
    this.#tell("time");
  }

  #begin(): void {
    const from_s = playFrom(
      this.#program.ranges,
      this.video.currentTime,
      LOOK_S.max,
      this.#roaming,
    );
    if (from_s === undefined) this.#stop();
    else if (from_s !== this.video.currentTime) this.#jump(from_s);
    else this.#loudness.scale(1);
  }

  #look(shown_s?: number): void {
    if (shown_s !== undefined) this.#shown_s = shown_s;
    const now_s = this.video.currentTime;
    this.#tell("time");
    if (!this.playing || this.video.seeking) return;
    const since_s = now_s - this.#lastLook_s;
    if (since_s > 0) this.#look_s = Math.min(LOOK_S.max, Math.max(LOOK_S.min, since_s));
    this.#lastLook_s = now_s;
    const step = nextStep(this.#program.ranges, now_s, this.#look_s, this.#roaming);
    if (step.kind === "stop") this.#stop();
    else if (step.kind === "jump") this.#jump(step.to_s);
    else {
      this.#setRoaming(step.roaming);
      this.#loudness.follow(this.#program.ranges, now_s);
    }
  }

  #stop(): void {
    this.video.pause();
    if (this.#program.ranges.length === 0) this.#notice({ sentence: texts.player.nothing });
  }

  #jump(to_s: number): void {
    const from_s = this.video.currentTime;
    this.#loudness.scale(0);
    this.#ownTarget_s = to_s;
    this.video.currentTime = to_s;
    const { intervals, selection, ranges } = this.#program;
    const skippedFrom_s = rangeAt(ranges, from_s)?.end ?? from_s;
    if (to_s - skippedFrom_s < NOTICE_S) return;
    const sentence = describeSkip(intervals, selection, skippedFrom_s, to_s);
    this.#notice({ sentence, skippedFrom_s });
  }

  #seeking(): void {
    const target_s = this.video.currentTime;
    const own =
      this.#ownTarget_s !== undefined && Math.abs(target_s - this.#ownTarget_s) < AT_TARGET_S;
    this.#shown_s = undefined;
    if (!own) this.#setRoaming(rangeAt(this.#program.ranges, target_s) === undefined);
    this.#tell("time");
  }

  #seeked(): void {
    this.#ownTarget_s = undefined;
    this.#loudness.arrive();
    this.#lastLook_s = this.video.currentTime;
    if (this.playing) this.#loudness.scale(0);
    this.#tell("time");
  }

  #failed(): void {
    const network = this.video.error?.code === MediaError.MEDIA_ERR_NETWORK;
    this.#selected_s = this.video.currentTime;
    this.trouble = network ? "interrupted" : "unplayable";
    this.#tell("state");
    this.#tell("time");
  }

  #setRoaming(roaming: boolean): void {
    if (this.#roaming === roaming) return;
    this.#roaming = roaming;
    this.#tell("state");
  }

  #notice(detail: Notice): void {
    this.dispatchEvent(new CustomEvent<Notice>("notice", { detail }));
  }

  #tell(type: "time" | "state"): void {
    this.dispatchEvent(new Event(type));
  }
}
