/** What viewers say a moment shows, laid over what the models say. Pure. */

import type { Correction, Label } from "../api/api-types";
import type { Moment } from "./moments";
import type { Range } from "./ranges";

/** Shorter rests come of rounding. */
const LEAST_S = 0.002;

/**
 * Moments cut where corrections begin and end, those within one labelled as it says and certain; scores and
 * evidence stay what the models found.
 *
 * @param moments sorted by start, not overlapping.
 * @param corrections not overlapping.
 */
export function withCorrections(
  moments: readonly Moment[],
  corrections: readonly Correction[],
): readonly Moment[] {
  if (corrections.length === 0) return moments;
  const sorted = [...corrections].sort((a, b) => a.start - b.start);
  return moments.flatMap((moment) => cut(moment, sorted));
}

function cut(moment: Moment, corrections: readonly Correction[]): Moment[] {
  const made: Moment[] = [];
  let from_s = moment.start;
  const add = (end: number, label?: Label): void => {
    if (end - from_s < LEAST_S) return;
    const piece = { ...moment, start: from_s, end };
    made.push(
      label === undefined ? piece : { ...piece, emotion: label, confidence: 1, corrected: true },
    );
    from_s = end;
  };
  for (const { start, end, emotion } of corrections) {
    if (end <= from_s) continue;
    if (start >= moment.end) break;
    add(start);
    add(Math.min(end, moment.end), emotion);
  }
  add(moment.end);
  return made;
}

/** The unbroken time around a moment in which the label stays the same. */
export function stretchAround(moments: readonly Moment[], index: number): Range | undefined {
  const here = moments[index];
  if (here === undefined) return undefined;
  let [first, last] = [here, here];
  for (let i = index - 1; moments[i]?.emotion === here.emotion; i--) first = moments[i] ?? first;
  for (let i = index + 1; moments[i]?.emotion === here.emotion; i++) last = moments[i] ?? last;
  return { start: first.start, end: last.end };
}
