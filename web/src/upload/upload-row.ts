/** One file of the queue: how far it is, how fast, and what can be done about it. */

import { button, h, setText } from "../kit/dom";
import { bytes, percent, span } from "../kit/format";
import { icon } from "../kit/icons";
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

  constructor(item: Item, queue: UploadQueue) {
    this.#item = item;
    const { name } = item.file;
    this.#bar = h("progress", { max: 1, value: 0, "aria-label": texts.upload.bar(name) });
    const again = (): void => queue.retry(item);
    this.#retry = button({ class: "primary small", hidden: true }, again, texts.page.tryAgain);
    this.#cancel = button({ class: "round small" }, () => queue.remove(item), icon("close"));
    this.#open.setAttribute("aria-label", texts.upload.openNamed(name));
    this.#open.addEventListener("click", () => queue.remove(item));
    this.element = h(
      "li",
      { class: "upload-row" },
      h("span", { class: "upload-icon" }, icon("film")),
      h("h2", { title: name }, name),
      h("span", { class: "actions" }, this.#retry, this.#open, this.#cancel),
      this.#bar,
      this.#status,
      this.#problem,
    );
    this.show();
  }

  show(): void {
    const { state, analysis, file, problem } = this.#item;
    this.element.dataset["state"] = state;
    this.#bar.hidden = state === "done" || state === "failed";
    if (state === "looking") this.#bar.removeAttribute("value");
    else this.#bar.value = shareOf(this.#item);
    setText(this.#status, this.#words());
    this.#status.hidden = state === "failed";
    this.#problem.hidden = problem === undefined;
    if (problem !== undefined && this.#problem.childElementCount === 0)
      this.#problem.append(
        h("p", {}, problem.sentence),
        h("p", { class: "advice" }, problem.advice ?? ""),
      );
    if (problem === undefined) this.#problem.replaceChildren();
    this.#retry.hidden = problem?.canRetry !== true;
    this.#open.hidden = analysis === undefined;
    if (analysis !== undefined) this.#open.href = analysisHash(analysis.id);
    const isOver = state === "done" || state === "failed";
    const label = isOver ? texts.upload.dismissNamed : texts.upload.cancelNamed;
    this.#cancel.setAttribute("aria-label", label(file.name));
  }

  #words(): string {
    const { state, sent_bytes, file, pace } = this.#item;
    const words = texts.upload;
    if (state === "waiting") return words.waiting;
    if (state === "looking") return words.looking;
    if (state === "done") return words.done;
    if (state === "offline") return words.offline(percent(shareOf(this.#item)));
    const [speed, left_s] = [pace.bytesPerSecond, pace.secondsLeft(file.size)];
    const parts = [words.sending(bytes(sent_bytes), bytes(file.size))];
    if (speed !== undefined) parts.push(words.speed(bytes(Math.round(speed))));
    if (left_s !== undefined) parts.push(words.left(span(left_s)));
    return parts.join(" · ");
  }
}
