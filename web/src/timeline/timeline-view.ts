/** `<emotion-timeline>`: strongest emotion and all scores over time; a slider for pointer, keyboard and ear. */

import { cleanSheet } from "../kit/canvas";
import { button, h, setText } from "../kit/dom";
import { clock } from "../kit/format";
import { icon } from "../kit/icons";
import { oncePerFrame } from "../kit/scope";
import { scrub } from "../kit/scrub";
import { themeNews } from "../kit/theme";
import { define, View } from "../kit/view";
import { momentAt, spokenText, valueText, type Moment } from "../model/moments";
import { isFinal } from "../model/session";
import type { Studio, StudioPart } from "../model/studio";
import { texts } from "../texts";
import { brush } from "./brush";
import { decimate } from "./columns";
import { pinch, wheel, type Moves } from "./gestures";
import { Minimap } from "./minimap";
import { paintBands, paintOver, paintScores } from "./paint";
import { seekKey } from "./seek-keys";
import { TimelineTip } from "./timeline-tip";
import { trackOf, type Track } from "./track";
import * as viewport from "./viewport";
import { toPixels, toSeconds, type Viewport } from "./viewport";

const TICK_ROOM_PX = 64;
const STEP = { in: 0.5, out: 2 } as const;

/** Tells "seek" (detail: seconds) and "viewport" (detail: Viewport). */
export class TimelineView extends View implements StudioPart {
  #studio: Studio | undefined;
  #track: Track = trackOf([]);
  #intervals: readonly Moment[] | undefined;
  #view: Viewport = viewport.whole(1);
  #time_s = 0;
  #bands = h("canvas", { class: "bands" });
  #scores = h("canvas", { class: "scores" });
  #cursor = h("div", { class: "cursor" });
  #slider = h(
    "div",
    { class: "track", role: "slider", tabindex: 0, "aria-label": texts.timeline.slider },
    this.#bands,
    this.#scores,
    this.#cursor,
  );
  #ticks = h("div", { class: "ticks", "aria-hidden": "true" });
  #tip = new TimelineTip();
  #map = new Minimap((view) => this.#look(view));
  #draft = h("p", { class: "draft-key", hidden: true }, texts.timeline.draft);
  #marked = h("p", { class: "mark-key", hidden: true }, texts.timeline.marked);
  #marks = h("div", { class: "marks" });
  #shown = h("span", { class: "shown-part", "aria-hidden": "true" });
  #zoomIn = this.#button("plus", texts.timeline.zoomIn, () => this.zoom(STEP.in));
  #zoomOut = this.#button("minus", texts.timeline.zoomOut, () => this.zoom(STEP.out));
  #zoomAll = this.#button("all", texts.timeline.zoomAll, () => this.zoom(Infinity));
  #draw: () => void = () => undefined;
  #redraw: () => void = () => undefined;

  show(studio: Studio): void {
    const before = this.#studio;
    this.#studio = studio;
    if (this.#intervals !== studio.intervals) this.#track = trackOf(studio.intervals);
    this.#intervals = studio.intervals;
    this.#draft.hidden = !this.#track.drafts.includes(1);
    this.#marked.hidden = studio.corrections.length === 0;
    this.toggleAttribute("busy", !isFinal(studio.analysis.state));
    if (before?.duration_s !== studio.duration_s) this.#widen(before, studio);
    this.#redraw();
    this.moveTo(this.#time_s);
  }

  /** Goes on showing all where all was shown; a film that is still coming becomes longer. */
  #widen(before: Studio | undefined, { analysis, duration_s }: Studio): void {
    const wasWhole = before === undefined || viewport.isWhole(this.#view, before.duration_s);
    const isOther = before?.analysis.id !== analysis.id;
    const isAll = wasWhole || isOther;
    this.#look(isAll ? viewport.whole(duration_s) : viewport.within(this.#view, duration_s));
  }

  /** Puts the cursor at a time; cheap enough for every frame. `follow` turns the page when it leaves it. */
  moveTo(time_s: number, follow = false): void {
    this.#time_s = time_s;
    const studio = this.#studio;
    if (studio === undefined) return;
    const at_s = Math.min(time_s, studio.duration_s);
    if (follow) this.#look(viewport.following(this.#view, at_s, studio.duration_s));
    const width_px = this.#slider.clientWidth;
    const x_px = toPixels(at_s, this.#view, width_px);
    this.#cursor.hidden = x_px < -1 || x_px > width_px + 1;
    this.#cursor.style.transform = `translateX(${x_px}px)`;
    this.#map.moveTo(at_s);
    const moment = momentAt(studio, time_s);
    // Little while playing: assistive technology follows each change.
    const text = follow ? valueText(time_s, moment) : spokenText(time_s, moment);
    // Once a second at most, since this runs every frame.
    if (this.#slider.getAttribute("aria-valuetext") === text) return;
    this.#slider.setAttribute("aria-valuetext", text);
    this.#slider.setAttribute("aria-valuenow", time_s.toFixed(1));
  }

  /** Shows `factor` times as much around the cursor, or around the middle if that is out of sight. */
  zoom(factor: number): void {
    const { from_s, to_s } = this.#view;
    const isSeen = this.#time_s >= from_s && this.#time_s <= to_s;
    this.#zoomAround(factor, isSeen ? this.#time_s : (from_s + to_s) / 2);
  }

  protected override build(): void {
    const { scope } = this;
    const zoom = h("div", { class: "zoom" }, this.#shown, this.#zoomOut, this.#zoomIn);
    zoom.append(this.#zoomAll);
    const head = h("div", { class: "panel-head" }, h("h2", {}, texts.timeline.title), zoom);
    const meaning = h("p", { class: "caption" }, texts.timeline.meaning);
    const body = h("div", { class: "track-box" }, this.#slider, this.#tip.element);
    this.#slider.append(this.#marks);
    const keys = [meaning, this.#draft, this.#marked];
    this.replaceChildren(head, ...keys, body, this.#ticks, this.#map.element);
    const redraw = oncePerFrame(scope, () => this.#paintMap());
    this.#draw = oncePerFrame(scope, () => this.#paint());
    this.#redraw = () => {
      this.#draw();
      redraw();
    };
    scope.onResize(this, () => this.#redraw());
    scope.listen(themeNews, "change", () => this.#redraw());
    this.#map.listen(scope);
    this.#gestures();
  }

  #gestures(): void {
    const { scope } = this;
    const moves: Moves = {
      zoom: (factor, x_px) => this.#zoomAround(factor, this.#timeAt(x_px)),
      pan: (by_px) => {
        const studio = this.#studio;
        if (studio === undefined) return;
        const by_s = (by_px / this.#slider.clientWidth) * viewport.spanOf(this.#view);
        this.#look(viewport.panned(this.#view, by_s, studio.duration_s));
      },
    };
    wheel(scope, this.#slider, moves);
    const isPinched = pinch(scope, this.#slider, moves);
    scrub(scope, this.#slider, (x_px, pressed) => {
      if (!isPinched()) this.#point(x_px, pressed);
    });
    scope.listen(this.#slider, "blur", () => this.#tip.hide());
    scope.listen<PointerEvent>(this.#slider, "pointerleave", ({ pointerType }) =>
      pointerType === "touch" ? this.#tip.linger() : this.#tip.hide(),
    );
    scope.listen<KeyboardEvent>(this.#slider, "keydown", (event) => this.#key(event));
  }

  #button(name: "plus" | "minus" | "all", label: string, act: () => void): HTMLButtonElement {
    return button({ class: "round small", "aria-label": label, title: label }, act, icon(name));
  }

  #timeAt(x_px: number): number {
    return toSeconds(x_px, this.#view, this.#slider.clientWidth);
  }

  #zoomAround(factor: number, at_s: number): void {
    const duration_s = this.#studio?.duration_s;
    if (duration_s === undefined) return;
    const isAll = factor === Infinity;
    this.#look(
      isAll ? viewport.whole(duration_s) : viewport.zoomed(this.#view, factor, at_s, duration_s),
    );
  }

  #look(view: Viewport): void {
    const studio = this.#studio;
    if (studio === undefined || view === this.#view) return;
    this.#view = view;
    const isWhole = viewport.isWhole(view, studio.duration_s);
    this.#zoomOut.disabled = this.#zoomAll.disabled = isWhole;
    const part = texts.timeline.zoomed(clock(view.from_s), clock(view.to_s));
    setText(this.#shown, isWhole ? "" : part);
    this.#map.look(view, studio.duration_s);
    this.#draw();
    this.tell<Viewport>("viewport", view);
  }

  #paint(): void {
    const studio = this.#studio;
    const [bands, scores] = [cleanSheet(this.#bands), cleanSheet(this.#scores)];
    if (bands === undefined || scores === undefined || studio === undefined) return;
    this.#slider.setAttribute("aria-valuemin", "0");
    this.#slider.setAttribute("aria-valuemax", studio.duration_s.toFixed(1));
    const columns = decimate(this.#track, this.#view, bands.width);
    const paint = brush();
    paintBands(bands, this.#track, columns, this.#view, paint);
    paintScores(scores, this.#track, columns, this.#view, paint);
    for (const sheet of [bands, scores])
      paintOver(sheet, columns, this.#view, studio.ranges, paint);
    this.#layTicks();
    this.#layMarks(studio.corrections);
    this.moveTo(this.#time_s);
  }

  #paintMap(): void {
    const studio = this.#studio;
    if (studio === undefined) return;
    this.#map.paint(this.#track, studio.ranges, studio.duration_s);
    this.#map.look(this.#view, studio.duration_s);
  }

  #layTicks(): void {
    const width_px = this.#slider.clientWidth;
    const labels = viewport.ticks(this.#view, width_px, TICK_ROOM_PX).map((at_s) => {
      const label = h("span", {}, clock(at_s));
      // Not in pixels: paper is of another width.
      label.style.left = `${toPixels(at_s, this.#view, 100)}%`;
      return label;
    });
    this.#ticks.replaceChildren(...labels);
  }

  /** Over what viewers corrected. */
  #layMarks(corrections: Studio["corrections"]): void {
    const marks = corrections.map(({ start, end }) => {
      const mark = h("span");
      const left = toPixels(start, this.#view, 100);
      mark.style.left = `${left}%`;
      mark.style.width = `${toPixels(end, this.#view, 100) - left}%`;
      return mark;
    });
    this.#marks.replaceChildren(...marks);
  }

  #point(x_px: number, pressed: boolean): void {
    const studio = this.#studio;
    if (studio === undefined) return;
    const time_s = this.#timeAt(x_px);
    if (pressed) this.tell("seek", time_s);
    this.#tip.show(studio, time_s, x_px, this.#slider.clientWidth);
  }

  #key(event: KeyboardEvent): void {
    const studio = this.#studio;
    if (studio === undefined) return;
    const step_s = studio.timeline?.interval ?? 1;
    const end_s = studio.duration_s;
    const to_s = seekKey(event, { time_s: this.#time_s, end_s, step_s });
    if (to_s === undefined) return;
    this.tell("seek", to_s);
    this.#look(viewport.following(this.#view, to_s, end_s));
    const x_px = toPixels(to_s, this.#view, this.#slider.clientWidth);
    this.#tip.show(studio, to_s, x_px, this.#slider.clientWidth);
  }
}

define("emotion-timeline", TimelineView);
