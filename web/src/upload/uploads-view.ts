/** `<emotion-uploads>`: the queue; a list on the first view, a small tray on all others. */

import { h, setText } from "../kit/dom";
import { percent } from "../kit/format";
import { define, View } from "../kit/view";
import type { Route } from "../route";
import { texts } from "../texts";
import { trayOf } from "./tray";
import { UploadRow, wordsOf } from "./upload-row";
import { shareOf, type Item, type UploadQueue } from "./upload-queue";

/** How long the tray tells that a video is ready. */
const FRESH_MS = 10_000;

export class UploadsView extends View {
  queue: UploadQueue | undefined;
  #route: Route = { view: "landing" };
  #rows = new Map<Item, UploadRow>();
  /** Those that became ready a moment ago. */
  #fresh = new Set<Item>();
  /** Those whose failure was shown on the first view. */
  #seen = new Set<Item>();
  #heading = h("h1", {}, texts.upload.title);
  #list = h("ol", { class: "upload-list" });
  #others = h("p", { class: "upload-others" });
  #box = h(
    "section",
    { class: "uploads", "aria-label": texts.upload.title, hidden: true },
    this.#heading,
    this.#list,
    this.#others,
  );
  /** Said once per state, not at each step; also of what is not shown. */
  #news = h("p", { class: "sr-only", role: "status" });

  /** Which view it stands in. */
  set route(route: Route) {
    this.#route = route;
    if (this.queue !== undefined) this.#show(this.queue);
  }

  protected override build(): void {
    const { queue } = this;
    if (queue === undefined) return;
    this.replaceChildren(this.#box, this.#news);
    this.scope.listen(queue, "change", () => this.#show(queue));
    this.scope.listen(window, "beforeunload", (event) => {
      if (queue.isBusy) event.preventDefault();
    });
    // What the tray stands before can be scrolled clear of it.
    this.scope.onResize(this.#box, () => {
      document.body.style.setProperty("--tray", `${this.#box.offsetHeight}px`);
    });
    this.#show(queue);
  }

  #show(queue: UploadQueue): void {
    for (const [item, row] of [...this.#rows]) {
      if (queue.items.includes(item)) continue;
      row.element.remove();
      this.#rows.delete(item);
      this.#fresh.delete(item);
      this.#seen.delete(item);
    }
    for (const item of queue.items) {
      const before = { ...this.#rows.get(item)?.element.dataset };
      const row = this.#row(item, queue);
      row.show();
      this.#tellNews(item, before, row.element.dataset);
    }
    this.#arrange(queue);
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

  #arrange({ items }: UploadQueue): void {
    const route = this.#route;
    const isFirst = route.view === "landing";
    for (const item of items) {
      if (item.state !== "failed") this.#seen.delete(item);
      else if (isFirst) this.#seen.add(item);
    }
    const known = { fresh: this.#fresh, seen: this.#seen };
    const { shown, others } = trayOf(items, route, known);
    for (const [item, row] of this.#rows) {
      row.element.hidden = !shown.has(item);
      row.isOpen = route.view === "analysis" && route.id === item.analysis?.id;
    }
    this.#heading.hidden = !isFirst;
    this.#others.hidden = others === 0;
    setText(this.#others, texts.upload.others(others));
    this.#box.hidden = shown.size === 0;
  }

  #tellNews(item: Item, before: DOMStringMap, now: DOMStringMap): void {
    const { announce, canOpen } = texts.upload;
    const tell = (words: string): void => setText(this.#news, announce(item.file.name, words));
    const isNews = ["stalled", "looking", "done"].includes(item.state);
    if (before["state"] !== now["state"] && isNews) tell(wordsOf(item));
    else if (item.state === "sending" && before["open"] !== now["open"]) tell(canOpen);
    if (item.state === "done" && before["state"] !== undefined && before["state"] !== "done")
      this.#keepFresh(item);
  }

  /** Not taken away from under a finger. */
  #keepFresh(item: Item): void {
    this.#fresh.add(item);
    window.setTimeout(() => {
      const row = this.#rows.get(item);
      if (row?.element.matches(":hover, :focus-within") === true) return this.#keepFresh(item);
      this.#fresh.delete(item);
      if (this.queue !== undefined) this.#arrange(this.queue);
    }, FRESH_MS);
  }

  /** The tab says how far it is, while nothing else is shown. */
  #title({ items }: UploadQueue): void {
    if (this.#route.view !== "landing") return;
    const isSent = ({ state }: Item): boolean => ["sending", "stalled", "offline"].includes(state);
    const running = items.find(isSent);
    document.title =
      running === undefined
        ? texts.page.name
        : texts.upload.tab(percent(shareOf(running)), running.file.name);
  }
}

define("emotion-uploads", UploadsView);
