/** Draws tracks on canvases in device pixels. What is drawn follows from the arguments alone. */

import type { Label } from "../api/api-types";
import type { Sheet } from "../kit/canvas";
import { ink } from "../kit/palette";
import { LABELS, SCORED } from "../model/emotions";
import { gaps, type Range } from "../model/ranges";
import { NOTHING, type Columns } from "./columns";
import { firstAfter, type Track } from "./track";
import { spanOf, toPixels, type Viewport } from "./viewport";

export interface Paint {
  readonly colourOf: (label: Label) => string;
  /** Behind the drawing: for hatches, and for the veil over what does not play. */
  readonly surface: string;
  readonly nameOf: (label: Label) => string;
}

/** Lowest bar, share of the height, so that a weak moment still shows its colour. */
const LEAST_BAR = 0.24;
/** Intervals wider than this (CSS px) are drawn one by one, with gaps and round tops. */
const WIDE_PX = 7;
/** Stretches narrower than this, CSS px, have no room for any name. */
const LEAST_ROOM_PX = 34;
const FONT = '600 11px Inter, system-ui, "Segoe UI", Roboto, sans-serif';
const VEIL = 0.8;

/** Width of an interval in CSS pixels, as far as one can say: that of the first visible one. */
function widthOf(track: Track, view: Viewport, { width, ratio }: Sheet): number {
  const i = Math.min(track.length - 1, firstAfter(track, view.from_s));
  const length_s = (track.ends[i] ?? 0) - (track.starts[i] ?? 0);
  return ((length_s / spanOf(view)) * width) / ratio;
}

/** The strongest emotion: a bar per interval or per column, taller where it is surer. */
export function paintBands(
  sheet: Sheet,
  track: Track,
  columns: Columns,
  view: Viewport,
  paint: Paint,
): void {
  const isWide = widthOf(track, view, sheet) >= WIDE_PX;
  LABELS.forEach((label, k) => {
    sheet.context.fillStyle = paint.colourOf(label);
    if (isWide) barsOf(sheet, track, view, k);
    else columnsOf(sheet, columns, k, (confidence) => barHeight(label, confidence));
  });
  names(sheet, columns, paint);
}

/** The strongest emotion at full height: for the seek bar, the map and the lanes of people. */
export function paintStrip(sheet: Sheet, columns: Columns, paint: Paint): void {
  LABELS.forEach((label, k) => {
    sheet.context.fillStyle = paint.colourOf(label);
    columnsOf(sheet, columns, k, () => 1);
  });
}

function barHeight(label: Label, confidence: number): number {
  return label === "Unsure" ? LEAST_BAR : LEAST_BAR + (1 - LEAST_BAR) * confidence;
}

function barsOf({ context, width, height, ratio }: Sheet, track: Track, view: Viewport, k: number) {
  const gap = 1.5 * ratio;
  context.beginPath();
  for (let i = firstAfter(track, view.from_s); i < track.length; i++) {
    const left = toPixels(track.starts[i] ?? 0, view, width);
    if (left >= width) break;
    if (track.labels[i] !== k) continue;
    const right = toPixels(track.ends[i] ?? 0, view, width);
    const tall = barHeight(LABELS[k] ?? "Unsure", track.confidences[i] ?? 0) * height;
    // The last moment of a film may be narrower than the gap.
    const broad = Math.max(0, right - left - gap);
    const round = Math.min(4 * ratio, broad / 2);
    context.roundRect(left + gap / 2, height - tall, broad, tall, [round, round, 0, 0]);
  }
  context.fill();
}

/** One rectangle for neighbouring columns of the same height; on whole pixels, they cost far less than a path. */
function columnsOf(
  { context, width, height }: Sheet,
  columns: Columns,
  k: number,
  heightOf: (confidence: number) => number,
): void {
  const wide = width / columns.count;
  let [begin, tall] = [-1, 0];
  const end = (column: number): void => {
    if (begin >= 0) context.fillRect(begin * wide, height - tall, (column - begin) * wide, tall);
    begin = -1;
  };
  for (let column = 0; column < columns.count; column++) {
    if (columns.labels[column] !== k) {
      end(column);
      continue;
    }
    const next = Math.round(heightOf(columns.confidences[column] ?? 0) * height);
    if (begin >= 0 && next === tall) continue;
    end(column);
    [begin, tall] = [column, next];
  }
  end(columns.count);
}

/** Names at the foot of stretches with room for them: no one needs to tell colours apart. */
function names({ context, width, height, ratio }: Sheet, columns: Columns, paint: Paint): void {
  const wide = width / columns.count;
  context.font = FONT.replace("11px", `${11 * ratio}px`);
  context.textBaseline = "alphabetic";
  let begin = 0;
  for (let column = 1; column <= columns.count; column++) {
    const label = columns.labels[begin];
    if (column < columns.count && columns.labels[column] === label) continue;
    const room = (column - begin) * wide;
    // Not on drafts: stripes will lie over them.
    const isNamed = label !== undefined && label !== NOTHING && columns.drafts[begin] !== 1;
    const name = isNamed && room >= LEAST_ROOM_PX * ratio ? LABELS[label] : undefined;
    const text = name === undefined ? "" : paint.nameOf(name);
    if (name !== undefined && context.measureText(text).width + 14 * ratio <= room) {
      context.fillStyle = ink(paint.colourOf(name));
      context.fillText(text, begin * wide + 7 * ratio, height - 6 * ratio);
    }
    begin = column;
  }
}

