/** `<emotion-upload>`: how far an upload is, a way to stop it, and a way to try again. */

import { ApiError, sentenceOf } from "./api";
import type { Analysis } from "./api-types";
import { ask } from "./ask";
import { button, h, setText } from "./dom";
import { bytes, percent } from "./format";
import { icon } from "./icons";
import { newAttemptKey, upload, type Upload } from "./upload";
import { define, View } from "./view";

/** Tells "uploaded" (detail: Analysis) or "give-up". */
export class UploadView extends View {
  #file: File | undefined;
  /** Kept over retries: if the first attempt did arrive, the gateway answers with the same analysis. */
  #attemptKey = newAttemptKey();
  /** Undefined unless bytes are on their way. */
  #running: Upload | undefined;
  #bar = h("progress", { max: 1, value: 0, "aria-label": "Upload" });
  #status = h("p", { class: "upload-status" });
  #problem = h("p", { class: "problem", role: "alert", hidden: true });
  #retry = button({ class: "primary", hidden: true }, () => void this.#send(), "Try again");
  #cancel = button({ class: "quiet-button" }, () => this.#stop(), "Cancel");

  start(file: File): void {
    this.#file = file;
    this.#attemptKey = newAttemptKey();
    this.replaceChildren(
      h(
        "div",
        { class: "upload-card" },
        h("div", { class: "upload-icon" }, icon("film")),
        h("h1", {}, file.name),
        this.#bar,
        this.#status,
        this.#problem,
        h("div", { class: "actions" }, this.#retry, this.#cancel),
      ),
    );
    void this.#send();
  }

  /** Asks, if an upload would be lost. */
  async mayLeave(): Promise<boolean> {
    if (this.#running === undefined) return true;
    return ask({
      title: "Stop the upload?",
      text: "What has been sent so far is lost.",
      action: "Stop it",
      refusal: "Go on",
    });
  }

  protected override build(): void {
    this.scope.add(() => this.#running?.cancel());
    this.scope.listen(window, "beforeunload", (event) => {
      if (this.#running !== undefined) event.preventDefault();
    });
  }

  async #send(): Promise<void> {
    const file = this.#file;
    if (file === undefined) return;
    this.#show(undefined, false);
    this.#progress(0, file);
    this.#running = upload(file, this.#attemptKey, (share) => this.#progress(share, file));
    try {
      const analysis = await this.#running.finished;
      this.#running = undefined;
      this.tell<Analysis>("uploaded", analysis);
    } catch (error) {
      this.#running = undefined;
      if (error instanceof ApiError && error.reason === "CANCELLED") return;
      // The same bytes would be refused again; only trouble on the way is worth another attempt.
      const refused =
        error instanceof ApiError &&
        error.status >= 400 &&
        error.status < 500 &&
        error.status !== 429;
      this.#show(sentenceOf(error), !refused);
    }
  }

  #progress(share: number, file: File): void {
    if (share < 1) this.#bar.value = share;
    else this.#bar.removeAttribute("value");
    const sent = `${bytes(Math.round(file.size * share))} of ${bytes(file.size)}, ${percent(share)}`;
    setText(this.#status, share < 1 ? `Uploading ${sent}` : "Looking at the file…");
    document.title = `${percent(share)} · ${file.name} – EmotionMap`;
  }

  #show(problem: string | undefined, canRetry: boolean): void {
    this.#problem.hidden = problem === undefined;
    setText(this.#problem, problem ?? "");
    if (problem !== undefined) document.title = "EmotionMap";
    this.#bar.hidden = problem !== undefined;
    this.#status.hidden = problem !== undefined;
    this.#retry.hidden = !canRetry;
    setText(this.#cancel, problem === undefined ? "Cancel" : "Choose another file");
  }

  #stop(): void {
    this.#running?.cancel();
    this.tell("give-up", undefined);
  }
}

define("emotion-upload", UploadView);
