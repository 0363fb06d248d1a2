/** `<emotion-analysis>`: one analysis on the screen; hands the state to its parts and their wishes to the store. */

import { sentenceOf } from "../api/api";
import { CorrectionsView } from "../corrections/corrections-view";
import { InsightsView } from "../insights/insights-view";
import { h } from "../kit/dom";
import { percent } from "../kit/format";
import { define, View } from "../kit/view";
import { askToDelete, askToStop } from "../library/withdrawal";
import { changeFrom } from "../model/moments";
import { allBut, EVERYTHING, toggled, type Selection } from "../model/selection";
import { isFinal, Session } from "../model/session";
import { StudioStore, type StudioPart } from "../model/studio";
import { MomentsView } from "../moments/moments-view";
import { PeopleView } from "../people/people-view";
import { PlayerView } from "../player/player-view";
import { analysisHash, type Route } from "../route";
import { SelectionView } from "../selection/selection-view";
import { ExportsView } from "../takeaway/exports-view";
import { HighlightsView } from "../takeaway/highlights-view";
import { texts } from "../texts";
import { TimelineView } from "../timeline/timeline-view";
import type { Viewport } from "../timeline/viewport";
import { AnalysisHead } from "./analysis-head";
import { openHelp } from "./help-view";
import { commandOf, isTaken, type Command } from "./shortcuts";

