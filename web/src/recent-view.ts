/** `<emotion-recent>`: what was analysed before, newest first, to open or to delete. */

import { getAnalysis, isMissing, listAnalyses, sentenceOf, thumbnailPath } from "./api";
import type { Analysis } from "./api-types";
import { button, h, setText } from "./dom";
import { ago, clock, percent } from "./format";
import { icon } from "./icons";
import { analysisHash } from "./route";
import { isFinal } from "./session";
import { define, View } from "./view";
import { askToDelete } from "./withdrawal";

const PAGE = 12;
const PICTURE_PX = 320;
/** Between two looks at analyses that are not finished. */
const LOOK_MS = 3000;

interface Card {
  readonly element: HTMLElement;
  readonly state: HTMLElement;
}

export class RecentView extends View {
  #unfinished = new Map<string, Card>();
  #cursor: string | undefined;
  #grid = h("div", { class: "recent-grid" });
  #problem = h("p", { class: "problem", role: "alert", hidden: true });
  #more = button({ class: "quiet-button more", hidden: true }, () => void this.#load(), "");

  protected override build(): void {
    this.hidden = true;
    this.replaceChildren(h("h2", {}, "Recent analyses"), this.#grid, this.#problem, this.#more);
    this.scope.every(LOOK_MS, () => void this.#look());
    void this.#load();
  }

  async #load(): Promise<void> {
    this.#more.disabled = true;
    try {
      const { analyses, next_cursor } = await listAnalyses(PAGE, this.#cursor);
      this.#cursor = next_cursor ?? undefined;
      this.#grid.append(...analyses.map((each) => this.#card(each)));
      this.#explain(undefined);
      setText(this.#more, "Show older ones");
      this.#more.hidden = next_cursor === null;
    } catch (error) {
      this.#explain(error);
      setText(this.#more, "Try again");
      this.#more.hidden = false;
    }
    this.#more.disabled = false;
    this.hidden = this.#grid.childElementCount === 0 && this.#problem.hidden;
  }

  #explain(error: unknown): void {
    this.#problem.hidden = error === undefined;
    setText(this.#problem, error === undefined ? "" : sentenceOf(error));
  }

  async #look(): Promise<void> {
    if (document.hidden) return;
    for (const [id, card] of [...this.#unfinished]) {
      try {
        this.#note(await getAnalysis(id), card);
      } catch (error) {
        // Anything but "no such analysis" is worth another look, in a while.
        if (isMissing(error)) this.#drop(id, card);
      }
    }
  }

  #note(analysis: Analysis, card: Card): void {
    setText(card.state, `${stateWords(analysis)}${ago(analysis.created_at, Date.now())}`);
    if (isFinal(analysis.state)) this.#unfinished.delete(analysis.id);
    else this.#unfinished.set(analysis.id, card);
  }

  #drop(id: string, { element }: Card): void {
    this.#unfinished.delete(id);
    element.remove();
    this.hidden = this.#grid.childElementCount === 0;
  }

  #card(analysis: Analysis): HTMLElement {
    const { id, title } = analysis;
    const card = { element: h("article", { class: "recent-card" }), state: h("small", {}) };
    const words = h("span", { class: "recent-words" }, h("strong", { title }, title), card.state);
    const remove = button(
      { class: "round remove", title: "Delete", "aria-label": `Delete ${title}` },
      () => void this.#remove(analysis, card),
      icon("remove"),
    );
    card.element.append(h("a", { href: analysisHash(id) }, picture(analysis), words), remove);
    this.#note(analysis, card);
    return card.element;
  }

  async #remove(analysis: Analysis, card: Card): Promise<void> {
    try {
      if (await askToDelete(analysis)) this.#drop(analysis.id, card);
    } catch (error) {
      this.#explain(error);
    }
  }
}

function stateWords({ state, progress }: Analysis): string {
  if (state === "SUCCEEDED") return "";
  if (state === "RUNNING") return `analysing, ${percent(progress)} · `;
  const words = { QUEUED: "waiting", FAILED: "failed", CANCELLED: "stopped" } as const;
  return `${words[state]} · `;
}

function picture({ id, media }: Analysis): HTMLElement {
  const frame = h("div", { class: "recent-picture" }, icon(media.has_video ? "film" : "sound"));
  if (media.has_video) {
    const src = thumbnailPath(id, media.duration * 0.35, PICTURE_PX);
    const image = h("img", { src, alt: "", loading: "lazy" });
    image.addEventListener("error", () => image.remove());
    frame.append(image);
  }
  frame.append(h("span", { class: "recent-length" }, clock(media.duration)));
  return frame;
}

define("emotion-recent", RecentView);
