/** `<emotion-corrections>`: what a viewer says a moment shows, shown at once, undone at will. */

import { correctionsCsvPath, sentenceOf } from "../api/api";
import type { Correction, CorrectionWish, Interval, Label } from "../api/api-types";
import { button, h, setText } from "../kit/dom";
import { clock } from "../kit/format";
import { face, icon } from "../kit/icons";
import { define, View } from "../kit/view";
import { stretchAround } from "../model/corrected";
import { LABELS } from "../model/emotions";
import { labelText, momentAt, spanAt, type Moment } from "../model/moments";
import type { Range } from "../model/ranges";
import type { Studio, StudioPart } from "../model/studio";
import { texts } from "../texts";

/** What the view asks of the analysis; both reject with an ApiError. */
export interface Corrector {
  correct(wish: CorrectionWish): Promise<void>;
  undo(correctionId: string): Promise<void>;
}

/** Tells "seek" (detail: seconds). */
export class CorrectionsView extends View implements StudioPart {
  corrector: Corrector | undefined;
  #studio: Studio | undefined;
  #time_s = 0;
  #here: Moment | undefined;
  #shown: readonly Correction[] | undefined;
  #when = h("p", { class: "correction-now" });
  #reach = choice(texts.corrections.reach, [
    ["moment", texts.corrections.second],
    ["stretch", texts.corrections.stretch],
  ]);
  #faces = new Map(LABELS.map((label) => [label, this.#face(label)]));
  #news = h("p", { class: "correction-news", role: "status" });
  #list = h("ol", { class: "correction-list", "aria-label": texts.corrections.list });
  #rest = h("div", { hidden: true });
  #box = h("details", { class: "correction" });
  #csv = h("a", { class: "file" }, icon("download"), texts.corrections.download);

  show(studio: Studio): void {
    this.#studio = studio;
    this.hidden = studio.timeline === undefined;
    this.#csv.href = correctionsCsvPath(studio.analysis.id);
    this.moveTo(this.#time_s);
    if (this.#shown === studio.corrections) return;
    this.#shown = studio.corrections;
    this.#rest.hidden = studio.corrections.length === 0;
    if (!this.#rest.hidden) this.#box.open = true;
    const said = studio.timeline?.intervals ?? [];
    const rows = studio.corrections.map((each) => this.#row(each, spanAt(said, each.start)));
    this.#list.replaceChildren(...rows);
  }

  moveTo(time_s: number): void {
    this.#time_s = time_s;
    const studio = this.#studio;
    if (studio === undefined) return;
    const here = momentAt(studio, time_s);
    if (here === this.#here) return;
    this.#here = here;
    for (const [label, press] of this.#faces) {
      press.disabled = here === undefined;
      press.setAttribute("aria-pressed", String(here?.emotion === label));
    }
    if (here === undefined) return;
    const { moment } = texts.corrections;
    const words = moment(clock(here.start), clock(here.end));
    setText(this.#when, texts.timeline.value(words, labelText(here)));
  }

  protected override build(): void {
    this.hidden = true;
    const words = texts.corrections;
    const form = h("div", { class: "correction-form", role: "group" }, ...this.#faces.values());
    form.setAttribute("aria-label", words.emotion);
    this.#rest.append(this.#list, this.#csv, h("p", { class: "hint" }, words.note));
    this.#box.replaceChildren(
      h("summary", {}, words.title),
      h("p", { class: "hint" }, words.invite),
      h("div", { class: "correction-head" }, this.#when, this.#reach),
      form,
      this.#news,
      this.#rest,
    );
    this.replaceChildren(this.#box);
  }

  #range(): Range | undefined {
    const here = this.#here;
    const intervals = this.#studio?.intervals ?? [];
    if (here === undefined || this.#reach.value !== "stretch") return here;
    return stretchAround(intervals, intervals.indexOf(here));
  }

  #face(label: Label): HTMLButtonElement {
    const name = texts.emotions[label];
    return button(
      {
        "data-emotion": label,
        "aria-pressed": false,
        "aria-label": texts.corrections.shows(name),
      },
      () => void this.#correct(label),
      face(label),
      name,
    );
  }

  /** What it shows already is no correction. */
  async #correct(emotion: Label): Promise<void> {
    const range = this.#range();
    if (range === undefined || this.#here?.emotion === emotion) return;
    const { start, end } = range;
    const saved = texts.corrections.saved(texts.emotions[emotion], clock(start), clock(end));
    await this.#try(async () => this.corrector?.correct({ start, end, emotion }), saved);
  }

  async #try(act: () => Promise<void> | undefined, news: string): Promise<void> {
    try {
      await act();
      setText(this.#news, news);
    } catch (error) {
      setText(this.#news, sentenceOf(error));
    }
  }

  #row({ id, start, end, emotion }: Correction, before: Interval | undefined): HTMLElement {
    const words = texts.corrections;
    const label = texts.emotions[emotion];
    const go = button(
      { class: "link", "aria-label": words.go(label, clock(start)) },
      () => this.tell("seek", start),
      face(emotion),
      `${label} · ${words.moment(clock(start), clock(end))}`,
    );
    const undone = words.undone(clock(start), clock(end));
    const undo = button(
      { class: "quiet-button small", "aria-label": words.undoNamed(label, clock(start)) },
      () => void this.#try(async () => this.corrector?.undo(id), undone),
      words.undo,
    );
    const was = before === undefined ? "" : words.was(texts.emotions[before.emotion]);
    return h("li", { "data-emotion": emotion }, go, h("small", {}, was), undo);
  }
}

function choice(
  label: string,
  values: readonly (readonly [value: string, words: string])[],
): HTMLSelectElement {
  const options = values.map(([value, words]) => h("option", { value }, words));
  return h("select", { "aria-label": label }, ...options);
}

define("emotion-corrections", CorrectionsView);