export class AnalysisView extends View {
  #store: StudioStore | undefined;
  #head = new AnalysisHead(
    () => void this.#stop(),
    () => void this.#delete(),
  );
  #desk = h("div", { class: "desk", hidden: true });
  #player = new PlayerView();
  #timeline = new TimelineView();
  #people = new PeopleView();
  #corrections = new CorrectionsView();
  #parts: readonly StudioPart[] = [];
  /** Where the address says to begin; undefined once there. */
  #begin_s: number | undefined;
  /** It is being deleted. */
  #isLeaving = false;

  /** Whether this tab is sending the video of an analysis. */
  set isSending(isSending: (id: string) => boolean) {
    this.#head.isSending = isSending;
  }

  open({ id, selection, time_s }: Extract<Route, { view: "analysis" }>): void {
    const session = new Session(id);
    const store = new StudioStore(session, selection);
    this.#store = store;
    this.#begin_s = time_s > 0 ? time_s : undefined;
    this.#people.change = (wish) => session.changePerson(wish.id, wish.change);
    this.#corrections.corrector = {
      correct: (wish) => session.correct(wish),
      undo: (correctionId) => session.undoCorrection(correctionId),
    };
    this.scope.add(() => session.close());
    this.scope.listen(store, "change", () => this.#refresh());
    void session.open();
  }

  protected override build(): void {
    const [selection, moments] = [new SelectionView(), new MomentsView()];
    const [highlights, exports] = [new HighlightsView(), new ExportsView()];
    const insights = new InsightsView();
    this.#parts = [this.#player, this.#timeline, this.#people, selection, moments];
    this.#parts = [...this.#parts, highlights, exports, insights, this.#corrections];
    exports.position = () => this.#player.playback.time_s;
    const panel = (...parts: Node[]): HTMLElement => h("section", { class: "panel" }, ...parts);
    // What is wrong is seen there.
    const timeline = panel(this.#timeline, this.#corrections);
    const main = h("div", { class: "main" }, this.#player, timeline);
    main.append(panel(moments), panel(this.#people));
    const aside = h("div", { class: "aside" }, panel(selection, highlights), panel(exports));
    this.#desk.append(main, aside, h("div", { class: "below" }, panel(insights)));
    this.replaceChildren(this.#head.element, this.#desk);
    this.#listen();
  }

  #listen(): void {
    const { scope } = this;
    const { playback } = this.#player;
    scope.listen(playback, "time", () => this.#moved());
    scope.listen(playback.video, "loadedmetadata", () => this.#arrive());
    scope.listen<CustomEvent<number>>(this, "seek", ({ detail }) => playback.seek(detail));
    scope.listen<CustomEvent<Selection>>(this, "selection", ({ detail }) => this.#choose(detail));
    scope.listen<CustomEvent<boolean>>(this, "rewatch", ({ detail }) => this.#rewatch(detail));
    scope.listen<CustomEvent<Viewport>>(this, "viewport", (event) => {
      this.#people.look(event.detail);
    });
    // A clicked button keeps no focus, so that space goes on to mean play; reached by Tab, it does.
    scope.listen<MouseEvent>(this, "click", ({ detail, target }) => {
      if (detail > 0 && target instanceof Element) target.closest("button")?.blur();
    });
    scope.listen<KeyboardEvent>(document, "keydown", (event) => this.#key(event));
  }

  #moved(): void {
    const { time_s, playing } = this.#player.playback;
    this.#timeline.moveTo(time_s, playing);
    this.#people.moveTo(time_s);
    this.#corrections.moveTo(time_s);
  }

  /** Goes where the address says, once the media can be sought in. */
  #arrive(): void {
    if (this.#begin_s !== undefined) this.#player.playback.seek(this.#begin_s);
    this.#begin_s = undefined;
  }

  #choose(selection: Selection): void {
    const store = this.#store;
    if (store === undefined) return;
    history.replaceState(null, "", analysisHash(store.session.id, selection));
    store.choose(selection);
  }

  #rewatch(on: boolean): void {
    const first = this.#store?.studio?.peaks.length;
    if (first === undefined || first === 0) return;
    this.#store?.rewatch(on);
    const { playback } = this.#player;
    const start_s = this.#store?.studio?.ranges[0]?.start;
    if (!on || start_s === undefined) return;
    playback.seek(start_s);
    void playback.play();
  }

  #refresh(): void {
    const store = this.#store;
    if (store === undefined || this.#isLeaving) return;
    this.#head.show(store.session);
    const { studio } = store;
    this.#desk.hidden = studio === undefined;
    if (studio === undefined) return this.#player.playback.video.pause();
    const { analysis } = studio;
    // Ended before anything was found: there is nothing to choose from, but still a video.
    const isBare = isFinal(analysis.state) && studio.intervals.length === 0;
    this.#desk.classList.toggle("bare", isBare);
    const share = isFinal(analysis.state) ? "" : `${percent(analysis.progress)} · `;
    document.title = texts.analysis.title(share, analysis.title);
    for (const part of this.#parts) part.show(studio);
  }

  async #stop(): Promise<void> {
    const session = this.#store?.session;
    if (session?.analysis === undefined) return;
    try {
      const stopped = await askToStop(session.analysis);
      if (stopped !== undefined) session.accept(stopped);
    } catch (error) {
      this.#player.notify(sentenceOf(error));
    }
  }

  async #delete(): Promise<void> {
    const session = this.#store?.session;
    if (session?.analysis === undefined) return;
    try {
      if (await askToDelete(session.analysis, () => this.#leave(session))) location.replace("#/");
    } catch (error) {
      this.#isLeaving = false;
      await session.open();
      this.#player.notify(sentenceOf(error));
    }
  }

  /** Lets go of all that would be asked for in vain once it is deleted. */
  #leave(session: Session): void {
    this.#isLeaving = true;
    session.pause();
    this.#player.release();
    this.tell("withdraw", session.id);
  }

  #key(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey || event.defaultPrevented) return;
    const command = commandOf(event);
    if (command === undefined || this.#desk.hidden || isTaken(event.target, event.key)) return;
    event.preventDefault();
    this.#run(command);
  }

  #run(command: Command): void {
    const { playback } = this.#player;
    const selection = this.#store?.selection ?? EVERYTHING;
    switch (command.kind) {
      case "toggle-play":
        return playback.toggle();
      case "seek":
        return playback.seek(playback.time_s + command.by_s);
      case "volume":
        playback.volume += command.by;
        return;
      case "mute":
        return this.#player.toggleMute();
      case "fullscreen":
        return this.#player.toggleFullscreen();
      case "boxes":
        return this.#player.toggleBoxes();
      case "help":
        return openHelp();
      case "zoom":
        return this.#timeline.zoom(command.factor);
      case "rewatch":
        return this.#rewatch(this.#store?.studio?.rewatching !== true);
      case "all":
        return this.#choose(EVERYTHING);
      case "toggle-emotion":
        return this.#choose(toggled(selection, command.label));
      case "all-but":
        return this.#choose(allBut(selection, command.label));
      case "change": {
        const { intervals } = this.#store?.session ?? { intervals: [] };
        const to_s = changeFrom(intervals, playback.time_s, command.direction);
        if (to_s !== undefined) playback.seek(to_s);
      }
    }
  }
}

define("emotion-analysis", AnalysisView);
