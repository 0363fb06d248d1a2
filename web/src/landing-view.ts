/** `<emotion-landing>`: what this is, a place to drop a video, and what was analysed before. */

import { h, setText } from "./dom";
import { SCORED } from "./emotions";
import { bytes } from "./format";
import { face, icon } from "./icons";
import { RecentView } from "./recent-view";
import { MAX_UPLOAD_BYTES } from "./upload";
import { define, View } from "./view";

/** Tells "file" (detail: File) when one was chosen. */
export class LandingView extends View {
  #problem = h("p", { class: "problem", role: "alert", hidden: true });

  /** Shows one sentence above the drop area, or nothing. */
  explain(sentence: string | undefined): void {
    this.#problem.hidden = sentence === undefined;
    setText(this.#problem, sentence ?? "");
  }

  protected override build(): void {
    const faces = h(
      "div",
      { class: "faces", "aria-hidden": "true" },
      ...SCORED.map((label) => face(label)),
    );
    const hero = h(
      "div",
      { class: "hero" },
      faces,
      h("h1", {}, "See the emotions in any video, and play only those you choose."),
      h(
        "p",
        { class: "lead" },
        "EmotionMap reads faces and voices second by second and lays what they express over your video as a timeline.",
      ),
    );
    this.replaceChildren(hero, this.#problem, this.#drop(), new RecentView());
  }

  #drop(): HTMLElement {
    const input = h("input", {
      type: "file",
      accept: "video/*,audio/*,.mkv,.avi,.mpg,.mov",
      id: "file",
      class: "sr-only",
    });
    this.scope.listen(input, "change", () => {
      const file = input.files?.[0];
      if (file !== undefined) this.tell("file", file);
      input.value = "";
    });
    return h(
      "div",
      { class: "drop" },
      input,
      h("label", { for: "file", class: "primary large" }, icon("upload"), "Choose a video"),
      h("p", {}, "or drop one anywhere on this page"),
      h(
        "p",
        { class: "hint" },
        `Up to ${bytes(MAX_UPLOAD_BYTES)}. MP4, MOV, MKV, WebM and more; sound alone works too.`,
      ),
    );
  }
}

define("emotion-landing", LandingView);
