/** `<emotion-recent>`: what was analysed before, newest first, to find, to open or to delete. */

import {
  crossOrigin,
  getAnalysis,
  isMissing,
  listAnalyses,
  sentenceOf,
  thumbnailPath,
} from "../api/api";
import type { Analysis } from "../api/api-types";
import { button, h, setText } from "../kit/dom";
import { ago, bytes, clock, percent } from "../kit/format";
import { icon } from "../kit/icons";
import { analysisHash } from "../route";
import { Flow } from "../model/arrival";
import { isFinal } from "../model/session";
import { define, View } from "../kit/view";
import { askToDelete } from "./withdrawal";
import { texts } from "../texts";

const PAGE = 12;
const PICTURE_PX = 320;
/** Between two looks at analyses that are not finished. */
const LOOK_MS = 3000;
/** After the last key, so that not each one asks. */
const TYPING_MS = 250;

interface Card {
  readonly element: HTMLElement;
  readonly state: HTMLElement;
  readonly flow: Flow;
}

export class RecentView extends View {
  #unfinished = new Map<string, Card>();
  #cursor: string | undefined;
  #grid = h("div", { class: "recent-grid" });
  #problem = h("p", { class: "problem", role: "alert", hidden: true });
  #words = "";
  #typing = 0;
  #search = h("input", {
    type: "search",
    placeholder: texts.library.search,
    "aria-label": texts.library.search,
  });
  #found = h("p", { class: "hint", role: "status" });
  #more = button({ class: "quiet-button more", hidden: true }, () => void this.#load(), "");

  protected override build(): void {
    this.hidden = true;
    const head = h("div", { class: "panel-head" }, h("h2", {}, texts.library.title), this.#search);
    this.replaceChildren(head, this.#found, this.#grid, this.#problem, this.#more);
    this.scope.every(LOOK_MS, () => void this.#look());
    this.scope.add(() => window.clearTimeout(this.#typing));
    this.scope.listen(this.#search, "input", () => {
      window.clearTimeout(this.#typing);
      this.#typing = window.setTimeout(() => this.#find(this.#search.value.trim()), TYPING_MS);
    });
    void this.#load();
  }

  async #load(): Promise<void> {
    this.#more.disabled = true;
    const words = this.#words;
    try {
      const { analyses, next_cursor } = await listAnalyses(PAGE, this.#cursor, words);
      // Meanwhile, something else was asked for.
      if (words !== this.#words) return;
      this.#cursor = next_cursor ?? undefined;
      this.#grid.append(...analyses.map((each) => this.#card(each)));
      this.#explain(undefined);
      setText(this.#more, texts.library.older);
      this.#more.hidden = next_cursor === null;
    } catch (error) {
      this.#explain(error);
      setText(this.#more, texts.page.tryAgain);
      this.#more.hidden = false;
    }
    this.#more.disabled = false;
    this.#tellCount();
    this.hidden = words === "" && this.#grid.childElementCount === 0 && this.#problem.hidden;
  }

  #find(words: string): void {
    if (words === this.#words) return;
    this.#words = words;
    this.#cursor = undefined;
    this.#unfinished.clear();
    this.#grid.replaceChildren();
    void this.#load();
  }

  #tellCount(): void {
    const count = this.#grid.childElementCount;
    const { found, nothing } = texts.library;
    const told = count === 0 ? nothing(this.#words) : found(count);
    setText(this.#found, this.#words === "" ? "" : told);
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
    const stalled = card.flow.note(analysis, performance.now());
    setText(card.state, `${stateWords(analysis, stalled)}${ago(analysis.created_at, Date.now())}`);
    if (isFinal(analysis.state)) this.#unfinished.delete(analysis.id);
    else this.#unfinished.set(analysis.id, card);
  }

  #drop(id: string, { element }: Card): void {
    this.#unfinished.delete(id);
    element.remove();
    this.#tellCount();
    this.hidden = this.#words === "" && this.#grid.childElementCount === 0;
  }

  #card(analysis: Analysis): HTMLElement {
    const { id, title } = analysis;
    const element = h("article", { class: "recent-card" });
    const card = { element, state: h("small", {}), flow: new Flow() };
    const words = h("span", { class: "recent-words" }, h("strong", { title }, title), card.state);
    const remove = button(
      {
        class: "round remove",
        title: texts.library.remove,
        "aria-label": texts.library.removeNamed(title),
      },
      () => void this.#remove(analysis, card),
      icon("remove"),
    );
    card.element.append(h("a", { href: analysisHash(id) }, picture(analysis), words), remove);
    this.#note(analysis, card);
    return card.element;
  }

  async #remove(analysis: Analysis, card: Card): Promise<void> {
    try {
      const leave = (): void => this.tell("withdraw", analysis.id);
      if (await askToDelete(analysis, leave)) this.#drop(analysis.id, card);
    } catch (error) {
      this.#explain(error);
    }
  }
}

function stateWords(analysis: Analysis, stalled: boolean): string {
  const { state, progress, received_bytes, size_bytes } = analysis;
  if (state === "SUCCEEDED") return "";
  if (stalled) return texts.library.stalled(bytes(received_bytes), bytes(size_bytes));
  if (state === "RUNNING") return texts.library.running(percent(progress));
  return texts.library.states[state];
}

/** Where the picture of a card is from; what has just begun may still be uploaded, so only its start is there. */
function pictureTime_s({ state, progress, media }: Analysis): number {
  return isFinal(state) || progress > 0.5 ? media.duration * 0.35 : 0;
}

function picture(analysis: Analysis): HTMLElement {
  const { id, media } = analysis;
  const frame = h("div", { class: "recent-picture" }, icon(media.has_video ? "film" : "sound"));
  if (media.has_video) {
    const src = thumbnailPath(id, pictureTime_s(analysis), PICTURE_PX);
    const image = h("img", { src, alt: "", loading: "lazy", ...crossOrigin() });
    image.addEventListener("error", () => image.remove());
    frame.append(image);
  }
  frame.append(h("span", { class: "recent-length" }, clock(media.duration)));
  return frame;
}

define("emotion-recent", RecentView);
