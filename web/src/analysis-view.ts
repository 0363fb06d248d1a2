/** `<emotion-analysis>`: one analysis on the screen; hands news to its parts and wishes to the playback. */

import { sentenceOf } from "./api";
import { AnalysisHead } from "./analysis-head";
import { CurveView } from "./curve-view";
import { h } from "./dom";
import { ExportsView } from "./exports-view";
import { allBut, EVERYTHING, toggled, type Filter } from "./filter";
import { FilterView } from "./filter-view";
import { percent } from "./format";
import { openHelp } from "./help-view";
import { InsightsView } from "./insights-view";
import { PeopleView } from "./people-view";
import { PlayerView } from "./player-view";
import { analysisHash } from "./route";
import { isFinal, Session } from "./session";
import { commandOf, isTaken, type Command } from "./shortcuts";
import type { StudioPart } from "./studio";
import { changeFrom } from "./timeline";
import { TimelineView } from "./timeline-view";
import { define, View } from "./view";
import { askToDelete, askToStop } from "./withdrawal";

function caption(title: string, meaning: string): HTMLElement {
  return h("p", { class: "caption" }, h("strong", {}, title), ` · ${meaning}`);
}

export class AnalysisView extends View {
  #session: Session | undefined;
  #filter: Filter = EVERYTHING;
  #head = new AnalysisHead(
    () => void this.#stop(),
    () => void this.#delete(),
  );
  #desk = h("div", { class: "desk", hidden: true });
  #player = new PlayerView();
  #timeline = new TimelineView();
  #curve = new CurveView();
  #parts: readonly StudioPart[] = [];

  open(id: string, filter: Filter): void {
    this.#filter = filter;
    this.#player.playback.choose(filter);
    this.#session = new Session(id);
    const session = this.#session;
    this.scope.add(() => session.close());
    this.scope.listen(session, "change", () => this.#refresh());
    void session.open();
  }

  protected override build(): void {
    const [filter, exports, insights, people] = [
      new FilterView(),
      new ExportsView(),
      new InsightsView(),
      new PeopleView(),
    ];
    this.#parts = [this.#player, this.#timeline, this.#curve, filter, exports, insights, people];
    const panel = (...parts: Node[]): HTMLElement => h("section", { class: "panel" }, ...parts);
    this.#desk.append(
      h(
        "div",
        { class: "main" },
        this.#player,
        panel(
          caption("Strongest emotion", "taller is surer"),
          this.#timeline,
          caption("All seven scores", "how they share each moment"),
          this.#curve,
        ),
      ),
      h("aside", {}, panel(filter), panel(exports)),
      h("div", { class: "below" }, panel(insights), panel(people)),
    );
    this.replaceChildren(this.#head.element, this.#desk);
    const { playback } = this.#player;
    this.scope.listen(playback, "time", () => this.#moved());
    this.scope.listen<CustomEvent<number>>(this, "seek", ({ detail }) => playback.seek(detail));
    this.scope.listen<CustomEvent<Filter>>(this, "filter", ({ detail }) => this.#choose(detail));
    // A clicked button keeps no focus, so that space goes on to mean play; reached by Tab, it does.
    this.scope.listen<MouseEvent>(this, "click", ({ detail, target }) => {
      if (detail > 0 && target instanceof Element) target.closest("button")?.blur();
    });
    this.scope.listen<KeyboardEvent>(document, "keydown", (event) => this.#key(event));
  }

  #moved(): void {
    const { time_s } = this.#player.playback;
    this.#timeline.moveTo(time_s);
    this.#curve.moveTo(time_s);
  }

  #choose(filter: Filter): void {
    this.#filter = filter;
    this.#player.playback.choose(filter);
    const id = this.#session?.id;
    if (id !== undefined) history.replaceState(null, "", analysisHash(id, filter));
    this.#refresh();
  }

  #refresh(): void {
    const session = this.#session;
    if (session === undefined) return;
    this.#head.show(session);
    const { analysis, problem, intervals, timeline } = session;
    this.#desk.hidden = analysis === undefined || problem !== undefined;
    if (analysis === undefined || problem !== undefined) return this.#player.playback.video.pause();
    const share = isFinal(analysis.state) ? "" : `${percent(analysis.progress)} · `;
    document.title = `${share}${analysis.title} – EmotionMap`;
    const duration_s = Math.max(0.001, timeline?.duration ?? analysis.media.duration);
    const studio = { analysis, intervals, timeline, filter: this.#filter, duration_s };
    for (const part of this.#parts) part.show(studio);
  }

  async #stop(): Promise<void> {
    const session = this.#session;
    if (session?.analysis === undefined) return;
    try {
      const stopped = await askToStop(session.analysis);
      if (stopped !== undefined) session.accept(stopped);
    } catch (error) {
      this.#player.notify(sentenceOf(error));
    }
  }

  async #delete(): Promise<void> {
    const analysis = this.#session?.analysis;
    if (analysis === undefined) return;
    try {
      if (await askToDelete(analysis)) location.replace("#/");
    } catch (error) {
      this.#player.notify(sentenceOf(error));
    }
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
      case "help":
        return openHelp();
      case "all":
        return this.#choose(EVERYTHING);
      case "toggle-emotion":
        return this.#choose(toggled(this.#filter, command.label));
      case "all-but":
        return this.#choose(allBut(this.#filter, command.label));
      case "change": {
        const to_s = changeFrom(this.#session?.intervals ?? [], playback.time_s, command.direction);
        if (to_s !== undefined) playback.seek(to_s);
      }
    }
  }
}

define("emotion-analysis", AnalysisView);
