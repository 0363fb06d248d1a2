/** `<emotion-exports>`: the timeline as files, and links to share. */

import { h, setText } from "../kit/dom";
import { define, View } from "../kit/view";
import { EVERYTHING } from "../model/selection";
import type { Studio, StudioPart } from "../model/studio";
import { texts } from "../texts";
import { FileLinks } from "./file-links";
import { copyButton, embedCode, shareLink } from "./share";

export class ExportsView extends View implements StudioPart {
  /** Where the viewer is, seconds. */
  position: () => number = () => 0;
  #studio: Studio | undefined;
  #files = new FileLinks();
  #shared = h("p", { class: "sr-only", role: "status" });

  show(studio: Studio): void {
    this.#studio = studio;
    this.hidden = studio.timeline === undefined;
    this.#files.show(studio);
  }

  protected override build(): void {
    this.hidden = true;
    const words = texts.takeAway;
    const id = (): string => this.#studio?.analysis.id ?? "";
    const chosen = () => this.#studio?.selection ?? EVERYTHING;
    const tell = (told: string): void => setText(this.#shared, told);
    const here = () => [id(), chosen(), this.position()] as const;
    const link = copyButton(words.link, words.linkMeaning, () => shareLink(...here()), tell);
    const code = copyButton(words.embed, words.embedMeaning, () => embedCode(...here()), tell);
    this.replaceChildren(
      h("h2", {}, words.title),
      h("h3", {}, words.share),
      h("div", { class: "files two" }, link, code),
      this.#files.element,
      this.#shared,
    );
  }
}

define("emotion-exports", ExportsView);
