/** Where faces are on the picture. Pure: shares and seconds in, pixels out. */

import type { Box } from "../api/api-types";
import type { Member } from "../model/cast";
import { spanAt } from "../model/moments";

export interface Size {
  readonly width_px: number;
  readonly height_px: number;
}

export interface Rect extends Size {
  readonly left_px: number;
  readonly top_px: number;
}

/** Room around a face, share of its size: detectors cut at brows and chin. */
const MARGIN = 0.12;

/** Where a picture lies in a stage that shows it whole and centred. */
export function fitted(stage: Size, picture: Size): Rect {
  const scale = Math.min(
    stage.width_px / Math.max(1, picture.width_px),
    stage.height_px / Math.max(1, picture.height_px),
  );
  const [width_px, height_px] = [picture.width_px * scale, picture.height_px * scale];
  return {
    left_px: (stage.width_px - width_px) / 2,
    top_px: (stage.height_px - height_px) / 2,
    width_px,
    height_px,
  };
}

export interface Sighting {
  readonly member: Member;
  readonly span: Member["intervals"][number];
  /** Undefined where the timeline does not tell. */
  readonly box: Box | undefined;
}

/** Everybody who is on screen at a time and not hidden, with a box that moves evenly through the interval. */
export function sightings(cast: readonly Member[], time_s: number): readonly Sighting[] {
  return cast.flatMap((member) => {
    const span = member.hidden ? undefined : spanAt(member.intervals, time_s);
    if (span === undefined) return [];
    const { first_box: first, last_box: last, start, end } = span;
    const share = Math.min(1, Math.max(0, (time_s - start) / Math.max(1e-3, end - start)));
    const box = first && last && between(first, last, share);
    return [{ member, span, box }];
  });
}

function between(first: Box, last: Box, share: number): Box {
  const at = (i: 0 | 1 | 2 | 3): number => first[i] + (last[i] - first[i]) * share;
  return [at(0), at(1), at(2), at(3)];
}

/** Of a label over a box, CSS px. */
export const LABEL = { height_px: 23, gap_px: 5 } as const;

/**
 * Where a label lies: centred over its box; without room there under it, or else on it; never beyond the stage.
 *
 * @param mayFall false in a crowd, where the next one is below.
 */
export function labelled(box: Rect, width_px: number, stage: Size, mayFall = true): Rect {
  const { height_px, gap_px } = LABEL;
  const wanted_px = box.left_px + (box.width_px - width_px) / 2;
  const left_px = Math.max(0, Math.min(wanted_px, stage.width_px - width_px));
  const above_px = box.top_px - height_px - gap_px;
  const below_px = box.top_px + box.height_px + gap_px;
  const falls = above_px < 0 && mayFall && below_px + height_px <= stage.height_px;
  return { left_px, top_px: falls ? below_px : Math.max(0, above_px), width_px, height_px };
}

/** For each label whether another one lies on it: then both are to be said in short. */
export function crowded(labels: readonly Rect[]): readonly boolean[] {
  return labels.map((a, i) => labels.some((b, k) => i !== k && overlap(a, b)));
}

function overlap(a: Rect, b: Rect): boolean {
  return (
    a.left_px < b.left_px + b.width_px &&
    b.left_px < a.left_px + a.width_px &&
    a.top_px < b.top_px + b.height_px &&
    b.top_px < a.top_px + a.height_px
  );
}

/** A box with room around it, in pixels of the stage, cut at the edges of the picture. */
export function placed([left, top, right, bottom]: Box, picture: Rect): Rect {
  const [across, down] = [(right - left) * MARGIN, (bottom - top) * MARGIN];
  const inside = (share: number): number => Math.min(1, Math.max(0, share));
  const [l, t, r, b] = [left - across, top - down, right + across, bottom + down].map(inside) as [
    number,
    number,
    number,
    number,
  ];
  return {
    left_px: picture.left_px + l * picture.width_px,
    top_px: picture.top_px + t * picture.height_px,
    width_px: (r - l) * picture.width_px,
    height_px: (b - t) * picture.height_px,
  };
}
