/** `<emotion-filter>`: the emotions as chips with their share, and how sure a moment must be to play. */

import type { Label } from "./api-types";
import { button, h, setText } from "./dom";
import { LABELS } from "./emotions";
import {
  allBut,
  EVERYTHING,
  isEverything,
  only,
  toggled,
  withMinConfidence,
  type Filter,
} from "./filter";
import { percent, span } from "./format";
import { face } from "./icons";
import { playableRanges, totalSeconds } from "./ranges";
import type { Studio, StudioPart } from "./studio";
import { tally } from "./tally";
import { define, View } from "./view";

interface Chip {
  readonly toggle: HTMLButtonElement;
  readonly row: HTMLElement;
  readonly seconds: HTMLElement;
  readonly share: HTMLElement;
  readonly bar: HTMLElement;
}

/** Tells "filter" (detail: Filter). */
export class FilterView extends View implements StudioPart {
  #filter: Filter = EVERYTHING;
  #chips = new Map<Label, Chip>();
  #all = button(
    { class: "chip-all", title: "Play everything (0)" },
    () => this.#set(EVERYTHING),
    "All",
  );
  #summary = h("p", { class: "summary", "aria-live": "polite" });
  #floor = h("input", {
    type: "range",
    min: 0,
    max: 0.95,
    step: 0.05,
    value: 0,
    id: "min-confidence",
  });
  #floorText = h("span", { class: "floor-text", "aria-hidden": "true" }, "any");

  show({ filter, intervals, duration_s }: Studio): void {
    this.#filter = filter;
    const all = filter.chosen.length === LABELS.length;
    this.#all.setAttribute("aria-pressed", String(isEverything(filter)));
    for (const { label, seconds, share } of tally(intervals)) {
      const chip = this.#chips.get(label);
      if (chip === undefined) continue;
      const chosen = filter.chosen.includes(label);
      chip.toggle.setAttribute("aria-pressed", String(chosen && !all));
      chip.row.classList.toggle("off", !chosen);
      chip.row.classList.toggle("absent", seconds === 0);
      setText(chip.seconds, span(seconds));
      setText(chip.share, percent(share));
      chip.bar.style.transform = `scaleX(${share})`;
    }
    this.#floor.value = String(filter.minConfidence);
    this.#floor.style.setProperty("--level", `${(filter.minConfidence / 0.95) * 100}%`);
    const floor = filter.minConfidence === 0 ? "any" : `${percent(filter.minConfidence)} or more`;
    this.#floor.setAttribute("aria-valuetext", floor);
    setText(this.#floorText, floor);
    const plays_s = totalSeconds(playableRanges(intervals, filter, duration_s), duration_s);
    setText(this.#summary, this.#words(filter, plays_s, duration_s));
  }

  protected override build(): void {
    this.#chips = new Map(LABELS.map((label, i) => [label, this.#chip(label, i + 1)]));
    const head = h("div", { class: "panel-head" }, h("h2", {}, "Play only…"), this.#all);
    const list = h("div", { class: "chips", role: "group", "aria-label": "Emotions to play" });
    list.append(...[...this.#chips.values()].map(({ row }) => row));
    const floor = h(
      "div",
      { class: "floor" },
      h("label", { for: "min-confidence" }, "Confidence"),
      this.#floorText,
      this.#floor,
    );
    this.scope.listen(this.#floor, "input", () =>
      this.#set(withMinConfidence(this.#filter, Number(this.#floor.value))),
    );
    this.replaceChildren(head, list, floor, this.#summary);
  }

  #chip(label: Label, key: number): Chip {
    const seconds = h("span", { class: "chip-seconds" });
    const share = h("span", { class: "chip-share" });
    const bar = h("span", { class: "chip-bar" });
    const toggle = button(
      {
        class: "chip",
        "aria-pressed": false,
        title: `Key ${key}; with Shift: everything but ${label}`,
      },
      (event) =>
        this.#set(event.shiftKey ? allBut(this.#filter, label) : toggled(this.#filter, label)),
      face(label),
      h("span", { class: "chip-name" }, label),
      seconds,
      share,
      h("span", { class: "chip-track" }, bar),
    );
    toggle.addEventListener("dblclick", () => this.#set(only(this.#filter, label)));
    const single = button(
      { class: "chip-only", "aria-label": `Only ${label}` },
      () => this.#set(only(this.#filter, label)),
      "Only",
    );
    const row = h("div", { class: "chip-row", "data-emotion": label }, toggle, single);
    return { toggle, row, seconds, share, bar };
  }

  #words(filter: Filter, plays_s: number, duration_s: number): string {
    if (isEverything(filter)) return "Choose emotions and playback skips the rest.";
    if (plays_s === 0) return "Nothing matches. Lower the confidence or choose more emotions.";
    return `Plays ${span(plays_s)} of ${span(duration_s)}.`;
  }

  #set(filter: Filter): void {
    this.tell<Filter>("filter", filter);
  }
}

define("emotion-filter", FilterView);
