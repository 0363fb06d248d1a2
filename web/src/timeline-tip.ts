/** The card above a hovered time: a small picture, the time, the emotion and what it rests on. */

import { thumbnailPath } from "./api";
import { h } from "./dom";
import { evidenceText } from "./emotions";
import { clock, percent } from "./format";
import { face } from "./icons";
import type { Studio } from "./studio";
import { spanAt } from "./timeline";

const PICTURE_PX = 160;
/** A pointer that only passes by fetches no pictures. */
const REST_MS = 90;

export class TimelineTip {
  readonly element = h("div", { class: "tip", hidden: true, "aria-hidden": "true" });
  #picture = h("img", { alt: "", width: PICTURE_PX });
  #words = h("div", { class: "tip-words" });
  #timer = 0;

  constructor() {
    this.element.append(this.#picture, this.#words);
    this.#picture.addEventListener("error", () => (this.#picture.hidden = true));
    this.#picture.addEventListener("load", () => (this.#picture.hidden = false));
  }

  show(studio: Studio, time_s: number, x_px: number, room_px: number): void {
    const interval = spanAt(studio.intervals, time_s);
    const words = [h("span", { class: "tip-time" }, clock(time_s))];
    if (interval === undefined) words.push(h("span", {}, "not analysed yet"));
    else {
      const sure = interval.emotion === "Unsure" ? "" : ` ${percent(interval.confidence)}`;
      words.push(
        h(
          "strong",
          { "data-emotion": interval.emotion },
          face(interval.emotion),
          `${interval.emotion}${sure}`,
        ),
        h("span", {}, evidenceText(interval)),
      );
    }
    this.#words.replaceChildren(...words);
    this.element.hidden = false;
    const half_px = this.element.offsetWidth / 2;
    const left_px = Math.min(Math.max(x_px, half_px), Math.max(half_px, room_px - half_px));
    this.element.style.transform = `translate(calc(${left_px}px - 50%), -100%)`;
    window.clearTimeout(this.#timer);
    if (!studio.analysis.media.has_video) return;
    // The middle of the interval: many positions share one picture, which the browser keeps.
    const at_s = interval === undefined ? time_s : (interval.start + interval.end) / 2;
    const path = thumbnailPath(studio.analysis.id, at_s, PICTURE_PX);
    this.#timer = window.setTimeout(() => {
      if (this.#picture.getAttribute("src") !== path) this.#picture.src = path;
    }, REST_MS);
  }

  hide(): void {
    window.clearTimeout(this.#timer);
    this.element.hidden = true;
  }
}
