/** The card above a time: a small picture, the emotion, and what face and voice say each. */

import { crossOrigin, thumbnailPath } from "../api/api";
import { h } from "../kit/dom";
import { clock } from "../kit/format";
import { face } from "../kit/icons";
import { evidencePart, labelText, momentAt, type Moment } from "../model/moments";
import type { Studio } from "../model/studio";
import { texts } from "../texts";

const PICTURE_PX = 160;
/** A pointer that only passes by fetches no pictures. */
const REST_MS = 90;
const LINGER_MS = 3000;

export class TimelineTip {
  readonly element = h("div", { class: "tip", hidden: true, "aria-hidden": "true" });
  #picture = h("img", { alt: "", width: PICTURE_PX, hidden: true, ...crossOrigin() });
  #words = h("div", { class: "tip-words" });
  #timer = 0;
  #end = 0;

  constructor() {
    this.element.append(this.#picture, this.#words);
    this.#picture.addEventListener("error", () => (this.#picture.hidden = true));
    this.#picture.addEventListener("load", () => (this.#picture.hidden = false));
  }

  show(studio: Studio, time_s: number, x_px: number, room_px: number): void {
    const moment = momentAt(studio, time_s);
    const time = h("span", { class: "tip-time" }, clock(time_s));
    this.#words.replaceChildren(time, ...this.#about(moment));
    this.element.hidden = false;
    const half_px = this.element.offsetWidth / 2;
    const left_px = Math.min(Math.max(x_px, half_px), Math.max(half_px, room_px - half_px));
    this.element.style.transform = `translate(calc(${left_px}px - 50%), -100%)`;
    window.clearTimeout(this.#timer);
    window.clearTimeout(this.#end);
    if (!studio.analysis.media.has_video) return;
    // The middle of the interval: many positions share one picture, which the browser keeps.
    const at_s = moment === undefined ? time_s : (moment.start + moment.end) / 2;
    const path = thumbnailPath(studio.analysis.id, at_s, PICTURE_PX);
    this.#timer = window.setTimeout(() => {
      if (this.#picture.getAttribute("src") !== path) this.#picture.src = path;
    }, REST_MS);
  }

  hide(): void {
    window.clearTimeout(this.#timer);
    window.clearTimeout(this.#end);
    this.element.hidden = true;
  }

  /** Goes in a while: a finger lies on what it asks about, and is read after it is lifted. */
  linger(): void {
    window.clearTimeout(this.#end);
    this.#end = window.setTimeout(() => this.hide(), LINGER_MS);
  }

  #about(moment: Moment | undefined): readonly HTMLElement[] {
    if (moment === undefined) return [h("span", {}, texts.timeline.pending)];
    const label = h("strong", { "data-emotion": moment.emotion }, face(moment.emotion));
    label.append(labelText(moment));
    const row = (kind: "face" | "voice"): HTMLElement =>
      h("span", { class: "tip-row" }, h("b", {}, texts.evidence[kind]), evidencePart(moment, kind));
    const corrected = moment.corrected === true ? [h("span", {}, texts.corrections.corrected)] : [];
    return [label, ...corrected, row("face"), row("voice")];
  }
}
