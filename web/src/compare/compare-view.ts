/** `<emotion-compare>`: two analyses side by side, such as two cuts of one film. */

import { sentenceOf } from "../api/api";
import { arcChart, inShares } from "../insights/arc-chart";
import { h } from "../kit/dom";
import { define, View } from "../kit/view";
import { analysisHash, compareHash } from "../route";
import { texts } from "../texts";
import { figureTable, shareTable } from "./compare-tables";
import { sideOf, Unfinished, type Side } from "./side";
import { strip } from "./strip";

export class CompareView extends View {
  open([left, right]: readonly [string, string]): void {
    document.title = `${texts.compare.title} – ${texts.page.name}`;
    void this.#load(left, right);
  }

  protected override build(): void {
    this.replaceChildren(h("h1", {}, texts.compare.title));
  }

  async #load(left: string, right: string): Promise<void> {
    try {
      const [a, b] = await Promise.all([sideOf(left), sideOf(right)]);
      if (this.isConnected) this.#show(a, b);
    } catch (error) {
      const sentence = error instanceof Unfinished ? error.message : sentenceOf(error);
      this.append(h("div", { class: "problem", role: "alert" }, h("p", {}, sentence)));
    }
  }

  #show(a: Side, b: Side): void {
    const words = texts.compare;
    const ids = [a.analysis.id, b.analysis.id] as const;
    const tools = h(
      "div",
      { class: "actions" },
      h("a", { class: "quiet-button", href: analysisHash(ids[0]) }, words.back),
      h("a", { class: "quiet-button", href: compareHash(ids[1], ids[0]) }, words.swap),
    );
    const part = (title: string, ...content: Node[]): HTMLElement =>
      h("section", { class: "panel" }, h("h2", {}, title), ...content);
    const same = h("p", { class: "hint" }, words.same);
    this.replaceChildren(
      h("div", { class: "title-row" }, h("h1", {}, words.title), tools),
      ...(ids[0] === ids[1] ? [same] : []),
      h("div", { class: "sides" }, head(a, "first"), head(b, "second")),
      part(
        words.arcs,
        arcChart([a.line, b.line], inShares),
        h("p", { class: "caption" }, words.arcsMeaning),
      ),
      part(words.shares, shareTable(a, b)),
      part(words.figures, figureTable(a, b)),
    );
  }
}

function head({ analysis, timeline }: Side, place: "first" | "second"): HTMLElement {
  const title = h("h2", { class: `side-${place}`, title: analysis.title }, analysis.title);
  const open = h("a", { class: "quiet-button small", href: analysisHash(analysis.id) });
  open.append(texts.compare.open);
  const row = h("div", { class: "panel-head" }, title, open);
  return h("section", { class: "panel" }, row, strip(timeline));
}

define("emotion-compare", CompareView);
