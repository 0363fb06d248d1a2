/** `<emotion-exports>`: a highlights video of what is chosen, and the timeline as files. */

import { createHighlights, exportFilePath, getExport, sentenceOf, timelinePath } from "./api";
import type { Export } from "./api-types";
import { button, h, setText } from "./dom";
import { describe, isEverything } from "./filter";
import { bytes, percent, span } from "./format";
import { icon } from "./icons";
import { playableRanges, totalSeconds } from "./ranges";
import { isFinal } from "./session";
import type { Studio, StudioPart } from "./studio";
import { define, View } from "./view";

const POLL_MS = 600;
const FORMATS = [
  ["json", "JSON", "Everything, with all scores"],
  ["csv", "CSV", "One row per interval"],
  ["vtt", "VTT", "Subtitles and chapters"],
] as const;

export class ExportsView extends View implements StudioPart {
  #studio: Studio | undefined;
  #busy = false;
  #make = button({ class: "primary" }, () => void this.#cut(), icon("scissors"), "Make highlights");
  #what = h("p", { class: "hint" });
  #status = h("p", { class: "export-status", role: "status" });
  #bar = h("progress", { max: 1, value: 0, hidden: true, "aria-label": "Making highlights" });
  #files = h("div", { class: "files" });

  show(studio: Studio): void {
    const isNew = this.#studio?.timeline !== studio.timeline;
    this.#studio = studio;
    this.hidden = studio.timeline === undefined;
    if (isNew && studio.timeline !== undefined) this.#files.replaceChildren(...this.#links(studio));
    const seconds = totalSeconds(
      playableRanges(studio.intervals, studio.filter, studio.duration_s),
      studio.duration_s,
    );
    const all = isEverything(studio.filter);
    this.#make.disabled = this.#busy || all || seconds === 0;
    const what = all
      ? "Choose emotions above to cut a video of them alone."
      : `One video of ${describe(studio.filter)}, ${span(seconds)}.`;
    setText(this.#what, what);
  }

  protected override build(): void {
    this.hidden = true;
    this.replaceChildren(
      h("h2", {}, "Take it with you"),
      this.#what,
      this.#make,
      this.#bar,
      this.#status,
      this.#files,
    );
  }

  #links({ analysis }: Studio): HTMLElement[] {
    const stem = analysis.title.replace(/\.[^.]+$/, "");
    return FORMATS.map(([format, name, title]) =>
      h(
        "a",
        {
          class: "file",
          href: timelinePath(analysis.id, format),
          download: `${stem}.emotions.${format}`,
          title,
        },
        icon("download"),
        name,
      ),
    );
  }

  async #cut(): Promise<void> {
    const studio = this.#studio;
    if (studio === undefined || this.#busy) return;
    this.#setBusy(true);
    setText(this.#status, "Starting…");
    try {
      const { chosen, minConfidence } = studio.filter;
      const request = { emotions: chosen, min_confidence: minConfidence };
      const made = await this.#finished(await createHighlights(studio.analysis.id, request));
      if (made.state === "SUCCEEDED") this.#offer(made);
      else setText(this.#status, made.failure?.message ?? "The highlights were cancelled.");
    } catch (error) {
      setText(this.#status, sentenceOf(error));
    }
    this.#setBusy(false);
  }

  async #finished(made: Export): Promise<Export> {
    let latest = made;
    while (!isFinal(latest.state) && this.isConnected) {
      this.#bar.value = latest.progress;
      setText(this.#status, `Cutting, ${percent(latest.progress)}`);
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
    const size = made.size_bytes > 0 ? `${span(made.duration)}, ${bytes(made.size_bytes)}` : "";
    this.#status.replaceChildren(link, h("small", {}, size));
    link.click();
  }

  #setBusy(busy: boolean): void {
    this.#busy = busy;
    this.#make.disabled = busy;
    this.#bar.hidden = !busy;
    this.#bar.value = 0;
    if (!busy && this.#studio !== undefined) this.show(this.#studio);
  }
}

define("emotion-exports", ExportsView);
