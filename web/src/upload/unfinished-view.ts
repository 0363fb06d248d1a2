/** `<emotion-unfinished>`: uploads that a closed tab broke off, to go on with or to discard. */

import { deleteAnalysis } from "../api/api";
import { button, h } from "../kit/dom";
import { bytes, percent } from "../kit/format";
import { define, View } from "../kit/view";
import { texts } from "../texts";
import { forget, unfinishedAt, type Unfinished } from "./unfinished";

const TUS = { "Tus-Resumable": "1.0.0" } as const;

/** Tells "choose" when a viewer wants to name the file again. */
export class UnfinishedView extends View {
  /** Those that are being sent in this tab are not broken off. */
  busy: ReadonlySet<string> = new Set();
  #list = h("ol", { class: "upload-list", "aria-label": texts.upload.pending });

  protected override build(): void {
    this.hidden = true;
    this.replaceChildren(h("h2", {}, texts.upload.pending), this.#list);
    for (const each of unfinishedAt(Date.now()))
      if (!this.busy.has(each.fingerprint)) void this.#offer(each);
  }

  async #offer(upload: Unfinished): Promise<void> {
    const offset = await offsetOf(upload);
    if (offset === "gone") forget(upload.fingerprint);
    if (typeof offset !== "number" || !this.isConnected) return;
    this.#list.append(this.#row(upload, offset / Math.max(1, upload.size_bytes)));
    this.hidden = false;
  }

  #row(upload: Unfinished, share: number): HTMLElement {
    const { name, size_bytes } = upload;
    const words = texts.upload;
    const goOn = button(
      { class: "primary small", "aria-label": words.goOnNamed(name) },
      () => this.tell("choose", undefined),
      words.goOn,
    );
    const discard = button(
      { class: "quiet-button small", "aria-label": words.discardNamed(name) },
      () => {
        forget(upload.fingerprint);
        // If it fails, the gateway discards it within a day.
        removeUnfinished(upload).catch(() => undefined);
        row.remove();
        this.hidden = this.#list.childElementCount === 0;
      },
      words.discard,
    );
    const row = h(
      "li",
      { class: "upload-row" },
      h("h3", { title: name }, name),
      h("span", { class: "actions" }, goOn, discard),
      h("progress", { max: 1, value: share, "aria-label": words.bar(name) }),
      h("p", { class: "upload-status" }, words.pendingOf(percent(share), bytes(size_bytes))),
    );
    return row;
  }
}

/** An analysis that has begun is deleted with its upload. */
async function removeUnfinished({ address, analysis }: Unfinished): Promise<void> {
  if (analysis === undefined) await fetch(address, { method: "DELETE", headers: TUS });
  else await deleteAnalysis(analysis);
}

/** Bytes that are on the server; "gone" if it no longer has the upload, undefined if it does not answer. */
async function offsetOf({ address }: Unfinished): Promise<number | "gone" | undefined> {
  try {
    const response = await fetch(address, { method: "HEAD", headers: TUS });
    if (response.status === 404 || response.status === 410) return "gone";
    const offset = response.headers.get("Upload-Offset");
    return response.ok && offset !== null ? Number(offset) : undefined;
  } catch {
    return undefined;
  }
}

define("emotion-unfinished", UnfinishedView);
