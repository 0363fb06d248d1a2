/** What is seen at the moment, as a label on the picture. */

import { h } from "../kit/dom";
import { percent } from "../kit/format";
import { face } from "../kit/icons";
import { evidenceText } from "../model/emotions";
import type { Moment } from "../model/moments";
import { texts } from "../texts";

export class Badge {
  /** Silent: the slider of the timeline says the same to a screen reader. */
  readonly element = h("div", { class: "badge", "aria-hidden": "true" });
  #shown: Moment | undefined;

  /** Rebuilds it only when the interval is another one, since this is called every frame. */
  show(interval: Moment | undefined): void {
    if (interval === this.#shown) return;
    this.#shown = interval;
    this.element.classList.toggle("visible", interval !== undefined);
    if (interval === undefined) return;
    const { emotion, confidence, draft } = interval;
    this.element.classList.toggle("draft", draft === true);
    this.element.dataset["emotion"] = emotion;
    const sure = emotion === "Unsure" ? "" : percent(confidence);
    const bar = h("span");
    bar.style.transform = `scaleX(${confidence})`;
    this.element.replaceChildren(
      face(emotion),
      h(
        "span",
        { class: "badge-text" },
        h("strong", {}, texts.emotions[emotion], " ", h("span", { class: "badge-sure" }, sure)),
        h("small", {}, draft === true ? texts.player.draft : evidenceText(interval)),
        h("span", { class: "badge-meter" }, bar),
      ),
    );
  }
}
