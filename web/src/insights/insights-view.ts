/** `<emotion-insights>`: the share ring, time per emotion, the arc, and figures of the whole with their meaning. */

import type { Analytics, Label, State, Timeline } from "../api/api-types";
import { button, h, setText, svg } from "../kit/dom";
import { clock, percent, span } from "../kit/format";
import { face, icon } from "../kit/icons";
import { define, View } from "../kit/view";
import { isFinal } from "../model/session";
import type { Studio, StudioPart } from "../model/studio";
import { tally, type Tally } from "../model/tally";
import { texts } from "../texts";
import { arcOf, arcWidth, summaryOf } from "./arc";
import { ARC_POINTS, arcChart, fromStart } from "./arc-chart";
import { breakdown } from "./breakdown";
import { CompareChoice } from "./compare-choice";
import { printReport } from "./report";
import { longestStreaks } from "./streaks";

/** Circumference 100, so that a dash is a percentage. */
const RADIUS = 100 / (2 * Math.PI);
/** Between slices, in percent. */
const GAP = 0.8;

/** Tells "seek" (detail: seconds). */
export class InsightsView extends View implements StudioPart {
  #ring = svg("svg", { class: "ring", viewBox: "0 0 42 42", role: "img" });
  #ringText = h("div", { class: "ring-text" });
  #table = h("div", { class: "breakdown-box" });
  #figures = h("div", { class: "insights", hidden: true });
  #arc = h("section", { class: "arc-part" });
  #note = h("p", { class: "cards-note" });
  #cards = h("div", { class: "cards" }, this.#note);
  #compare = new CompareChoice();
  #print = button(
    { class: "quiet-button", hidden: true },
    () => void printReport(),
    icon("download"),
    texts.insights.print,
  );
  #shown: Timeline | undefined;
  #counted: Studio["intervals"] | undefined;

  show(studio: Studio): void {
    const { timeline, intervals } = studio;
    const all = tally(intervals);
    const counted = all.filter(({ share }) => share > 0);
    this.#ring.setAttribute("aria-label", this.#spoken(counted));
    this.#ring.replaceChildren(...this.#slices(counted, studio.selection.emotions));
    this.#nameTop(counted);
    this.#figures.hidden = counted.length === 0;
    if (timeline === undefined) setText(this.#note, noteFor(studio.analysis.state));
    this.#print.hidden = timeline === undefined;
    if (timeline !== undefined && this.#counted !== intervals) {
      this.#counted = intervals;
      const seek = (time_s: number): void => this.tell("seek", time_s);
      this.#table.replaceChildren(breakdown(all, longestStreaks(intervals), seek));
    }
    if (timeline === this.#shown || timeline === undefined) return;
    this.#shown = timeline;
    this.#cards.replaceChildren(...this.#facts(timeline.analytics));
    this.#drawArc(timeline);
    void this.#compare.offer(studio.analysis);
  }

  protected override build(): void {
    const ring = h("div", { class: "ring-box" }, this.#ringText);
    ring.prepend(this.#ring);
    this.#figures.replaceChildren(ring, this.#table);
    const tools = h("div", { class: "actions" }, this.#compare.element, this.#print);
    this.replaceChildren(
      h("div", { class: "panel-head" }, h("h2", {}, texts.insights.title), tools),
      this.#figures,
      this.#arc,
      this.#cards,
    );
  }

  #nameTop(counted: readonly Tally[]): void {
    const top = counted
      .filter(({ label }) => label !== "Unsure")
      .sort((a, b) => b.share - a.share)[0];
    if (top === undefined) this.#ringText.replaceChildren(h("small", {}, texts.insights.noClear));
    else
      this.#ringText.replaceChildren(
        h("strong", {}, percent(top.share)),
        h("small", {}, texts.emotions[top.label]),
      );
  }

  #drawArc({ intervals, duration }: Timeline): void {
    const arc = arcOf(intervals, duration, ARC_POINTS);
    const { arc: title, arcMeaning, arcNone } = texts.insights;
    const isEmpty = summaryOf(arc) === undefined;
    const words = isEmpty ? arcNone : arcMeaning(span(arcWidth(duration)));
    const chart = isEmpty ? [] : [arcChart([{ arc, name: "" }], fromStart(duration))];
    this.#arc.replaceChildren(h("h3", {}, title), ...chart, h("p", { class: "caption" }, words));
  }

  #spoken(counted: readonly Tally[]): string {
    const each = counted.map(({ label, share }) => `${texts.emotions[label]} ${percent(share)}`);
    return texts.insights.spoken(each.join(", "));
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
    const { longest_streak: streak, switches, average_length, volatility } = analytics;
    const words = texts.insights;
    const jump =
      streak === null
        ? words.nothing
        : this.#jump(streak.emotion, span(streak.end - streak.start), streak.start);
    const when =
      streak === null
        ? words.streakNone
        : words.streakMeaning(clock(streak.start), clock(streak.end));
    return [
      this.#card(words.streak, jump, when),
      this.#card(words.switches, String(switches), words.switchesMeaning),
      this.#card(words.length, span(average_length), words.lengthMeaning),
      this.#card(words.volatility, percent(volatility), words.volatilityMeaning),
    ];
  }

  #jump(emotion: Label, length: string, start_s: number): HTMLElement {
    const go = button(
      { class: "link", title: texts.insights.go },
      () => this.tell("seek", start_s),
      face(emotion),
      `${length} ${texts.emotions[emotion]}`,
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
  return isFinal(state) ? texts.insights.unfinished : texts.insights.later;
}

define("emotion-insights", InsightsView);
