/** One file of the queue: how far it is, how fast, and what can be done about it. */

import { button, h, setText } from "../kit/dom";
import { bytes, percent, span } from "../kit/format";
import { icon } from "../kit/icons";
import { isFinal } from "../model/session";
import { analysisHash } from "../route";
import { texts } from "../texts";
import { shareOf, type Item, type UploadQueue } from "./upload-queue";

export class UploadRow {
  readonly element: HTMLElement;
  readonly #item: Item;
  #bar: HTMLProgressElement;
  #status = h("p", { class: "upload-status" });
  #problem = h("div", { class: "upload-problem", role: "alert", hidden: true });
  #retry: HTMLButtonElement;
  #open = h("a", { class: "quiet-button small", hidden: true }, texts.upload.open);
  #cancel: HTMLButtonElement;
  #icon = h("span", { class: "upload-icon" });

  constructor(item: Item, queue: UploadQueue) {
    this.#item = item;
    const { name } = item.file;
    this.#bar = h("progress", { max: 1, value: 0 });
    const again = (): void => (item.state === "stalled" ? queue.resume(item) : queue.retry(item));
    this.#retry = button({ class: "primary small", hidden: true }, again);
    this.#cancel = button({ class: "round small" }, () => queue.remove(item), icon("close"));
    this.#open.setAttribute("aria-label", texts.upload.openNamed(name));
    this.element = h(
      "li",
      { class: "upload-row" },
      this.#icon,
      h("h2", { title: name }, name),
      h("span", { class: "actions" }, this.#retry, this.#open, this.#cancel),
      this.#bar,
      this.#status,
      this.#problem,
    );
    this.show();
  }

  /** Whether its analysis is what the view shows. */
  set isOpen(isOpen: boolean) {
    this.#open.hidden = isOpen || this.#item.analysis === undefined;
  }

  show(): void {
    const { state, analysis, file, problem } = this.#item;
    if (this.element.dataset["state"] !== state)
      this.#icon.replaceChildren(icon(state === "failed" ? "warning" : "film"));
    this.element.dataset["state"] = state;
    this.#showBar();
    setText(this.#status, wordsOf(this.#item));
    this.#status.hidden = state === "failed";
    this.#showProblem();
    const isStalled = state === "stalled";
    this.#retry.hidden = problem?.canRetry !== true && !isStalled;
    setText(this.#retry, isStalled ? texts.upload.resume : texts.page.tryAgain);
    const { resumeNamed, retryNamed } = texts.upload;
    this.#retry.setAttribute("aria-label", (isStalled ? resumeNamed : retryNamed)(file.name));
    this.element.toggleAttribute("data-open", analysis !== undefined);
    this.#open.classList.toggle("ready", state === "done");
    if (analysis !== undefined) this.#open.href = analysisHash(analysis.id);
    const isOver = state === "analysing" || state === "done" || state === "failed";
    const label = (isOver ? texts.upload.dismissNamed : texts.upload.cancelNamed)(file.name);
    this.#cancel.setAttribute("aria-label", label);
    this.#cancel.title = isOver ? texts.upload.dismiss : texts.page.cancel;
  }

  /** Of the bytes as long as any are to come, then of the analysis. */
  #showBar(): void {
    const { state, analysis, file } = this.#item;
    this.#bar.hidden = state === "waiting" || state === "done" || state === "failed";
    const { bar, analysisBar } = texts.upload;
    const isAnalysing = state === "analysing";
    this.#bar.setAttribute("aria-label", (isAnalysing ? analysisBar : bar)(file.name));
    if (state === "looking" || (isAnalysing && analysis?.state === "QUEUED"))
      this.#bar.removeAttribute("value");
    else this.#bar.value = isAnalysing ? (analysis?.progress ?? 0) : shareOf(this.#item);
  }

  /** Rebuilt only when it changes, so that it is read out once. */
  #showProblem(): void {
    const { problem } = this.#item;
    this.#problem.hidden = problem === undefined;
    if (problem === undefined) return this.#problem.replaceChildren();
    if (this.#problem.childElementCount > 0) return;
    this.#problem.append(h("p", {}, problem.sentence), h("p", { class: "advice" }, problem.advice));
  }
}

/** What is said of a file in one line. */
export function wordsOf(item: Item): string {
  const { state, analysis } = item;
  const words = texts.upload;
  switch (state) {
    case "waiting":
      return words.waiting;
    case "looking":
      return words.looking;
    case "stalled":
      return words.stalled(bytes(hereOf(item)), bytes(item.file.size));
    case "offline":
      return words.offline(percent(shareOf(item)));
    case "analysing":
      return analysis?.state === "RUNNING"
        ? words.analysing(percent(analysis.progress))
        : words.queued;
    case "done":
      return analysis?.state === "CANCELLED" ? words.stopped : words.done;
    case "failed":
      return item.problem?.sentence ?? "";
    case "sending":
      return sendingWords(item);
  }
}

/** Bytes that surely are on the server, where that is known: what was sent may be stuck on its way. */
function hereOf({ analysis, sent_bytes }: Item): number {
  return analysis === undefined ? sent_bytes : Math.min(analysis.received_bytes, sent_bytes);
}

function sendingWords({ file, sent_bytes, pace, analysis }: Item): string {
  const words = texts.upload;
  const [speed, left_s] = [pace.bytesPerSecond, pace.secondsLeft(file.size)];
  const parts = [words.sending(bytes(sent_bytes), bytes(file.size))];
  if (speed !== undefined) parts.push(words.speed(bytes(Math.round(speed))));
  if (left_s !== undefined) parts.push(words.left(span(left_s)));
  const isRunning = analysis !== undefined && !isFinal(analysis.state);
  if (isRunning) parts.push(words.begun(percent(analysis.progress)));
  // A line may end after a dot, but does not begin with one.
  return parts.join("\u00a0· ");
}
