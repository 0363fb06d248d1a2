/** One side of a comparison: a finished analysis with its figures and its arc. */

import { getAnalysis, getTimeline } from "../api/api";
import type { Analysis, Timeline } from "../api/api-types";
import { arcOf } from "../insights/arc";
import { ARC_POINTS, type Line } from "../insights/arc-chart";
import { texts } from "../texts";

export interface Side {
  readonly analysis: Analysis;
  readonly timeline: Timeline;
  readonly line: Line;
}

/** What was named cannot be compared yet. */
export class Unfinished extends Error {}

/** Rejects with an ApiError, or with Unfinished. */
export async function sideOf(id: string): Promise<Side> {
  const analysis = await getAnalysis(id);
  if (analysis.state !== "SUCCEEDED")
    throw new Unfinished(texts.compare.unfinished(analysis.title));
  const timeline = await getTimeline(id);
  const arc = arcOf(timeline.intervals, timeline.duration, ARC_POINTS);
  return { analysis, timeline, line: { arc, name: analysis.title } };
}
