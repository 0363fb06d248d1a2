/** What is said over the picture: what was skipped, and that one is outside of what was chosen, each with a way out. */

import { button, h, setText } from "../kit/dom";
import { clock } from "../kit/format";
import { texts } from "../texts";
import type { Notice, Playback } from "./playback";

/** Long enough to read and to press. */
const NOTICE_MS = 4500;

export class StageNotes {
  readonly element: HTMLElement;
  readonly #playback: Playback;
  #words = h("span", { role: "status" });
  #watch = button({ class: "note-action", hidden: true }, () => this.#undo(), texts.player.watchIt);
  #notice = h("div", { class: "skip-notice" }, this.#words, this.#watch);
  #outside = h("span", { role: "status" });
  #ahead: HTMLButtonElement;
  #roaming: HTMLElement;
  #skippedFrom_s: number | undefined;
  #timer = 0;

  constructor(playback: Playback) {
    this.#playback = playback;
    this.#ahead = button(
      { class: "note-action" },
      () => playback.skipAhead(),
      texts.player.skipAhead,
    );
    this.#roaming = h("div", { class: "roaming", hidden: true }, this.#outside, this.#ahead);
    this.element = h("div", { class: "notes" }, this.#roaming, this.#notice);
  }

  say({ sentence, skippedFrom_s }: Notice): void {
    this.#skippedFrom_s = skippedFrom_s;
    setText(this.#words, sentence);
    this.#watch.hidden = skippedFrom_s === undefined;
    this.#notice.classList.add("visible");
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.#fade(), NOTICE_MS);
  }

  #fade(): void {
    this.#notice.classList.remove("visible");
    this.#watch.hidden = true;
  }

  /** Brings the note about roaming in line with the playback. */
  refresh(): void {
    const { roaming, next_s } = this.#playback;
    // Of what was skipped, the viewer has seen enough who goes into what is.
    if (roaming && this.#roaming.hidden) this.#fade();
    this.#roaming.hidden = !roaming;
    if (!roaming) return setText(this.#outside, "");
    this.#ahead.hidden = next_s === undefined;
    setText(
      this.#outside,
      next_s === undefined ? texts.player.roamingToEnd : texts.player.roaming(clock(next_s)),
    );
  }

  #undo(): void {
    const from_s = this.#skippedFrom_s;
    if (from_s === undefined) return;
    this.#fade();
    // A frame inside, so that it counts as gone there by hand.
    this.#playback.seek(from_s + 0.05);
    void this.#playback.play();
  }
}
