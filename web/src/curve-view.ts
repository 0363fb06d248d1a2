/** `<emotion-curve>`: how the scores of all emotions share each moment, stacked over time. */

import { cleanSheet, type Sheet } from "./canvas";
import { h } from "./dom";
import { SCORED } from "./emotions";
import { oncePerFrame } from "./scope";
import { scrub } from "./scrub";
import type { Studio, StudioPart } from "./studio";
import { colour, themeQuery } from "./theme";
import { stack, toPixels, toSeconds, type CurvePoint } from "./timeline";
import { define, View } from "./view";

/** Finer columns than this only add noise to a stacked area. */
const COLUMN_PX = 5;
const DIMMED = 0.14;

interface Point {
  readonly x_px: number;
  /** 0 (bottom) to 1. */
  readonly top: number;
}

export class CurveView extends View implements StudioPart {
  #studio: Studio | undefined;
  #time_s = 0;
  #canvas = h("canvas", { role: "img", "aria-label": "Scores of the seven emotions over time" });
  #cursor = h("div", { class: "cursor" });
  #draw: () => void = () => undefined;

  show(studio: Studio): void {
    this.#studio = studio;
    this.#draw();
  }

  moveTo(time_s: number): void {
    this.#time_s = time_s;
    if (this.#studio === undefined) return;
    const extent = { duration_s: this.#studio.duration_s, width_px: this.#canvas.clientWidth };
    const x_px = toPixels(Math.min(time_s, extent.duration_s), extent);
    this.#cursor.style.transform = `translateX(${x_px}px)`;
  }

  protected override build(): void {
    this.replaceChildren(this.#canvas, this.#cursor);
    this.#draw = oncePerFrame(this.scope, () => this.#paint());
    this.scope.onResize(this, () => this.#draw());
    this.scope.listen(themeQuery, "change", () => this.#draw());
    scrub(this.scope, this, (x_px, pressed) => {
      if (this.#studio === undefined || !pressed) return;
      const extent = { duration_s: this.#studio.duration_s, width_px: this.#canvas.clientWidth };
      this.tell("seek", toSeconds(x_px, extent));
    });
  }

  #paint(): void {
    const sheet = cleanSheet(this.#canvas);
    const studio = this.#studio;
    if (sheet === undefined || studio === undefined) return;
    const extent = { duration_s: studio.duration_s, width_px: sheet.width_px };
    const first = studio.intervals[0];
    const intervals = first === undefined ? 1 : studio.duration_s / (first.end - first.start);
    const columns = Math.max(1, Math.floor(Math.min(intervals, sheet.width_px / COLUMN_PX)));
    const points = stack(studio.intervals, extent, columns);
    SCORED.forEach((label, layer) => {
      const chosen = studio.filter.chosen.includes(label);
      sheet.context.globalAlpha = chosen ? 0.9 : DIMMED;
      sheet.context.fillStyle = colour(label);
      this.#area(sheet, points, layer);
    });
    sheet.context.globalAlpha = 1;
    this.moveTo(this.#time_s);
  }

  #area(
    { context, width_px, height_px }: Sheet,
    points: readonly CurvePoint[],
    layer: number,
  ): void {
    const edge = (level: number): Point[] => {
      const tops = points.map(({ x_px, tops }) => ({ x_px, top: tops[level] ?? 0 }));
      const [first, last] = [tops[0]?.top ?? 0, tops.at(-1)?.top ?? 0];
      return [{ x_px: 0, top: first }, ...tops, { x_px: width_px, top: last }];
    };
    context.beginPath();
    this.#line(context, edge(layer), height_px);
    this.#line(context, edge(layer - 1).reverse(), height_px);
    context.closePath();
    context.fill();
  }

  /** Smooth steps: each pair of points joined by an S with level ends, which never overshoots. */
  #line(context: CanvasRenderingContext2D, points: readonly Point[], height_px: number): void {
    let [x, y] = [Number.NaN, Number.NaN];
    points.forEach((point, i) => {
      const [nextX, nextY] = [point.x_px, height_px * (1 - point.top)];
      const middle = (x + nextX) / 2;
      if (i === 0) context.lineTo(nextX, nextY);
      else context.bezierCurveTo(middle, y, middle, nextY, nextX, nextY);
      [x, y] = [nextX, nextY];
    });
  }
}

define("emotion-curve", CurveView);
