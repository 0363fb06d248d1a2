/** `<emotion-highlights>`: a video of what is chosen, cut by the gateway, with progress and a link that stays. */

import {
  ApiError,
  cancelExport,
  createHighlights,
  exportFilePath,
  getExport,
  isMissing,
  sentenceOf,
} from "../api/api";
import type { Export } from "../api/api-types";
import { button, h, setText } from "../kit/dom";
import { bytes, percent, span } from "../kit/format";
import { icon } from "../kit/icons";
import { define, View } from "../kit/view";
import type { Member } from "../model/cast";
import { LABELS } from "../model/emotions";
import { playableRanges, totalSeconds } from "../model/ranges";
import { describe, EVERYTHING, isEverything, type Selection } from "../model/selection";
import { isFinal } from "../model/session";
import type { Studio, StudioPart } from "../model/studio";
import { texts } from "../texts";
import { CutOptions } from "./cut-options";

const POLL_MS = 600;

export class HighlightsView extends View implements StudioPart {
  #studio: Studio | undefined;
  #busy = false;
  /** Whether the viewer wants what is being cut no more. */
  #unwanted = false;
  /** Ends the wait before the next look. */
  #wake: () => void = () => undefined;
  #make = button(
    { class: "primary" },
    () => void this.#cut(),
    icon("scissors"),
    texts.takeAway.make,
  );
  #what = h("p", { class: "hint" });
  #options = new CutOptions();
  #status = h("p", { class: "export-status", role: "status" });
  #bar = h("progress", { max: 1, value: 0, "aria-label": texts.takeAway.bar });
  #cancel = button({ class: "quiet-button" }, () => this.#giveUp(), texts.takeAway.cancel);
  #progress = h("div", { class: "cutting", hidden: true }, this.#bar, this.#cancel);

  show(studio: Studio): void {
    this.#studio = studio;
    this.hidden = studio.timeline === undefined;
    const { intervals, cast, duration_s } = studio;
    const selection = worthCutting(studio.selection);
    const seconds = totalSeconds(
      playableRanges(intervals, cast, selection, duration_s),
      duration_s,
    );
    this.#make.disabled = this.#busy || seconds === 0;
    const words = texts.takeAway;
    const what = words.what(describe(selection, nameIn(cast)), span(seconds));
    setText(this.#what, seconds === 0 ? words.nothing : what);
  }

  protected override build(): void {
    this.hidden = true;
    const made = [this.#progress, this.#status];
    const parts = [this.#what, this.#make, ...made, this.#options.element];
    this.replaceChildren(h("div", { class: "dock" }, ...parts));
  }

  async #cut(): Promise<void> {
    const studio = this.#studio;
    if (studio === undefined || this.#busy) return;
    this.#setBusy(true);
    setText(this.#status, texts.takeAway.starting);
    try {
      const request = this.#options.request(worthCutting(studio.selection));
      const made = await this.#finished(await createHighlights(studio.analysis.id, request));
      if (made.state === "SUCCEEDED") this.#offer(made);
      else setText(this.#status, made.failure?.message ?? texts.takeAway.cancelled);
    } catch (error) {
      setText(this.#status, sentenceOf(error));
    }
    this.#setBusy(false);
  }

  async #finished(made: Export): Promise<Export> {
    let latest = made;
    while (!isFinal(latest.state) && this.isConnected) {
      this.#bar.value = latest.progress;
      await this.#pause();
      latest = await this.#look(latest);
    }
    return latest;
  }

  /** The gateway goes on cutting while it cannot be reached: only that it is gone ends the wait. */
  async #look(before: Export): Promise<Export> {
    try {
      const latest = await (this.#unwanted ? cancelled(before.id) : getExport(before.id));
      if (!this.#unwanted) setText(this.#status, texts.takeAway.cutting(percent(latest.progress)));
      return latest;
    } catch (error) {
      if (isMissing(error)) throw error;
      setText(this.#status, texts.analysis.lost);
      return before;
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      window.setTimeout(resolve, POLL_MS);
    });
  }

  #giveUp(): void {
    this.#unwanted = true;
    setText(this.#status, texts.takeAway.cancelling);
    this.#wake();
  }

  /** Starts the download and leaves a link, since browsers may block what no click began. */
  #offer(made: Export): void {
    const link = h(
      "a",
      { class: "file ready", href: exportFilePath(made.id), download: made.file_name },
      icon("download"),
      made.file_name,
    );
    this.#status.replaceChildren(link, h("small", {}, this.#summary(made)));
    if (!this.#unwanted) link.click(); // else it was finished before it could be cancelled
  }

  #summary({ duration, size_bytes, summary }: Export): string {
    const words = texts.takeAway;
    const parts = size_bytes > 0 ? [words.made(span(duration), bytes(size_bytes))] : [];
    if (summary !== null) {
      parts.push(words.pieces(summary.pieces));
      if (summary.copied_share > 0) parts.push(words.copied(percent(summary.copied_share)));
    }
    return parts.join(" · ");
  }

  #setBusy(busy: boolean): void {
    this.#busy = busy;
    this.#make.disabled = busy;
    if (busy) this.#unwanted = false;
    else if (this.#studio !== undefined) this.show(this.#studio);
    if (this.#progress.matches(":focus-within")) this.#make.focus(); // before it is lost by hiding
    this.#progress.hidden = !busy;
    this.#bar.value = 0;
  }
}

/** What comes of cancelling an export, which may have finished just before. */
async function cancelled(id: string): Promise<Export> {
  try {
    return await cancelExport(id);
  } catch (error) {
    if (error instanceof ApiError && error.reason === "EXPORT_FINISHED") return getExport(id);
    throw error;
  }
}

/** Who has chosen nothing wants no copy of the film: then it is what a film is watched for. */
function worthCutting(selection: Selection): Selection {
  if (!isEverything(selection)) return selection;
  return {
    ...EVERYTHING,
    emotions: LABELS.filter((each) => each !== "Neutral" && each !== "Unsure"),
  };
}

function nameIn(cast: readonly Member[]): (id: string) => string {
  return (id) => cast.find((member) => member.id === id)?.name ?? id;
}

define("emotion-highlights", HighlightsView);
