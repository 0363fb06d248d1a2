/** `<emotion-insights>`: the share ring, and what the analysis found about the whole, each with its meaning. */

import type { Analytics, Label, State, Timeline } from "./api-types";
import { button, h, setText, svg } from "./dom";
import { clock, percent, span } from "./format";
import { face } from "./icons";
import { isFinal } from "./session";
import type { Studio, StudioPart } from "./studio";
import { tally, type Tally } from "./tally";
import { define, View } from "./view";

/** Circumference 100, so that a dash is a percentage. */
const RADIUS = 100 / (2 * Math.PI);
/** Between slices, in percent. */
const GAP = 0.8;

export class InsightsView extends View implements StudioPart {
  #ring = svg("svg", { class: "ring", viewBox: "0 0 42 42", role: "img" });
  #ringText = h("div", { class: "ring-text" });
  #note = h("p", { class: "cards-note" });
  #cards = h("div", { class: "cards" }, this.#note);
  #shown: Timeline | undefined;

  show(studio: Studio): void {
    const counted = tally(studio.intervals).filter(({ share }) => share > 0);
    this.#ring.setAttribute("aria-label", this.#spoken(counted));
    this.#ring.replaceChildren(...this.#slices(counted, studio.filter.chosen));
    const top = [...counted]
      .filter(({ label }) => label !== "Unsure")
      .sort((a, b) => b.share - a.share)[0];
    if (top === undefined) this.#ringText.replaceChildren(h("small", {}, "No clear emotion"));
    else
      this.#ringText.replaceChildren(
        h("strong", {}, percent(top.share)),
        h("small", {}, top.label),
      );
    const { timeline } = studio;
    if (timeline === undefined) setText(this.#note, noteFor(studio.analysis.state));
    if (timeline === this.#shown) return;
    this.#shown = timeline;
    if (timeline !== undefined) this.#cards.replaceChildren(...this.#facts(timeline.analytics));
  }

  protected override build(): void {
    const ring = h("div", { class: "ring-box" }, this.#ringText);
    ring.prepend(this.#ring);
    this.replaceChildren(
      h("h2", {}, "The whole story"),
      h("div", { class: "insights" }, ring, this.#cards),
    );
  }

  #spoken(counted: readonly Tally[]): string {
    return `Share of time: ${counted.map(({ label, share }) => `${label} ${percent(share)}`).join(", ")}`;
  }

  #slices(counted: readonly Tally[], chosen: readonly Label[]): SVGElement[] {
    let begin = 0;
    return counted.map(({ label, share }) => {
      const length = Math.max(0.2, share * 100 - (counted.length > 1 ? GAP : 0));
      const slice = svg("circle", {
        cx: 21,
        cy: 21,
        r: RADIUS,
        "data-emotion": label,
        class: chosen.includes(label) ? undefined : "off",
        "stroke-dasharray": `${length} ${100 - length}`,
        "stroke-dashoffset": 25 - begin,
      });
      begin += share * 100;
      return slice;
    });
  }

  #facts(analytics: Analytics): HTMLElement[] {
    const { longest_streak: streak, top } = analytics;
    return [
      this.#card(
        "Top emotions",
        this.#ranking(top, analytics),
        "By seconds on screen and in the voices.",
      ),
      this.#card(
        "Longest streak",
        streak === null
          ? "–"
          : this.#jump(streak.emotion, span(streak.end - streak.start), streak.start),
        streak === null
          ? "No emotion was clear."
          : `From ${clock(streak.start)} to ${clock(streak.end)} without a change.`,
      ),
      this.#card(
        "Switches",
        String(analytics.switches),
        "How often one emotion gave way to another.",
      ),
      this.#card(
        "Average length",
        span(analytics.average_length),
        "How long an emotion lasts before the next.",
      ),
      this.#card(
        "Volatility",
        percent(analytics.volatility),
        "How much the scores move each step: 0 % is still, 100 % a full swing.",
      ),
    ];
  }

  #ranking(top: readonly Label[], { share }: Analytics): HTMLElement | string {
    const seen = top.filter((label) => share[label] > 0).slice(0, 3);
    if (seen.length === 0) return "–";
    const row = (label: Label): HTMLElement =>
      h(
        "li",
        { "data-emotion": label },
        face(label),
        h("span", {}, label),
        h("small", {}, percent(share[label])),
      );
    return h("ol", {}, ...seen.map(row));
  }

  #jump(emotion: Label, length: string, start_s: number): HTMLElement {
    const go = button(
      { class: "link", title: "Go there" },
      () => this.tell("seek", start_s),
      face(emotion),
      `${length} ${emotion}`,
    );
    go.dataset["emotion"] = emotion;
    return go;
  }

  #card(title: string, value: HTMLElement | string, meaning: string): HTMLElement {
    const shown = h("div", { class: "card-value" }, value);
    return h("section", { class: "card" }, h("h3", {}, title), shown, h("p", {}, meaning));
  }
}

function noteFor(state: State): string {
  return isFinal(state)
    ? "The analysis did not finish, so there are no figures."
    : "The figures appear when the analysis is complete.";
}

define("emotion-insights", InsightsView);
