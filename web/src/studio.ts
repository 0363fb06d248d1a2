/** What the parts of the analysis view are shown: one value, made anew at each piece of news. */

import type { Analysis, Interval, Timeline } from "./api-types";
import type { Filter } from "./filter";

export interface Studio {
  readonly analysis: Analysis;
  readonly intervals: readonly Interval[];
  /** Present once the analysis succeeded. */
  readonly timeline: Timeline | undefined;
  readonly filter: Filter;
  /** Of the timeline where known, else of the container; seconds, greater than zero. */
  readonly duration_s: number;
}

/** A part of the analysis view. */
export interface StudioPart extends HTMLElement {
  show(studio: Studio): void;
}
