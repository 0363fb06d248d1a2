/** The top of the analysis view: what it is of, how far it is, and what went wrong. */

import type { Analysis, State } from "./api-types";
import { button, h, setText } from "./dom";
import { percent } from "./format";
import { icon } from "./icons";
import { isFinal, type Session } from "./session";

const TRUNCATED = "The file ended before its header said; the timeline covers what could be read.";

export class AnalysisHead {
  readonly element: HTMLElement;
  #title = h("h1", {});
  #state = h("span", { class: "state", role: "status" });
  #stop: HTMLButtonElement;
  #bar = h("progress", { class: "thin", max: 1, "aria-label": "Analysis" });
  #note = h("p", { class: "hint", hidden: true }, TRUNCATED);
  #problem = h("div", { class: "problem", role: "alert", hidden: true });

  constructor(stop: () => void) {
    this.#stop = button({ class: "quiet-button", hidden: true }, stop, "Stop");
    const row = h("div", { class: "title-row" }, this.#title, this.#state, this.#stop);
    this.element = h("div", { class: "head" }, row, this.#bar, this.#note, this.#problem);
  }

  show(session: Session): void {
    const { analysis, problem, timeline, connected } = session;
    const sentence = problem ?? analysis?.failure?.message;
    this.#explain(sentence, session);
    const over = analysis === undefined || problem !== undefined || isFinal(analysis.state);
    this.#bar.hidden = over;
    this.#stop.hidden = over;
    this.#note.hidden = timeline?.truncated !== true;
    if (analysis === undefined) return;
    setText(this.#title, analysis.title);
    this.#bar.value = analysis.progress;
    this.#state.dataset["state"] = analysis.state;
    setText(this.#state, connected || over ? words(analysis) : "Connection lost, trying again…");
  }

  /** Rebuilt only when the sentence changes, so that it is read out once and buttons keep their focus. */
  #explain(sentence: string | undefined, session: Session): void {
    this.#problem.hidden = sentence === undefined;
    if (sentence === undefined || this.#problem.dataset["sentence"] === sentence) return;
    this.#problem.dataset["sentence"] = sentence;
    const again = (): void => void session.open();
    const canRetry = session.problem !== undefined;
    const retry = button({ class: "quiet-button", hidden: !canRetry }, again, "Try again");
    const other = h("a", { class: "quiet-button", href: "#/" }, "Analyse another video");
    const actions = h("div", { class: "actions" }, retry, other);
    this.#problem.replaceChildren(icon("warning"), h("p", {}, sentence), actions);
  }
}

function words({ state, progress }: Analysis): string {
  const all: Readonly<Record<State, string>> = {
    QUEUED: "Waiting for its turn",
    RUNNING: `Analysing, ${percent(progress)}`,
    SUCCEEDED: "",
    FAILED: "Failed",
    CANCELLED: "Stopped",
  };
  return all[state];
}
