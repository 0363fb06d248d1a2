/** The top of the analysis view: what it is of, how far it is, and what went wrong. */

import type { Analysis, Timeline } from "../api/api-types";
import { explainFailure } from "../api/explain";
import { button, h, setText } from "../kit/dom";
import { bytes, clock, day, percent } from "../kit/format";
import { icon } from "../kit/icons";
import { texts } from "../texts";
import { isFinal, type Session } from "../model/session";
import { unfinishedAt } from "../upload/unfinished";

export class AnalysisHead {
  readonly element: HTMLElement;
  /** Whether this tab is sending the video of an analysis. */
  isSending: (id: string) => boolean = () => false;
  #title = h("h1", {});
  #words = h("span", { role: "status" });
  /** Apart from the words and silent: a screen reader would read out each step. */
  #share = h("span", { "aria-hidden": "true" });
  #state = h("span", { class: "state" }, this.#words, this.#share);
  #stop: HTMLButtonElement;
  #delete: HTMLButtonElement;
  #bar = h("progress", { class: "thin", max: 1, "aria-label": texts.analysis.bar });
  #note = h("p", { class: "hint", hidden: true });
  /** On paper alone: the page itself shows the length, and is of today. */
  #facts = h("p", { class: "report-facts" });
  #problem = h("div", { class: "problem", role: "alert", hidden: true });

  constructor(stop: () => void, remove: () => void) {
    this.#stop = button({ class: "quiet-button" }, stop, texts.analysis.stop);
    this.#delete = button({ class: "quiet-button" }, remove, icon("remove"), texts.analysis.remove);
    const actions = h("div", { class: "actions" }, this.#stop, this.#delete);
    const back = h(
      "a",
      {
        class: "round back",
        href: "#/",
        title: texts.analysis.back,
        "aria-label": texts.analysis.back,
      },
      icon("back"),
    );
    const row = h("div", { class: "title-row" }, back, this.#title, this.#state, actions);
    const rest = [this.#bar, this.#facts, this.#note, this.#problem];
    this.element = h("div", { class: "head" }, row, ...rest);
  }

  show(session: Session): void {
    const { analysis, problem, timeline, connected } = session;
    const failure = analysis?.failure ?? undefined;
    const failed = failure === undefined ? undefined : explainFailure(failure);
    const advice = problem === undefined ? failed?.advice : undefined;
    this.#explain(problem ?? failed?.sentence, advice, session);
    const shown = analysis !== undefined && problem === undefined;
    const runs = shown && !isFinal(analysis.state);
    this.#bar.hidden = this.#stop.hidden = !runs;
    this.#state.hidden = this.#delete.hidden = !shown;
    const stalled = runs && connected && session.stalled;
    const waits = stalled ? this.#waitsFor(analysis) : undefined;
    const note = waits ?? (shown ? noteOn(analysis, timeline) : undefined);
    this.#note.hidden = note === undefined;
    setText(this.#note, note ?? "");
    if (analysis === undefined) return;
    const date = day(analysis.created_at);
    setText(this.#facts, texts.analysis.facts(clock(analysis.media.duration), date));
    setText(this.#title, analysis.title);
    this.#title.title = analysis.title;
    this.#bar.value = analysis.progress;
    this.#state.dataset["state"] = analysis.state;
    const lost = runs && !connected;
    const state = stalled ? texts.analysis.stalled : texts.analysis.states[analysis.state];
    setText(this.#words, lost ? texts.analysis.lost : state);
    const isWorking = analysis.state === "RUNNING" && !lost && !stalled;
    setText(this.#share, isWorking ? percent(analysis.progress) : "");
  }

  /** Why nothing happens, and what can be done about it from here. */
  #waitsFor({ id, received_bytes, size_bytes }: Analysis): string {
    const { here, thisBrowser, elsewhere, waits } = texts.analysis;
    const isOurs = unfinishedAt(Date.now()).some(({ analysis }) => analysis === id);
    const advice = this.isSending(id) ? here : isOurs ? thisBrowser : elsewhere;
    return waits(bytes(received_bytes), bytes(size_bytes), advice);
  }

  /** Rebuilt only when the sentence changes, so that it is read out once and buttons keep their focus. */
  #explain(sentence: string | undefined, advice: string | undefined, session: Session): void {
    this.#problem.hidden = sentence === undefined;
    if (sentence === undefined || this.#problem.dataset["sentence"] === sentence) return;
    this.#problem.dataset["sentence"] = sentence;
    const again = (): void => void session.open();
    const canRetry = session.problem !== undefined && !session.gone;
    const retry = button({ class: "quiet-button", hidden: !canRetry }, again, texts.page.tryAgain);
    const other = h("a", { class: "quiet-button", href: "#/" }, texts.analysis.other);
    const actions = h("div", { class: "actions" }, retry, other);
    const told = h("p", {}, sentence);
    if (advice !== undefined) told.append(h("span", { class: "advice" }, advice));
    this.#problem.replaceChildren(icon("warning"), told, actions);
  }
}

/** What one should know before one looks at the timeline. */
function noteOn({ state }: Analysis, timeline: Timeline | undefined): string | undefined {
  const { stopped, truncated, nothingSeen, nothingClear } = texts.analysis;
  if (state === "CANCELLED") return stopped;
  if (timeline?.truncated === true) return truncated;
  const found = timeline?.intervals ?? [];
  if (found.length === 0 || found.some(({ emotion }) => emotion !== "Unsure")) return undefined;
  return found.every(({ evidence }) => evidence === "none") ? nothingSeen : nothingClear;
}
