/** A picture of the moment for browsers that cannot show the video: one a second, or where the viewer points. */

import { crossOrigin, thumbnailPath } from "../api/api";
import { h } from "../kit/dom";

const WIDTH_PX = 960;
/** A pointer that is being dragged fetches no pictures on its way. */
const REST_MS = 120;

export class Still {
  readonly element = h("img", { class: "still", alt: "", hidden: true, ...crossOrigin() });
  #wanted = "";
  #timer = 0;

  set hidden(hidden: boolean) {
    this.element.hidden = hidden;
  }

  show(id: string, time_s: number, playing: boolean): void {
    if (this.element.hidden) return;
    const at_s = playing ? Math.floor(time_s) : Math.floor(time_s * 10) / 10;
    const path = thumbnailPath(id, at_s, WIDTH_PX);
    if (this.#wanted === path) return;
    this.#wanted = path;
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => (this.element.src = path), REST_MS);
  }
}
