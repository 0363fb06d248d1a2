/** `<emotion-exports>`: a highlights video of what is chosen, the timeline as files, and links to share. */

import { createHighlights, exportFilePath, getExport, sentenceOf } from "../api/api";
import type { Export } from "../api/api-types";
import { button, h, setText } from "../kit/dom";
import { bytes, percent, span } from "../kit/format";
import { icon } from "../kit/icons";
import { define, View } from "../kit/view";
import type { Member } from "../model/cast";
import { playableRanges, totalSeconds } from "../model/ranges";
import { describe, EVERYTHING, isEverything } from "../model/selection";
import { isFinal } from "../model/session";
import type { Studio, StudioPart } from "../model/studio";
import { texts } from "../texts";
import { CutOptions } from "./cut-options";
import { FileLinks } from "./file-links";
import { copyButton, embedCode, shareLink } from "./share";

const POLL_MS = 600;

export class ExportsView extends View implements StudioPart {
  /** Where the viewer is, seconds. */
  position: () => number = () => 0;
  #studio: Studio | undefined;
  #busy = false;
  #make = button(
    { class: "primary" },
    () => void this.#cut(),
    icon("scissors"),
    texts.takeAway.make,
  );
  #what = h("p", { class: "hint" });
  #options = new CutOptions();
  #files = new FileLinks();
  #status = h("p", { class: "export-status", role: "status" });
  #shared = h("p", { class: "sr-only", role: "status" });
  #bar = h("progress", { max: 1, value: 0, hidden: true, "aria-label": texts.takeAway.bar });

  show(studio: Studio): void {
    this.#studio = studio;
    this.hidden = studio.timeline === undefined;
    this.#files.show(studio);
    const { selection, intervals, cast, duration_s } = studio;
    const ranges = playableRanges(intervals, cast, selection, duration_s);
    const seconds = totalSeconds(ranges, duration_s);
    const all = isEverything(selection);
    this.#make.disabled = this.#busy || all || seconds === 0;
    const what = all
      ? texts.takeAway.invite
      : texts.takeAway.what(describe(selection, nameIn(cast)), span(seconds));
    setText(this.#what, what);
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
      this.#what,
      this.#make,
      this.#options.element,
      this.#bar,
      this.#status,
      this.#files.element,
      h("h3", {}, words.share),
      h("div", { class: "files two" }, link, code),
      this.#shared,
    );
  }

  async #cut(): Promise<void> {
    const studio = this.#studio;
    if (studio === undefined || this.#busy) return;
    this.#setBusy(true);
    setText(this.#status, texts.takeAway.starting);
    try {
      const request = this.#options.request(studio.selection);
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
      setText(this.#status, texts.takeAway.cutting(percent(latest.progress)));
      await new Promise((resolve) => window.setTimeout(resolve, POLL_MS));
      latest = await getExport(latest.id);
    }
    return latest;
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
    link.click();
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
    this.#bar.hidden = !busy;
    this.#bar.value = 0;
    if (!busy && this.#studio !== undefined) this.show(this.#studio);
  }
}

function nameIn(cast: readonly Member[]): (id: string) => string {
  return (id) => cast.find((member) => member.id === id)?.name ?? id;
}

define("emotion-exports", ExportsView);
