/** `<emotion-timeline>`: the bands of the whole media with a cursor; a slider for pointer, keyboard and ear. */

import { cleanSheet } from "./canvas";
import { h } from "./dom";
import { admits } from "./filter";
import { clock } from "./format";
import { oncePerFrame } from "./scope";
import { scrub } from "./scrub";
import { isFinal } from "./session";
import type { Studio, StudioPart } from "./studio";
import { colour, themeQuery } from "./theme";
import {
  bands,
  spanAt,
  tickStep,
  toPixels,
  toSeconds,
  valueText,
  type Band,
  type View as Extent,
} from "./timeline";
import { TimelineTip } from "./timeline-tip";
import { define, View } from "./view";

/** Narrower bands could not be told apart. */
const MIN_BAND_PX = 2;
const TICK_ROOM_PX = 64;
const DIMMED = 0.16;
const ARROW_S = 5;
const PAGE_S = 30;

/** With the attribute `strip` it is the thin seek bar of the player: no ticks, full-height bands. */
export class TimelineView extends View implements StudioPart {
  #studio: Studio | undefined;
  #time_s = 0;
  #canvas = h("canvas", { "aria-hidden": "true" });
  #played = h("div", { class: "played" });
  #cursor = h("div", { class: "cursor" });
  #ticks = h("div", { class: "ticks", "aria-hidden": "true" });
  #tip = new TimelineTip();
  #draw: () => void = () => undefined;

  show(studio: Studio): void {
    this.#studio = studio;
    this.toggleAttribute("busy", !isFinal(studio.analysis.state));
    this.#draw();
    this.moveTo(this.#time_s);
  }

  /** Puts the cursor at a time; cheap enough for every frame. */
  moveTo(time_s: number): void {
    this.#time_s = time_s;
    const studio = this.#studio;
    if (studio === undefined) return;
    const x_px = toPixels(Math.min(time_s, studio.duration_s), this.#extent(studio));
    this.#cursor.style.transform = `translateX(${x_px}px)`;
    this.#played.style.width = `${x_px}px`;
    const text = valueText(time_s, spanAt(studio.intervals, time_s));
    // Once a second at most: this runs every frame, and assistive technology follows each change.
    if (this.getAttribute("aria-valuetext") === text) return;
    this.setAttribute("aria-valuetext", text);
    this.setAttribute("aria-valuenow", time_s.toFixed(1));
  }

  protected override build(): void {
    const isStrip = this.hasAttribute("strip");
    this.tabIndex = 0;
    this.setAttribute("role", "slider");
    this.setAttribute("aria-valuemin", "0");
    this.setAttribute("aria-label", isStrip ? "Seek" : "Emotion timeline");
    const track = h("div", { class: "track" }, this.#canvas, this.#played, this.#cursor);
    this.replaceChildren(track, ...(isStrip ? [] : [this.#ticks]), this.#tip.element);
    this.#draw = oncePerFrame(this.scope, () => this.#paint());
    this.scope.onResize(this, () => this.#draw());
    this.scope.listen(themeQuery, "change", () => this.#draw());
    this.scope.listen<KeyboardEvent>(this, "keydown", (event) => this.#key(event));
    scrub(this.scope, track, (x_px, pressed) => this.#point(x_px, pressed));
    this.scope.listen(track, "pointerleave", () => this.#tip.hide());
  }

  #extent(studio: Studio): Extent {
    return { duration_s: studio.duration_s, width_px: this.#canvas.clientWidth };
  }

  #paint(): void {
    const sheet = cleanSheet(this.#canvas);
    const studio = this.#studio;
    if (sheet === undefined || studio === undefined) return;
    this.setAttribute("aria-valuemax", studio.duration_s.toFixed(1));
    const isStrip = this.hasAttribute("strip");
    const extent = this.#extent(studio);
    for (const band of bands(studio.intervals, extent, MIN_BAND_PX)) {
      const strength = band.emotion === "Unsure" ? 0 : band.confidence;
      const share = isStrip ? 1 : 0.22 + 0.78 * strength;
      sheet.context.globalAlpha = admits(studio.filter, band.span)
        ? 0.55 + 0.45 * strength
        : DIMMED;
      this.#bar(sheet.context, band, sheet.height_px, share * sheet.height_px);
    }
    sheet.context.globalAlpha = 1;
    if (!isStrip) this.#layTicks(extent);
    this.moveTo(this.#time_s);
  }

  #bar(context: CanvasRenderingContext2D, band: Band, floor_px: number, height_px: number): void {
    const isStrip = this.hasAttribute("strip");
    const gap_px = !isStrip && band.width_px > 6 ? 1.5 : 0;
    const radius_px = isStrip ? 0 : Math.min(4, (band.width_px - gap_px) / 2);
    // The strip lies on the dark player, whatever the scheme of the page.
    context.fillStyle = isStrip ? colour(band.emotion, "dark") : colour(band.emotion);
    context.beginPath();
    context.roundRect(
      band.x_px + gap_px / 2,
      floor_px - height_px,
      band.width_px - gap_px,
      height_px,
      [radius_px, radius_px, 0, 0],
    );
    context.fill();
  }

  #layTicks(extent: Extent): void {
    const step_s = tickStep(extent, TICK_ROOM_PX);
    const labels: HTMLElement[] = [];
    for (let at_s = 0; at_s < extent.duration_s - step_s * 0.3; at_s += step_s) {
      const label = h("span", {}, clock(at_s));
      label.style.left = `${toPixels(at_s, extent)}px`;
      labels.push(label);
    }
    this.#ticks.replaceChildren(...labels);
  }

  #point(x_px: number, pressed: boolean): void {
    const studio = this.#studio;
    if (studio === undefined) return;
    const extent = this.#extent(studio);
    const time_s = toSeconds(x_px, extent);
    if (pressed) this.tell("seek", time_s);
    this.#tip.show(studio, time_s, toPixels(time_s, extent), extent.width_px);
  }

  #key(event: KeyboardEvent): void {
    const end_s = this.#studio?.duration_s ?? 0;
    const targets: Readonly<Record<string, number>> = {
      ArrowRight: this.#time_s + ARROW_S,
      ArrowUp: this.#time_s + ARROW_S,
      ArrowLeft: this.#time_s - ARROW_S,
      ArrowDown: this.#time_s - ARROW_S,
      PageUp: this.#time_s + PAGE_S,
      PageDown: this.#time_s - PAGE_S,
      Home: 0,
      End: end_s,
    };
    const target_s = targets[event.key];
    if (target_s === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    this.tell("seek", Math.min(end_s, Math.max(0, target_s)));
  }
}

define("emotion-timeline", TimelineView);
