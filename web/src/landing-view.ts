/** `<emotion-landing>`: what this is, a place to drop a video, and what was analysed before. */

import { deleteAnalysis, listAnalyses, sentenceOf, thumbnailPath } from "./api";
import type { Analysis } from "./api-types";
import { button, h, setText } from "./dom";
import { SCORED } from "./emotions";
import { ago, bytes, clock, percent } from "./format";
import { face, icon } from "./icons";
import { analysisHash } from "./route";
import { MAX_UPLOAD_BYTES } from "./upload";
import { define, View } from "./view";

const RECENT = 12;
const PICTURE_PX = 320;

/** Tells "file" (detail: File) when one was chosen. */
export class LandingView extends View {
  #problem = h("p", { class: "problem", role: "alert", hidden: true });
  #recent = h("section", { class: "recent", hidden: true });

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
    this.replaceChildren(hero, this.#problem, this.#drop(), this.#recent);
    void this.#load();
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

  async #load(): Promise<void> {
    try {
      const { analyses } = await listAnalyses(RECENT);
      if (analyses.length === 0) return;
      const cards = h("div", { class: "recent-grid" }, ...analyses.map((each) => this.#card(each)));
      this.#recent.replaceChildren(h("h2", {}, "Recent analyses"), cards);
      this.#recent.hidden = false;
    } catch (error) {
      this.explain(sentenceOf(error));
    }
  }

  #card(analysis: Analysis): HTMLElement {
    const { id, title, media, created_at } = analysis;
    const picture = h("div", { class: "recent-picture" }, icon(media.has_video ? "film" : "sound"));
    if (media.has_video) {
      const src = thumbnailPath(id, media.duration * 0.35, PICTURE_PX);
      const image = h("img", { src, alt: "", loading: "lazy" });
      image.addEventListener("error", () => image.remove());
      picture.append(image);
    }
    picture.append(h("span", { class: "recent-length" }, clock(media.duration)));
    const words = h(
      "span",
      { class: "recent-words" },
      h("strong", {}, title),
      h("small", {}, `${this.#state(analysis)}${ago(created_at, Date.now())}`),
    );
    const card = h(
      "article",
      { class: "recent-card" },
      h("a", { href: analysisHash(id) }, picture, words),
    );
    const remove = button(
      { class: "round remove", "aria-label": `Delete ${title}` },
      () => void this.#remove(analysis, card),
      icon("remove"),
    );
    card.append(remove);
    return card;
  }

  #state({ state, progress }: Analysis): string {
    if (state === "SUCCEEDED") return "";
    if (state === "RUNNING") return `running, ${percent(progress)} · `;
    return `${state.toLowerCase()} · `;
  }

  async #remove({ id, title }: Analysis, card: HTMLElement): Promise<void> {
    if (!window.confirm(`Delete “${title}” with its video and its timeline?`)) return;
    try {
      await deleteAnalysis(id);
      card.remove();
      this.#recent.hidden = this.#recent.querySelector(".recent-card") === null;
    } catch (error) {
      this.explain(sentenceOf(error));
    }
  }
}

define("emotion-landing", LandingView);
