/** One analysis as it is known now: loaded, followed by server-sent events while it runs, then completed. */

import { eventsPath, getAnalysis, getTimeline, isMissing, sentenceOf } from "./api";
import type { Analysis, Interval, State, Timeline } from "./api-types";
import { withIntervals } from "./timeline";

/** Between attempts to follow an analysis whose server is away. */
const RETRY_MS = 1500;
const DELETED = "This analysis has been deleted, with its video and its results.";

export function isFinal(state: State): boolean {
  return state !== "QUEUED" && state !== "RUNNING";
}

/** Dispatches "change" after each piece of news. */
export class Session extends EventTarget {
  readonly id: string;
  analysis: Analysis | undefined;
  intervals: readonly Interval[] = [];
  /** Present once the analysis succeeded. */
  timeline: Timeline | undefined;
  /** One sentence, if the analysis cannot be shown at all. */
  problem: string | undefined;
  /** There is no such analysis (any more): trying again would not help. */
  gone = false;
  /** False while the stream of events is interrupted; it resumes by itself. */
  connected = true;
  #events: EventSource | undefined;
  #lastEvent = "";
  #retry = 0;
  #closed = false;

  constructor(id: string) {
    super();
    this.id = id;
  }

  async open(): Promise<void> {
    this.problem = undefined;
    this.#events?.close();
    try {
      const analysis = await getAnalysis(this.id);
      if (analysis.state === "SUCCEEDED") await this.#complete(analysis);
      else this.#follow(analysis);
    } catch (error) {
      this.#fail(error);
    }
    this.#changed();
  }

  close(): void {
    this.#closed = true;
    this.#events?.close();
    window.clearTimeout(this.#retry);
  }

  /** Takes a newer state that a call returned. */
  accept(analysis: Analysis): void {
    this.analysis = analysis;
    this.#changed();
  }

  async #complete(analysis: Analysis): Promise<void> {
    const timeline = await getTimeline(this.id);
    this.analysis = analysis;
    this.timeline = timeline;
    this.intervals = timeline.intervals;
  }

  #follow(analysis: Analysis): void {
    this.analysis = analysis;
    if (this.#closed) return;
    const events = new EventSource(eventsPath(this.id, this.#lastEvent));
    this.#events = events;
    events.addEventListener("open", () => this.#setConnected(true));
    events.addEventListener("error", () => this.#interrupted(events));
    events.addEventListener("intervals", ({ data, lastEventId }: MessageEvent<string>) => {
      const message = JSON.parse(data) as { readonly intervals: readonly Interval[] };
      this.#lastEvent = lastEventId;
      this.intervals = withIntervals(this.intervals, message.intervals);
      this.#changed();
    });
    events.addEventListener("analysis", ({ data, lastEventId }: MessageEvent<string>) => {
      const news = JSON.parse(data) as Analysis;
      this.#lastEvent = lastEventId;
      if (isFinal(news.state)) events.close();
      if (news.state === "SUCCEEDED") void this.open();
      else this.accept(news);
    });
  }

  /** The browser reconnects by itself unless the server refused; then it is for us to ask why, and again. */
  #interrupted(events: EventSource): void {
    this.#setConnected(false);
    if (events.readyState !== EventSource.CLOSED || this.#closed) return;
    window.clearTimeout(this.#retry);
    this.#retry = window.setTimeout(() => void this.#recheck(events), RETRY_MS);
  }

  async #recheck(refused: EventSource): Promise<void> {
    try {
      const analysis = await getAnalysis(this.id);
      if (isFinal(analysis.state)) await this.open();
      else this.#follow(analysis);
    } catch (error) {
      if (!isMissing(error)) return this.#interrupted(refused);
      this.#fail(error);
      this.#changed();
    }
  }

  #fail(error: unknown): void {
    this.gone = isMissing(error);
    const wasThere = this.gone && this.analysis !== undefined;
    this.problem = wasThere ? DELETED : sentenceOf(error);
  }

  #setConnected(connected: boolean): void {
    if (this.connected === connected) return;
    this.connected = connected;
    this.#changed();
  }

  #changed(): void {
    if (!this.#closed) this.dispatchEvent(new Event("change"));
  }
}