/** How the seven scores share each moment, stacked from the floor. */
export function paintScores(
  sheet: Sheet,
  track: Track,
  columns: Columns,
  view: Viewport,
  paint: Paint,
): void {
  const isWide = widthOf(track, view, sheet) >= WIDE_PX;
  const points = isWide ? centres(sheet, track, view) : middles(sheet, columns);
  // From the top layer down, each to the floor: the lower ones cover it, and no edge is drawn twice.
  for (let k = SCORED.length - 1; k >= 0; k--) {
    sheet.context.beginPath();
    edge(sheet, points, k, isWide);
    sheet.context.lineTo(sheet.width, sheet.height);
    sheet.context.lineTo(0, sheet.height);
    sheet.context.fillStyle = paint.colourOf(SCORED[k] ?? "Neutral");
    sheet.context.fill();
  }
}

interface Points {
  readonly xs: readonly number[];
  /** Upper edge of each layer, 0 (floor) to 1, seven for each point. */
  readonly tops: Float32Array;
}

function stacked(xs: readonly number[], source: Float32Array, first: number): Points {
  const tops = new Float32Array(xs.length * SCORED.length);
  for (let i = 0; i < xs.length; i++) {
    let top = 0;
    for (let k = 0; k < SCORED.length; k++) {
      top += source[(first + i) * SCORED.length + k] ?? 0;
      tops[i * SCORED.length + k] = top;
    }
  }
  return { xs, tops };
}

/** A point in the middle of each column. */
function middles({ width }: Sheet, columns: Columns): Points {
  const wide = width / columns.count;
  const xs = Array.from({ length: columns.count }, (_, i) => (i + 0.5) * wide);
  return stacked(xs, columns.scores, 0);
}

/** A point in the middle of each visible interval, and one on either side of them. */
function centres({ width }: Sheet, track: Track, view: Viewport): Points {
  const first = Math.max(0, firstAfter(track, view.from_s) - 1);
  const xs: number[] = [];
  for (let i = first; i < track.length; i++) {
    xs.push(toPixels(((track.starts[i] ?? 0) + (track.ends[i] ?? 0)) / 2, view, width));
    if ((track.starts[i] ?? 0) > view.to_s) break;
  }
  return stacked(xs, track.scores, first);
}

/** Upper edge of a layer: smooth steps that never overshoot, or straight lines where points are dense. */
function edge(
  { context, width, height }: Sheet,
  { xs, tops }: Points,
  k: number,
  smooth: boolean,
): void {
  const y = (i: number): number => height * (1 - (tops[i * SCORED.length + k] ?? 0));
  const last = xs.length - 1;
  // To the edges of the sheet, where the outermost points lie inside of it.
  context.lineTo(Math.min(0, xs[0] ?? 0), y(0));
  let [x, level] = [xs[0] ?? 0, y(0)];
  context.lineTo(x, level);
  for (let i = 1; i <= last; i++) {
    const [nextX, next] = [xs[i] ?? 0, y(i)];
    const middle = (x + nextX) / 2;
    if (smooth) context.bezierCurveTo(middle, level, middle, next, nextX, next);
    else context.lineTo(nextX, next);
    [x, level] = [nextX, next];
  }
  context.lineTo(Math.max(width, x), level);
}

/** Stripes over what is only a draft, and a veil over what does not play. */
export function paintOver(
  sheet: Sheet,
  columns: Columns,
  view: Viewport,
  ranges: readonly Range[],
  paint: Paint,
): void {
  const { context, width, height } = sheet;
  const wide = width / columns.count;
  if (columns.drafts.includes(1)) {
    context.fillStyle = hatch(sheet, paint.surface);
    context.beginPath();
    for (let column = 0; column < columns.count; column++) {
      if (columns.drafts[column] === 1) context.rect(column * wide, 0, wide, height);
    }
    context.fill();
  }
  context.globalAlpha = VEIL;
  context.fillStyle = paint.surface;
  for (const { start, end } of gaps(ranges, view.from_s, view.to_s)) {
    const left = toPixels(start, view, width);
    context.fillRect(left, 0, toPixels(end, view, width) - left, height);
  }
  context.globalAlpha = 1;
}

/** Slanted stripes in a colour. */
function hatch({ context, ratio }: Sheet, colour: string): CanvasPattern | string {
  const size = Math.round(8 * ratio);
  const tile = document.createElement("canvas");
  [tile.width, tile.height] = [size, size];
  const pen = tile.getContext("2d");
  if (pen === null) return colour;
  pen.strokeStyle = colour;
  pen.lineWidth = size * 0.36;
  for (const shift of [-size, 0, size]) {
    pen.moveTo(shift - 1, size + 1);
    pen.lineTo(shift + size + 1, -1);
  }
  pen.stroke();
  return context.createPattern(tile, "repeat") ?? colour;
}
