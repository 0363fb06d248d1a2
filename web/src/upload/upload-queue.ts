/** The files to be uploaded, one after another, and what becomes of them; lives as long as the page, whatever view it shows. */

import { getAnalysis, isMissing } from "../api/api";
import type { Analysis } from "../api/api-types";
import { explain, explainFailure, type Explanation } from "../api/explain";
import { isFinal } from "../model/session";
import { CANCELLED, DELETED, type Listener } from "./listener";
import { Pace } from "./pace";
import { Quiet } from "./quiet";
import { transfer } from "./transfer";
import { refusal } from "./upload";

/** "done" also where the analysis was stopped: nothing more happens. */
export type ItemState =
  "waiting" | "sending" | "stalled" | "offline" | "looking" | "analysing" | "done" | "failed";

/** One file; changed by the queue alone. */
export interface Item {
  readonly file: File;
  readonly pace: Pace;
  readonly state: ItemState;
  readonly sent_bytes: number;
  readonly problem: Explanation | undefined;
  /** As it was last seen; while bytes are still to come, one that has begun early. */
  readonly analysis: Analysis | undefined;
}

/** Share sent, 0 to 1, of empty files as well. */
export function shareOf({ sent_bytes, file }: Item): number {
  return sent_bytes / Math.max(1, file.size);
}

/** What an upload that is complete comes to, by its analysis. */
export function stateBy(analysis: Analysis): ItemState {
  if (!isFinal(analysis.state)) return "analysing";
  return analysis.state === "FAILED" ? "failed" : "done";
}

type Changing = { -readonly [K in keyof Item]: Item[K] };

/** Over slow connections bytes go in bursts; after so long without any, something is wrong. */
export const STALLED_MS = 15_000;
/** Between two looks at analyses that are not finished. */
const LOOK_MS = 1500;

/** Dispatches "change" after each piece of news, "uploaded" (detail: Item) when all of one is there. */
export class UploadQueue extends EventTarget {
  #items: readonly Changing[] = [];
  #stopping = new Map<Item, AbortController>();
  #resuming = new Map<Item, () => void>();
  #quiet = new Quiet<Changing>(STALLED_MS, (item) => {
    item.state = "stalled";
    this.#changed();
  });
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #send: typeof transfer;
  readonly #look: typeof getAnalysis;

  constructor(send = transfer, look = getAnalysis) {
    super();
    this.#send = send;
    this.#look = look;
  }

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
  remove(item: Item, why = CANCELLED): void {
    this.#items = this.#items.filter((each) => each !== item);
    this.#stopping.get(item)?.abort(why);
    this.#next();
  }

  /** Lets go of what belongs to an analysis that is about to be deleted: each further byte would be refused. */
  withdraw(analysis: string): void {
    const item = this.#of(analysis);
    if (item !== undefined) this.remove(item, DELETED);
  }

  /** Whether the rest of the video of an analysis is to come from here. */
  isSending(analysis: string): boolean {
    const item = this.#of(analysis);
    return item !== undefined && this.#stopping.has(item);
  }

  /** Breaks off what is stuck, and goes on with it at once. */
  resume(item: Item): void {
    this.#resuming.get(item)?.();
  }

  /** Takes those off the list of which nothing more is to be told. */
  clearDone(): void {
    this.#items = this.#items.filter(({ state }) => state !== "done");
    this.#changed();
  }

  /** Sends it anew, or what is missing of it. */
  retry(item: Item): void {
    const found = this.#items.find((each) => each === item);
    if (found?.state !== "failed") return;
    Object.assign(found, { state: "waiting", problem: undefined, analysis: undefined });
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
    this.#quiet.heard(item);
    try {
      const analysis = await this.#send(item.file, stopping.signal, this.#listener(item));
      this.#note(item, analysis, stateBy(analysis));
    } catch (error) {
      item.state = "failed";
      item.problem = explain(error);
      if (this.#items.includes(item) && (await this.#isWithdrawn(item))) this.#drop(item);
    }
    this.#stopping.delete(item);
    this.#resuming.delete(item);
    this.#quiet.over(item);
    if (item.state !== "failed" && this.#items.includes(item))
      this.dispatchEvent(new CustomEvent<Item>("uploaded", { detail: item }));
    this.#next();
  }

  /** Whether somebody deleted the analysis that had begun; its upload went with it. */
  async #isWithdrawn({ analysis }: Item): Promise<boolean> {
    if (analysis === undefined) return false;
    try {
      await this.#look(analysis.id);
      return false;
    } catch (error) {
      return isMissing(error);
    }
  }

  #listener(item: Changing): Listener {
    return {
      sent: (bytes) => {
        if (item.state !== "sending") item.pace.reset();
        item.state = "sending";
        this.#quiet.heard(item);
        item.sent_bytes = bytes;
        item.pace.note(performance.now(), bytes);
        this.#changed();
      },
      connected: (connected) => {
        if (connected === (item.state !== "offline")) return;
        item.state = connected ? "sending" : "offline";
        this.#quiet.heard(item);
        this.#changed();
      },
      begun: (analysis) => {
        this.#note(item, analysis, item.state);
        this.#changed();
      },
      looking: () => {
        item.state = "looking";
        this.#quiet.over(item);
        item.sent_bytes = item.file.size;
        this.#changed();
      },
      resumable: (resume) => void this.#resuming.set(item, resume),
    };
  }

  #note(item: Changing, analysis: Analysis, state: ItemState): void {
    item.analysis = analysis;
    item.state = state;
    const { failure } = analysis;
    if (state === "failed") item.problem = failure === null ? undefined : explainFailure(failure);
  }

  /** Looks at what is not final, one after another. Trouble on the way is left to the next look. */
  async #follow(): Promise<void> {
    for (const item of this.#items) {
      if (item.analysis === undefined || isFinal(item.analysis.state)) continue;
      try {
        const analysis = await this.#look(item.analysis.id);
        const isSending = this.#stopping.has(item);
        this.#note(item, analysis, isSending ? item.state : stateBy(analysis));
      } catch (error) {
        if (isMissing(error)) this.#drop(item);
      }
    }
    this.#timer = undefined;
    this.#changed();
  }

  #of(analysis: string): Item | undefined {
    return this.#items.find((item) => item.analysis?.id === analysis);
  }

  /** Takes off the list what was deleted elsewhere. */
  #drop(item: Item): void {
    if (this.#items.includes(item)) this.remove(item);
  }

  #changed(): void {
    const isOpen = ({ analysis }: Item): boolean =>
      analysis !== undefined && !isFinal(analysis.state);
    if (this.#timer === undefined && this.#items.some(isOpen))
      this.#timer = setTimeout(() => void this.#follow(), LOOK_MS);
    this.dispatchEvent(new Event("change"));
  }
}
