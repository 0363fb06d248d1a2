/** The files to be uploaded, one after another; lives as long as the page, whatever view it shows. */

import type { Analysis } from "../api/api-types";
import { Pace } from "./pace";
import { transfer } from "./transfer";
import { explain, refusal, type Explanation } from "./upload";

export type ItemState = "waiting" | "sending" | "offline" | "looking" | "done" | "failed";

/** One file; changed by the queue alone. */
export interface Item {
  readonly file: File;
  readonly pace: Pace;
  readonly state: ItemState;
  readonly sent_bytes: number;
  readonly problem: Explanation | undefined;
  readonly analysis: Analysis | undefined;
}

/** Share sent, 0 to 1, of empty files as well. */
export function shareOf({ sent_bytes, file }: Item): number {
  return sent_bytes / Math.max(1, file.size);
}

type Changing = { -readonly [K in keyof Item]: Item[K] };

/** Dispatches "change" after each piece of news, "done" (detail: Item) when one is being analysed. */
export class UploadQueue extends EventTarget {
  #items: readonly Changing[] = [];
  #stopping = new Map<Item, AbortController>();

  get items(): readonly Item[] {
    return this.#items;
  }

  /** Whether bytes would be interrupted. */
  get isBusy(): boolean {
    return this.#stopping.size > 0;
  }

  add(files: readonly File[]): void {
    const made = files.map((file): Changing => {
      const error = refusal(file);
      const problem = error === undefined ? undefined : explain(error);
      const state = problem === undefined ? "waiting" : "failed";
      return { file, pace: new Pace(), state, sent_bytes: 0, problem, analysis: undefined };
    });
    this.#items = [...this.#items, ...made];
    this.#next();
  }

  /** Stops it if it is under way, and takes it off the list. */
  remove(item: Item): void {
    this.#items = this.#items.filter((each) => each !== item);
    this.#stopping.get(item)?.abort(new DOMException("cancelled", "AbortError"));
    this.#next();
  }

  retry(item: Item): void {
    const found = this.#items.find((each) => each === item);
    if (found?.state !== "failed") return;
    found.state = "waiting";
    found.problem = undefined;
    this.#next();
  }

  #next(): void {
    const item = this.#items.find(({ state }) => state === "waiting");
    if (!this.isBusy && item !== undefined) void this.#run(item);
    this.#changed();
  }

  async #run(item: Changing): Promise<void> {
    const stopping = new AbortController();
    this.#stopping.set(item, stopping);
    item.state = "sending";
    try {
      item.analysis = await transfer(item.file, stopping.signal, this.#listener(item));
      item.state = "done";
    } catch (error) {
      item.state = "failed";
      item.problem = explain(error);
    }
    this.#stopping.delete(item);
    if (item.state === "done" && this.#items.includes(item))
      this.dispatchEvent(new CustomEvent<Item>("done", { detail: item }));
    this.#next();
  }

  #listener(item: Changing): Parameters<typeof transfer>[2] {
    return {
      sent: (bytes) => {
        if (item.state === "offline") item.pace.reset();
        item.state = "sending";
        item.sent_bytes = bytes;
        item.pace.note(performance.now(), bytes);
        this.#changed();
      },
      connected: (connected) => {
        if (connected === (item.state !== "offline")) return;
        item.state = connected ? "sending" : "offline";
        this.#changed();
      },
      looking: () => {
        item.state = "looking";
        item.sent_bytes = item.file.size;
        this.#changed();
      },
    };
  }

  #changed(): void {
    this.dispatchEvent(new Event("change"));
  }
}
