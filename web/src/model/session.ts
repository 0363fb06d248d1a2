/** One analysis as it is known now: loaded, followed by server-sent events while it runs, then completed. */

import {
  addCorrection,
  changePerson,
  eventsPath,
  getAnalysis,
  getCorrections,
  getPeople,
  getTimeline,
  isMissing,
  removeCorrection,
  sentenceOf,
} from "../api/api";
import type {
  Analysis,
  Correction,
  CorrectionWish,
  EditedPerson,
  Interval,
  PersonChange,
  State,
  Timeline,
} from "../api/api-types";
import { texts } from "../texts";
import { Arrival } from "./arrival";
import { withDraft, withIntervals, type Moment } from "./moments";

/** Between attempts to follow an analysis whose server is away. */
const RETRY_MS = 1500;

export function isFinal(state: State): boolean {
  return state !== "QUEUED" && state !== "RUNNING";
}

/** Dispatches "change" after each piece of news. */
export class Session extends EventTarget {
  readonly id: string;
  analysis: Analysis | undefined;
  /** As far as they have arrived; where only the draft has, that. */
  intervals: readonly Moment[] = [];
  #exact: readonly Interval[] = [];
  #draft: readonly Interval[] = [];
  /** Present once the analysis succeeded. */
  timeline: Timeline | undefined;
  /** What viewers made of the people, by id. */
  edits: ReadonlyMap<string, EditedPerson> = new Map();
  /** What viewers say that moments show, by time. */
  corrections: readonly Correction[] = [];
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
  #arrival = new Arrival(
    () => getAnalysis(this.id),
    (news) => this.#arrived(news),
  );

  constructor(id: string) {
    super();
    this.id = id;
  }

  /** Whether the rest of the video is waited for, and has stopped coming. */
  get stalled(): boolean {
    return this.#arrival.isStalled;
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
    this.pause();
  }

  /** Asks for no more news until it is opened again. */
  pause(): void {
    this.#events?.close();
    this.#arrival.stop();
    window.clearTimeout(this.#retry);
  }

  /** Takes a newer state that a call returned. */
  accept(analysis: Analysis): void {
    this.analysis = analysis;
    this.#arrival.follow(analysis);
    this.#changed();
  }

  /** Changes a person for everybody who looks at this analysis. Rejects with an ApiError. */
  async changePerson(personId: string, change: PersonChange): Promise<void> {
    const changed = await changePerson(this.id, personId, change);
    this.edits = new Map(this.edits).set(personId, changed);
    this.#changed();
  }

  /** Labels a time for everybody who looks at this analysis. Rejects with an ApiError. */
  async correct(wish: CorrectionWish): Promise<void> {
    await addCorrection(this.id, wish);
    // Older ones that it overlaps are cut back or gone.
    this.corrections = await getCorrections(this.id);
    this.#changed();
  }

  /** Rejects with an ApiError. */
  async undoCorrection(correctionId: string): Promise<void> {
    await removeCorrection(this.id, correctionId);
    this.corrections = this.corrections.filter(({ id }) => id !== correctionId);
    this.#changed();
  }

  async #complete(analysis: Analysis): Promise<void> {
    const timeline = await getTimeline(this.id);
    const edits = timeline.people.length > 0 ? await this.#edits() : [];
    // As with names: without them, the film is still worth watching.
    this.corrections = await getCorrections(this.id).catch(() => []);
    this.analysis = analysis;
    this.timeline = timeline;
    this.intervals = timeline.intervals;
    this.edits = new Map(edits.map((each) => [each.id, each]));
  }

  /** Names are worth less than the film: without them, people have numbers. */
  async #edits(): Promise<readonly EditedPerson[]> {
    try {
      return await getPeople(this.id);
    } catch {
      return [];
    }
  }

  #follow(analysis: Analysis): void {
    this.analysis = analysis;
    if (this.#closed) return;
    this.#arrival.follow(analysis);
    const events = new EventSource(eventsPath(this.id, this.#lastEvent));
    this.#events = events;
    events.addEventListener("open", () => this.#setConnected(true));
    events.addEventListener("error", () => this.#interrupted(events));
    const batch = ({ data, lastEventId }: MessageEvent<string>): readonly Interval[] => {
      this.#lastEvent = lastEventId;
      return (JSON.parse(data) as { readonly intervals: readonly Interval[] }).intervals;
    };
    events.addEventListener("draft", (event: MessageEvent<string>) => {
      this.#draft = batch(event);
      this.#lay();
    });
    events.addEventListener("intervals", (event: MessageEvent<string>) => {
      this.#exact = withIntervals(this.#exact, batch(event));
      this.#lay();
    });
    events.addEventListener("analysis", ({ data, lastEventId }: MessageEvent<string>) => {
      const news = JSON.parse(data) as Analysis;
      this.#lastEvent = lastEventId;
      if (isFinal(news.state)) events.close();
      if (news.state === "SUCCEEDED") void this.open();
      else this.accept(news);
    });
  }

  /** What happens to it is told by its events, in their order; this tells of its bytes alone. */
  #arrived({ received_bytes }: Analysis): void {
    if (this.analysis !== undefined && !this.#closed)
      this.accept({ ...this.analysis, received_bytes });
  }

  #lay(): void {
    this.intervals = withDraft(this.#exact, this.#draft);
    this.#changed();
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
    this.problem = wasThere ? texts.analysis.deleted : sentenceOf(error);
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
