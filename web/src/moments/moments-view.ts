/** `<emotion-moments>`: the strongest moments, to go to or to watch again one after another. */

import { crossOrigin, thumbnailPath } from "../api/api";
import { button, h, setText } from "../kit/dom";
import { clock, percent } from "../kit/format";
import { face, icon } from "../kit/icons";
import { define, View } from "../kit/view";
import type { Peak } from "../model/peaks";
import type { Studio, StudioPart } from "../model/studio";
import { texts } from "../texts";

const PICTURE_PX = 240;

/** Tells "seek" (detail: seconds) and "rewatch" (detail: boolean). */
export class MomentsView extends View implements StudioPart {
  #list = h("ol", { class: "moments" });
  #again = button({ class: "quiet-button" }, () => this.tell("rewatch", !this.#rewatching));
  #rewatching = false;
  #shown: readonly Peak[] | undefined;

  show({ analysis, timeline, peaks, rewatching }: Studio): void {
    this.hidden = timeline === undefined || peaks.length === 0;
    this.#rewatching = rewatching;
    const words = rewatching ? texts.moments.stop : texts.moments.rewatch;
    if (this.#again.textContent !== words) this.#again.replaceChildren(icon("again"), words);
    this.#again.classList.toggle("on", rewatching);
    if (this.#shown === peaks || timeline === undefined) return;
    this.#shown = peaks;
    const hasPicture = analysis.media.has_video;
    this.#list.replaceChildren(...peaks.map((peak) => this.#item(peak, analysis.id, hasPicture)));
  }

  protected override build(): void {
    this.hidden = true;
    const head = h("div", { class: "panel-head" }, h("h2", {}, texts.moments.title), this.#again);
    this.replaceChildren(head, this.#list);
  }

  #item({ emotion, confidence, start, at_s }: Peak, id: string, hasPicture: boolean): HTMLElement {
    const [label, share] = [texts.emotions[emotion], percent(confidence)];
    const go = button(
      {
        class: "moment",
        "data-emotion": emotion,
        "aria-label": texts.moments.go(label, share, clock(at_s)),
      },
      () => this.tell("seek", Math.max(0, Math.max(start, at_s - 1) - 0.5)),
    );
    if (hasPicture) go.append(this.#picture(id, at_s));
    const words = h("span", { class: "moment-words" }, face(emotion), h("strong", {}, label));
    const time = h("small", {});
    setText(time, `${share} · ${clock(at_s)}`);
    words.append(time);
    go.append(words);
    return h("li", {}, go);
  }

  #picture(id: string, at_s: number): HTMLElement {
    const src = thumbnailPath(id, at_s, PICTURE_PX);
    const size = { width: 160, height: 90 };
    const picture = h("img", { src, alt: "", loading: "lazy", ...size, ...crossOrigin() });
    picture.addEventListener("error", () => picture.remove());
    return picture;
  }
}

define("emotion-moments", MomentsView);
