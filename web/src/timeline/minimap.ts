/** The whole media in small with a frame around what is visible; the frame can be moved. */

import { cleanSheet } from "../kit/canvas";
import { h } from "../kit/dom";
import { clock } from "../kit/format";
import type { Scope } from "../kit/scope";
import type { Range } from "../model/ranges";
import { texts } from "../texts";
import { brush } from "./brush";
import { decimate } from "./columns";
import { paintOver, paintStrip } from "./paint";
import { seekKey } from "./seek-keys";
import type { Track } from "./track";
import {
  isWhole,
  panned,
  spanOf,
  toPixels,
  toSeconds,
  whole,
  within,
  type Viewport,
} from "./viewport";

export class Minimap {
  readonly element: HTMLElement;
  #canvas = h("canvas", { "aria-hidden": "true" });
  #frame = h("div", { class: "map-frame" });
  #cursor = h("div", { class: "map-cursor" });
  #view: Viewport = whole(1);
  #duration_s = 1;
  /** From the pointer to the middle of the frame, while it is dragged. */
  #grip_s = 0;

  constructor(readonly wish: (view: Viewport) => void) {
    this.element = h(
      "div",
      { class: "map", role: "slider", tabindex: 0, "aria-label": texts.timeline.map },
      this.#canvas,
      this.#frame,
      this.#cursor,
    );
  }

  listen(scope: Scope): void {
    const { element } = this;
    scope.listen<PointerEvent>(element, "pointerdown", (event) => {
      if (event.button !== 0) return;
      element.setPointerCapture(event.pointerId);
      const at_s = this.#at(event);
      const middle_s = (this.#view.from_s + this.#view.to_s) / 2;
      // Taken by the frame it moves along; elsewhere the frame comes to the pointer.
      const isFrame = Math.abs(at_s - middle_s) <= spanOf(this.#view) / 2;
      this.#grip_s = isFrame ? middle_s - at_s : 0;
      this.#centre(at_s);
    });
    scope.listen<PointerEvent>(element, "pointermove", (event) => {
      if (element.hasPointerCapture(event.pointerId)) this.#centre(this.#at(event));
    });
    scope.listen<KeyboardEvent>(element, "keydown", (event) => {
      const span_s = spanOf(this.#view);
      const { from_s } = this.#view;
      const end_s = this.#duration_s;
      const to_s = seekKey(event, { time_s: from_s, end_s, step_s: span_s / 10 });
      if (to_s !== undefined) this.wish(panned(this.#view, to_s - from_s, end_s));
    });
  }

  look(view: Viewport, duration_s: number): void {
    this.#view = view;
    this.#duration_s = duration_s;
    const width_px = this.element.clientWidth;
    const all = whole(duration_s);
    const left_px = toPixels(view.from_s, all, width_px);
    this.#frame.style.transform = `translateX(${left_px}px)`;
    this.#frame.style.width = `${Math.max(10, toPixels(view.to_s, all, width_px) - left_px)}px`;
    this.element.classList.toggle("whole", isWhole(view, duration_s));
    this.element.setAttribute("aria-valuemin", "0");
    this.element.setAttribute("aria-valuemax", (duration_s - spanOf(view)).toFixed(1));
    this.element.setAttribute("aria-valuenow", view.from_s.toFixed(1));
    const words = texts.timeline.zoomed(clock(view.from_s), clock(view.to_s));
    this.element.setAttribute("aria-valuetext", words);
  }

  moveTo(time_s: number): void {
    const x_px = toPixels(time_s, whole(this.#duration_s), this.element.clientWidth);
    this.#cursor.style.transform = `translateX(${x_px}px)`;
  }

  paint(track: Track, ranges: readonly Range[], duration_s: number): void {
    const sheet = cleanSheet(this.#canvas);
    if (sheet === undefined) return;
    const view = whole(duration_s);
    const columns = decimate(track, view, sheet.width);
    const paint = brush();
    paintStrip(sheet, columns, paint);
    paintOver(sheet, columns, view, ranges, paint);
  }

  #at({ clientX }: PointerEvent): number {
    const { left, width } = this.element.getBoundingClientRect();
    return toSeconds(clientX - left, whole(this.#duration_s), width);
  }

  #centre(at_s: number): void {
    const half_s = spanOf(this.#view) / 2;
    const middle_s = at_s + this.#grip_s;
    this.wish(within({ from_s: middle_s - half_s, to_s: middle_s + half_s }, this.#duration_s));
  }
}
