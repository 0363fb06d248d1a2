/** `<emotion-seek>`: the thin bar of the player: the whole media in its colours, to seek in. */

import { cleanSheet } from "../kit/canvas";
import { h } from "../kit/dom";
import { oncePerFrame } from "../kit/scope";
import { scrub } from "../kit/scrub";
import { define, View } from "../kit/view";
import { momentAt, valueText } from "../model/moments";
import type { Studio, StudioPart } from "../model/studio";
import { texts } from "../texts";
import { brush } from "./brush";
import { decimate } from "./columns";
import { paintOver, paintStrip } from "./paint";
import { seekKey } from "./seek-keys";
import { TimelineTip } from "./timeline-tip";
import { trackOf } from "./track";
import { toPixels, toSeconds, whole } from "./viewport";

const ARROW_S = 5;

export class SeekStrip extends View implements StudioPart {
  #studio: Studio | undefined;
  #time_s = 0;
  #canvas = h("canvas", { "aria-hidden": "true" });
  #cursor = h("div", { class: "cursor" });
  #track = h("div", { class: "strip-track" }, this.#canvas, this.#cursor);
  #tip = new TimelineTip();
  #draw: () => void = () => undefined;

  show(studio: Studio): void {
    this.#studio = studio;
    this.#draw();
    this.moveTo(this.#time_s);
  }

  /** Puts the cursor at a time; cheap enough for every frame. */
  moveTo(time_s: number): void {
    this.#time_s = time_s;
    const studio = this.#studio;
    if (studio === undefined) return;
    const x_px = toPixels(
      Math.min(time_s, studio.duration_s),
      whole(studio.duration_s),
      this.#canvas.clientWidth,
    );
    this.#cursor.style.transform = `translateX(${x_px}px)`;
    const text = valueText(time_s, momentAt(studio, time_s));
    if (this.getAttribute("aria-valuetext") === text) return;
    this.setAttribute("aria-valuetext", text);
    this.setAttribute("aria-valuenow", time_s.toFixed(1));
  }

  protected override build(): void {
    this.tabIndex = 0;
    this.setAttribute("role", "slider");
    this.setAttribute("aria-valuemin", "0");
    this.setAttribute("aria-valuenow", "0");
    this.setAttribute("aria-label", texts.player.seek);
    this.replaceChildren(this.#track, this.#tip.element);
    this.#draw = oncePerFrame(this.scope, () => this.#paint());
    this.scope.onResize(this, () => this.#draw());
    this.scope.listen<KeyboardEvent>(this, "keydown", (event) => {
      const end_s = this.#studio?.duration_s ?? 0;
      const to_s = seekKey(event, { time_s: this.#time_s, end_s, step_s: ARROW_S });
      if (to_s !== undefined) this.tell("seek", to_s);
    });
    scrub(this.scope, this.#track, (x_px, pressed) => this.#point(x_px, pressed));
    this.scope.listen<PointerEvent>(this.#track, "pointerleave", ({ pointerType }) =>
      pointerType === "touch" ? this.#tip.linger() : this.#tip.hide(),
    );
  }

  #point(x_px: number, pressed: boolean): void {
    const studio = this.#studio;
    if (studio === undefined) return;
    const width_px = this.#canvas.clientWidth;
    const time_s = toSeconds(x_px, whole(studio.duration_s), width_px);
    if (pressed) this.tell("seek", time_s);
    this.#tip.show(studio, time_s, x_px, width_px);
  }

  #paint(): void {
    const sheet = cleanSheet(this.#canvas);
    const studio = this.#studio;
    if (sheet === undefined || studio === undefined) return;
    this.setAttribute("aria-valuemax", studio.duration_s.toFixed(1));
    const view = whole(studio.duration_s);
    const columns = decimate(trackOf(studio.intervals), view, sheet.width);
    const paint = { ...brush("dark"), surface: "#2a2f3a" };
    paintStrip(sheet, columns, paint);
    paintOver(sheet, columns, view, studio.ranges, paint);
  }
}

define("emotion-seek", SeekStrip);
