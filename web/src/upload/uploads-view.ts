/** `<emotion-uploads>`: the queue; a list on the first view, a small tray on all others. */

import { h, setText } from "../kit/dom";
import { percent } from "../kit/format";
import { define, View } from "../kit/view";
import { texts } from "../texts";
import { UploadRow } from "./upload-row";
import { shareOf, type Item, type UploadQueue } from "./upload-queue";

export class UploadsView extends View {
  queue: UploadQueue | undefined;
  #rows = new Map<Item, UploadRow>();
  #list = h("ol", { class: "upload-list", "aria-label": texts.upload.title });
  /** Said once per state, not at each step. */
  #news = h("p", { class: "sr-only", role: "status" });

  protected override build(): void {
    const { queue } = this;
    if (queue === undefined) return;
    this.replaceChildren(this.#list, this.#news);
    this.scope.listen(queue, "change", () => this.#show(queue));
    this.scope.listen(window, "beforeunload", (event) => {
      if (queue.isBusy) event.preventDefault();
    });
    this.#show(queue);
  }

  #show(queue: UploadQueue): void {
    this.hidden = queue.items.length === 0;
    for (const [item, row] of [...this.#rows]) {
      if (queue.items.includes(item)) continue;
      row.element.remove();
      this.#rows.delete(item);
    }
    for (const item of queue.items) {
      const before = this.#rows.get(item)?.element.dataset["state"];
      this.#row(item, queue).show();
      if (item.state !== before) this.#announce(item);
    }
    this.#title(queue);
  }

  #row(item: Item, queue: UploadQueue): UploadRow {
    const known = this.#rows.get(item);
    if (known !== undefined) return known;
    const row = new UploadRow(item, queue);
    this.#rows.set(item, row);
    this.#list.append(row.element);
    return row;
  }

  #announce({ file, state }: Item): void {
    const { announce, looking, done } = texts.upload;
    if (state === "looking") setText(this.#news, announce(file.name, looking));
    if (state === "done") setText(this.#news, announce(file.name, done));
  }

  /** The tab says how far it is, while nothing else is shown. */
  #title({ items }: UploadQueue): void {
    if (document.body.dataset["view"] !== "landing") return;
    const running = items.find(({ state }) => state === "sending" || state === "offline");
    document.title =
      running === undefined
        ? texts.page.name
        : texts.upload.tab(percent(shareOf(running)), running.file.name);
  }
}

define("emotion-uploads", UploadsView);
