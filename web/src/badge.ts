/** What is seen at the moment, as a label on the picture. */

import type { Interval } from "./api-types";
import { h } from "./dom";
import { evidenceText } from "./emotions";
import { percent } from "./format";
import { face } from "./icons";

export class Badge {
  /** Silent: the slider of the timeline says the same to a screen reader. */
  readonly element = h("div", { class: "badge", "aria-hidden": "true" });
  #shown: Interval | undefined;

  /** Rebuilds it only when the interval is another one, since this is called every frame. */
  show(interval: Interval | undefined): void {
    if (interval === this.#shown) return;
    this.#shown = interval;
    this.element.classList.toggle("visible", interval !== undefined);
    if (interval === undefined) return;
    const { emotion, confidence } = interval;
    this.element.dataset["emotion"] = emotion;
    const sure = emotion === "Unsure" ? "" : percent(confidence);
    const bar = h("span");
    bar.style.transform = `scaleX(${confidence})`;
    this.element.replaceChildren(
      face(emotion),
      h(
        "span",
        { class: "badge-text" },
        h("strong", {}, emotion, " ", h("span", { class: "badge-sure" }, sure)),
        h("small", {}, evidenceText(interval)),
        h("span", { class: "badge-meter" }, bar),
      ),
    );
  }
}
