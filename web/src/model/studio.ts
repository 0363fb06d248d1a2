/** The one state of the analysis view, and the only way to change it: parts are shown a `Studio` and send wishes. */

import type { Analysis, Correction, Timeline } from "../api/api-types";
import { castOf, type Member } from "./cast";
import { withCorrections } from "./corrected";
import type { Moment } from "./moments";
import { peaks, rewatchRanges, type Peak } from "./peaks";
import { playableRanges, type Range } from "./ranges";
import { EVERYTHING, type Selection } from "./selection";
import type { Session } from "./session";

/** What the parts are shown: one value, made anew at each piece of news. */
export interface Studio {
  readonly analysis: Analysis;
  /** As corrected by viewers. */
  readonly intervals: readonly Moment[];
  /** By time. */
  readonly corrections: readonly Correction[];
  /** Present once the analysis succeeded. */
  readonly timeline: Timeline | undefined;
  /** As named, merged and hidden by viewers. */
  readonly cast: readonly Member[];
  /** The strongest moments, strongest first. */
  readonly peaks: readonly Peak[];
  readonly selection: Selection;
  /** Whether the strongest moments play instead of the selection. */
  readonly rewatching: boolean;
  /** What plays. */
  readonly ranges: readonly Range[];
  /** Of the timeline where known, else of the container; seconds, greater than zero. */
  readonly duration_s: number;
}

/** A part of the analysis view. */
export interface StudioPart extends HTMLElement {
  show(studio: Studio): void;
}

const MOST_PEAKS = 6;

/** Dispatches "change" after each change of what a Studio holds, and after news of the session. */
export class StudioStore extends EventTarget {
  readonly session: Session;
  #selection: Selection = EVERYTHING;
  #rewatching = false;
  /** Made again only when what it is made of is another value: analyses run to 10,800 intervals. */
  #peaks = memo(peaks);
  #cast = memo(castOf);
  #corrected = memo(withCorrections);
  #ranges = memo(playableRanges);
  #again = memo(rewatchRanges);

  constructor(session: Session, selection: Selection) {
    super();
    this.session = session;
    this.#selection = selection;
    session.addEventListener("change", () => this.#changed());
  }

  get selection(): Selection {
    return this.#selection;
  }

  /** Undefined while nothing can be shown. */
  get studio(): Studio | undefined {
    const { analysis, timeline, edits, corrections, problem } = this.session;
    if (analysis === undefined || problem !== undefined) return undefined;
    const intervals = this.#corrected(this.session.intervals, corrections);
    const duration_s = Math.max(0.001, timeline?.duration ?? analysis.media.duration);
    const found = this.#peaks(intervals, MOST_PEAKS);
    const cast = this.#cast(timeline?.people ?? NOBODY, edits, duration_s);
    const selected = this.#ranges(intervals, cast, this.#selection, duration_s);
    return {
      analysis,
      intervals,
      corrections,
      timeline,
      cast,
      peaks: found,
      selection: this.#selection,
      rewatching: this.#rewatching,
      ranges: this.#rewatching ? this.#again(found, duration_s) : selected,
      duration_s,
    };
  }

  choose(selection: Selection): void {
    this.#selection = selection;
    this.#rewatching = false;
    this.#changed();
  }

  rewatch(on: boolean): void {
    this.#rewatching = on;
    this.#changed();
  }

  #changed(): void {
    this.dispatchEvent(new Event("change"));
  }
}

const NOBODY: Timeline["people"] = [];

/** The last result again while the arguments are the same values. */
function memo<A extends readonly unknown[], R>(make: (...given: A) => R): (...given: A) => R {
  let last: { readonly given: A; readonly made: R } | undefined;
  return (...given) => {
    if (last === undefined || given.some((each, i) => each !== last?.given[i])) {
      last = { given, made: make(...given) };
    }
    return last.made;
  };
}
