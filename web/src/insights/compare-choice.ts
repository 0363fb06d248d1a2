/** Names another finished analysis to lay beside this one. */

import { listAnalyses } from "../api/api";
import type { Analysis } from "../api/api-types";
import { h } from "../kit/dom";
import { compareHash } from "../route";
import { texts } from "../texts";

const MOST = 50;

export class CompareChoice {
  readonly element = h("label", { class: "compare-choice", hidden: true });
  #select = h("select", { "aria-label": texts.insights.compare });

  constructor() {
    this.element.append(this.#select);
    this.#select.addEventListener("change", () => {
      if (this.#select.value !== "") location.hash = this.#select.value;
    });
  }

  async offer({ id }: Analysis): Promise<void> {
    try {
      const { analyses } = await listAnalyses(MOST);
      const others = analyses.filter((each) => each.state === "SUCCEEDED" && each.id !== id);
      const options = others.map((each) =>
        h("option", { value: compareHash(id, each.id) }, each.title),
      );
      this.#select.replaceChildren(h("option", { value: "" }, texts.insights.compare), ...options);
      this.element.hidden = others.length === 0;
    } catch {
      // Without a list there is nothing to choose from; all else still works.
      this.element.hidden = true;
    }
  }
}
