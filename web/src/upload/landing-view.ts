/** `<emotion-landing>`: what this is, a place to drop videos, and what was analysed before. */

import { button, h } from "../kit/dom";
import { SCORED } from "../model/emotions";
import { bytes } from "../kit/format";
import { face, icon } from "../kit/icons";
import { RecentView } from "../library/recent-view";
import { UnfinishedView } from "./unfinished-view";
import { MAX_UPLOAD_BYTES } from "./upload";
import { define, View } from "../kit/view";
import { texts } from "../texts";

/** Tells "files" (detail: File[]) when some were chosen, and "example". */
export class LandingView extends View {
  /** Fingerprints of what is being uploaded in this tab. */
  busy: ReadonlySet<string> = new Set();
  #input = h("input", {
    type: "file",
    accept: "video/*,audio/*,.mkv,.avi,.mpg,.mov",
    id: "file",
    class: "sr-only",
    multiple: true,
  });

  protected override build(): void {
    const faces = SCORED.map((label) => face(label));
    const hero = h(
      "div",
      { class: "hero" },
      h("div", { class: "faces", "aria-hidden": "true" }, ...faces),
      h("h1", {}, texts.landing.title),
      h("p", { class: "lead" }, texts.landing.lead),
    );
    const unfinished = new UnfinishedView();
    unfinished.busy = this.busy;
    this.scope.listen(unfinished, "choose", () => this.#input.click());
    this.replaceChildren(hero, unfinished, this.#drop(), this.#promises(), new RecentView());
  }

  #drop(): HTMLElement {
    const input = this.#input;
    this.scope.listen(input, "change", () => {
      const files = [...(input.files ?? [])];
      if (files.length > 0) this.tell("files", files);
      input.value = "";
    });
    const example = button(
      { class: "quiet-button" },
      () => this.tell("example", undefined),
      icon("play"),
      texts.landing.example,
    );
    return h(
      "div",
      { class: "drop" },
      input,
      h("label", { for: "file", class: "primary large" }, icon("upload"), texts.landing.choose),
      h("p", {}, texts.landing.drop),
      h("p", { class: "hint" }, texts.landing.limits(bytes(MAX_UPLOAD_BYTES))),
      example,
    );
  }

  /** What a viewer should know before anything is sent. */
  #promises(): HTMLElement {
    const each = texts.landing.promises.map(([title, text]) =>
      h("div", {}, h("dt", {}, title), h("dd", {}, text)),
    );
    return h("dl", { class: "promises" }, ...each);
  }
}

define("emotion-landing", LandingView);
