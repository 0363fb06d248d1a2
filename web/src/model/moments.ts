/** Looking up moments in sorted spans, joining what arrives, and saying what is there. No DOM. */

import type { Interval, LabelledSpan, ScoredEmotion, Scores } from "../api/api-types";
import { clock, percent } from "../kit/format";
import { texts } from "../texts";
import { evidenceText, SCORED } from "./emotions";

/** An interval as the page knows it. */
export interface Moment extends Interval {
  /** A first glance, to be replaced by the exact result. */
  readonly draft?: true;
  /** The label is a viewer's; scores and evidence are not. */
  readonly corrected?: true;
}

/** Index of the first span that ends after a time. */
export function indexAfter(spans: readonly LabelledSpan[], time_s: number): number {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const each = spans[middle];
    if (each !== undefined && each.end <= time_s) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The span playing at a time (half-open); undefined in a gap. */
export function spanAt<S extends LabelledSpan>(spans: readonly S[], time_s: number): S | undefined {
  const found = spans[indexAfter(spans, time_s)];
  return found !== undefined && found.start <= time_s ? found : undefined;
}

/** Players stop at the end itself, where half-open spans have ended. */
const BEFORE_END_S = 0.001;

/** What is seen at a time of a film: at its very end, what was seen last. */
export function momentAt<S extends LabelledSpan>(
  film: { readonly intervals: readonly S[]; readonly duration_s: number },
  time_s: number,
): S | undefined {
  return spanAt(film.intervals, Math.min(time_s, film.duration_s - BEFORE_END_S));
}

/** Sorted union by start time; a later message about the same interval wins. */
export function withIntervals<S extends LabelledSpan>(
  known: readonly S[],
  arrived: readonly S[],
): readonly S[] {
  const byStart = new Map(known.map((each) => [each.start, each]));
  for (const each of arrived) byStart.set(each.start, each);
  return [...byStart.values()].sort((a, b) => a.start - b.start);
}

/** The exact intervals, and between them what the draft says, cut where exact ones begin and end. */
export function withDraft(
  exact: readonly Interval[],
  draft: readonly Interval[],
): readonly Moment[] {
  if (draft.length === 0) return exact;
  const made: Moment[] = [...exact];
  for (const each of draft) {
    let from_s = each.start;
    for (let i = indexAfter(exact, each.start); from_s < each.end; i++) {
      const next = exact[i];
      const end = Math.min(each.end, next?.start ?? Infinity);
      if (end > from_s) made.push({ ...each, start: from_s, end, draft: true });
      if (next === undefined) break;
      from_s = Math.max(from_s, next.end);
    }
  }
  return made.sort((a, b) => a.start - b.start);
}

/** Start of the next (or previous) stretch of another emotion; undefined past the last. */
export function changeFrom(
  spans: readonly LabelledSpan[],
  time_s: number,
  direction: 1 | -1,
): number | undefined {
  const starts = spans
    .filter((each, i) => each.emotion !== spans[i - 1]?.emotion)
    .map((each) => each.start);
  // Going back from within a second of a change means the one before it, as players do with tracks.
  return direction === 1
    ? starts.find((start) => start > time_s + 0.05)
    : starts.findLast((start) => start < time_s - 1);
}

/** "Happy 81 %", "Unsure", "Fear 40 %, draft". */
export function labelText({
  emotion,
  confidence,
  draft,
}: LabelledSpan & Pick<Moment, "draft">): string {
  const name = texts.emotions[emotion];
  const sure = emotion === "Unsure" ? name : texts.timeline.label(name, percent(confidence));
  return draft === true ? texts.timeline.value(sure, texts.timeline.draftShort) : sure;
}

/** What one kind of evidence shows: "Happy 84 %, 100 % of the time", or that there was none. */
export function evidencePart(moment: Interval, kind: "face" | "voice"): string {
  const { scores } = moment[kind];
  const none = kind === "face" ? texts.evidence.noFace : texts.evidence.noVoice;
  if (scores === null) return none;
  const best = strongest(scores);
  const { frames, faces } = moment.face;
  const seen = kind === "voice" ? moment.voice.speech : Math.min(1, faces / Math.max(1, frames));
  return texts.evidence.part(texts.emotions[best], percent(scores[best]), percent(seen));
}

/** The same and what face and voice say each, for those who hear instead of pointing. */
export function spokenText(time_s: number, moment: Moment | undefined): string {
  const said = valueText(time_s, moment);
  if (moment === undefined) return said;
  const { spoken, face, voice } = texts.evidence;
  const parts = [spoken(face, evidencePart(moment, "face"))];
  parts.push(spoken(voice, evidencePart(moment, "voice")));
  return parts.reduce((all, part) => texts.timeline.value(all, part), said);
}

export function strongest(scores: Scores): ScoredEmotion {
  return SCORED.reduce((best, each) => (scores[each] > scores[best] ? each : best));
}

/** "0:42, Happy 81 %, from the face", or only the time where nothing is known. */
export function valueText(time_s: number, moment: Moment | undefined): string {
  const words =
    moment === undefined
      ? texts.timeline.pending
      : texts.timeline.value(labelText(moment), evidenceText(moment));
  return texts.timeline.value(clock(time_s), words);
}
