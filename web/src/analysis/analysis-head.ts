/** The top of the analysis view: what it is of, how far it is, and what went wrong. */

import { button, h, setText } from "../kit/dom";
import { percent } from "../kit/format";
import { icon } from "../kit/icons";
import { texts } from "../texts";
import { isFinal, type Session } from "../model/session";

export class AnalysisHead {
  readonly element: HTMLElement;
  #title = h("h1", {});
  #words = h("span", { role: "status" });
  /** Apart from the words and silent: a screen reader would read out each step. */
  #share = h("span", { "aria-hidden": "true" });
  #state = h("span", { class: "state" }, this.#words, this.#share);
  #stop: HTMLButtonElement;
  #delete: HTMLButtonElement;
  #bar = h("progress", { class: "thin", max: 1, "aria-label": texts.analysis.bar });
  #note = h("p", { class: "hint", hidden: true });
  #problem = h("div", { class: "problem", role: "alert", hidden: true });

  constructor(stop: () => void, remove: () => void) {
    this.#stop = button({ class: "quiet-button" }, stop, texts.analysis.stop);
    this.#delete = button({ class: "quiet-button" }, remove, icon("remove"), texts.analysis.remove);
    const actions = h("div", { class: "actions" }, this.#stop, this.#delete);
    const row = h("div", { class: "title-row" }, this.#title, this.#state, actions);
    this.element = h("div", { class: "head" }, row, this.#bar, this.#note, this.#problem);
  }

  show(session: Session): void {
    const { analysis, problem, timeline, connected } = session;
    this.#explain(problem ?? analysis?.failure?.message, session);
    const shown = analysis !== undefined && problem === undefined;
    const runs = shown && !isFinal(analysis.state);
    this.#bar.hidden = this.#stop.hidden = !runs;
    this.#state.hidden = this.#delete.hidden = !shown;
    const { stopped, truncated } = texts.analysis;
    const note = analysis?.state === "CANCELLED" ? stopped : truncated;
    this.#note.hidden = !shown || (note === truncated && timeline?.truncated !== true);
    setText(this.#note, note);
    if (analysis === undefined) return;
    setText(this.#title, analysis.title);
    this.#title.title = analysis.title;
    this.#bar.value = analysis.progress;
    this.#state.dataset["state"] = analysis.state;
    const lost = runs && !connected;
    setText(this.#words, lost ? texts.analysis.lost : texts.analysis.states[analysis.state]);
    setText(this.#share, analysis.state === "RUNNING" && !lost ? percent(analysis.progress) : "");
  }

  /** Rebuilt only when the sentence changes, so that it is read out once and buttons keep their focus. */
  #explain(sentence: string | undefined, session: Session): void {
    this.#problem.hidden = sentence === undefined;
    if (sentence === undefined || this.#problem.dataset["sentence"] === sentence) return;
    this.#problem.dataset["sentence"] = sentence;
    const again = (): void => void session.open();
    const canRetry = session.problem !== undefined && !session.gone;
    const retry = button({ class: "quiet-button", hidden: !canRetry }, again, texts.page.tryAgain);
    const other = h("a", { class: "quiet-button", href: "#/" }, texts.analysis.other);
    const actions = h("div", { class: "actions" }, retry, other);
    this.#problem.replaceChildren(icon("warning"), h("p", {}, sentence), actions);
  }
}
