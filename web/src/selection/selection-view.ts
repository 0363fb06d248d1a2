/** `<emotion-filter>`: what to play: ready-made choices, emotions with their share, how sure, margins and length. */

import type { Label } from "../api/api-types";
import { button, h, setText } from "../kit/dom";
import { percent, span } from "../kit/format";
import { face } from "../kit/icons";
import { define, View } from "../kit/view";
import { LABELS } from "../model/emotions";
import { totalSeconds } from "../model/ranges";
import {
  allBut,
  EVERYTHING,
  isEverything,
  MOST,
  only,
  toggled,
  withMargins,
  withMinConfidence,
  type Selection,
} from "../model/selection";
import type { Studio, StudioPart } from "../model/studio";
import { tally } from "../model/tally";
import { texts } from "../texts";
import { PresetsView } from "./presets-view";
import { SliderField } from "./slider-field";

interface Chip {
  readonly toggle: HTMLButtonElement;
  readonly row: HTMLElement;
  readonly seconds: HTMLElement;
  readonly share: HTMLElement;
  readonly bar: HTMLElement;
}

const words = texts.selection;

/** Tells "selection" (detail: Selection). */
export class SelectionView extends View implements StudioPart {
  #selection: Selection = EVERYTHING;
  #chips = new Map<Label, Chip>();
  #all = button(
    { class: "chip-all", title: words.allTitle },
    () => this.#set(EVERYTHING),
    words.all,
  );
  #summary = h("p", { class: "summary", "aria-live": "polite" });
  #presets = new PresetsView((selection) => this.#set(selection));
  #floor = new SliderField({
    label: words.confidence,
    max: 0.95,
    step: 0.05,
    say: (value) => (value === 0 ? words.any : words.orMore(percent(value))),
    change: (value) => this.#set(withMinConfidence(this.#selection, value)),
  });
  #leadIn = this.#margin(words.leadIn, MOST.lead_s, (leadIn_s) => ({ leadIn_s }));
  #leadOut = this.#margin(words.leadOut, MOST.lead_s, (leadOut_s) => ({ leadOut_s }));
  #shortest = this.#margin(words.shortest, 30, (shortest_s) => ({ shortest_s }));

  show(studio: Studio): void {
    const { selection, rewatching, intervals, ranges, duration_s } = studio;
    this.#selection = selection;
    const all = selection.emotions.length === LABELS.length;
    this.#all.setAttribute("aria-pressed", String(isEverything(selection) && !rewatching));
    for (const { label, seconds, share } of tally(intervals)) {
      const chip = this.#chips.get(label);
      if (chip === undefined) continue;
      const chosen = selection.emotions.includes(label);
      chip.toggle.setAttribute("aria-pressed", String(chosen && !all));
      chip.row.classList.toggle("off", !chosen);
      chip.row.classList.toggle("absent", seconds === 0);
      setText(chip.seconds, span(seconds));
      setText(chip.share, percent(share));
      chip.bar.style.transform = `scaleX(${share})`;
    }
    this.#presets.show(studio);
    this.#floor.show(selection.minConfidence);
    this.#leadIn.show(selection.leadIn_s);
    this.#leadOut.show(selection.leadOut_s);
    this.#shortest.show(selection.shortest_s);
    const plays_s = totalSeconds(ranges, duration_s);
    setText(this.#summary, this.#words(studio, plays_s, ranges.length));
  }

  protected override build(): void {
    this.#chips = new Map(LABELS.map((label, i) => [label, this.#chip(label, i + 1)]));
    const head = h("div", { class: "panel-head" }, h("h2", {}, words.title), this.#all);
    const list = h("div", { class: "chips", role: "group", "aria-label": words.group });
    list.append(...[...this.#chips.values()].map(({ row }) => row));
    const more = h("details", { class: "margins" }, h("summary", {}, words.more));
    more.append(this.#leadIn.element, this.#leadOut.element, this.#shortest.element);
    const fields = [this.#floor.element, more];
    this.replaceChildren(head, this.#summary, this.#presets.element, list, ...fields);
  }

  #margin(
    label: string,
    max: number,
    change: (value: number) => Parameters<typeof withMargins>[1],
  ): SliderField {
    return new SliderField({
      label,
      max,
      step: 0.5,
      say: (value) => (value === 0 ? words.none : span(value)),
      change: (value) => this.#set(withMargins(this.#selection, change(value))),
    });
  }

  #chip(label: Label, key: number): Chip {
    const name = texts.emotions[label];
    const seconds = h("span", { class: "chip-seconds" });
    const share = h("span", { class: "chip-share" });
    const bar = h("span", { class: "chip-bar" });
    const toggle = button(
      { class: "chip", "aria-pressed": false, title: words.key(key, name) },
      (event) =>
        this.#set(
          event.shiftKey ? allBut(this.#selection, label) : toggled(this.#selection, label),
        ),
      face(label),
      h("span", { class: "chip-name" }, name),
      seconds,
      share,
      h("span", { class: "chip-track" }, bar),
    );
    toggle.addEventListener("dblclick", () => this.#set(only(this.#selection, label)));
    const single = button(
      { class: "chip-only", "aria-label": words.onlyNamed(name) },
      () => this.#set(only(this.#selection, label)),
      words.only,
    );
    const row = h("div", { class: "chip-row", "data-emotion": label }, toggle, single);
    return { toggle, row, seconds, share, bar };
  }

  #words({ selection, rewatching, duration_s }: Studio, plays_s: number, pieces: number): string {
    if (rewatching) return words.rewatching;
    if (isEverything(selection)) return words.invite;
    if (plays_s === 0 && selection.shortest_s > 0)
      return words.nothingLong(span(selection.shortest_s));
    if (plays_s === 0) return words.nothing;
    return words.plays(span(plays_s), span(duration_s), pieces);
  }

  #set(selection: Selection): void {
    this.tell<Selection>("selection", selection);
  }
}

define("emotion-filter", SelectionView);
