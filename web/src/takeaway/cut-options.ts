/** How highlights are cut: order, greatest length, style. */

import type { HighlightsRequest } from "../api/api-types";
import { h } from "../kit/dom";
import { texts } from "../texts";
import type { Selection } from "../model/selection";

type Choice = Readonly<Record<string, string>>;

export class CutOptions {
  readonly element: HTMLElement;
  #order = select(texts.takeAway.orders);
  #longest = select(texts.takeAway.longestOf, "none");
  #style = select(texts.takeAway.styles);

  constructor() {
    const words = texts.takeAway;
    this.element = h(
      "details",
      { class: "cut-options" },
      h("summary", {}, words.more),
      h("label", {}, words.order, this.#order),
      h("label", {}, words.longest, this.#longest),
      h("label", {}, words.style, this.#style),
    );
  }

  /** What the gateway is asked to cut. */
  request(selection: Selection): HighlightsRequest {
    const longest_s = Number(this.#longest.value);
    return {
      ...momentsOf(selection),
      order: this.#order.value === "strength" ? "strength" : "time",
      max_length: Number.isFinite(longest_s) ? longest_s : null,
      style: this.#style.value === "polished" ? "polished" : "fast",
    };
  }
}

/** The chosen moments, in the words of the API. */
export function momentsOf(selection: Selection): HighlightsRequest {
  return {
    emotions: selection.emotions,
    min_confidence: selection.minConfidence,
    people: selection.people,
    lead_in: selection.leadIn_s,
    lead_out: selection.leadOut_s,
    shortest: selection.shortest_s,
  };
}

/** @param first the value that stands at the top; objects put whole numbers before words. */
function select(choices: Choice, first?: string): HTMLSelectElement {
  const values = Object.keys(choices).sort((a, b) => Number(b === first) - Number(a === first));
  return h("select", {}, ...values.map((value) => h("option", { value }, choices[value])));
}
