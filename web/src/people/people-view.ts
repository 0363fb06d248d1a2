/** `<emotion-people>`: who was seen, each with a picture, a lane and a share, to choose, name, merge and hide. */

import { sentenceOf } from "../api/api";
import { button, h, setText } from "../kit/dom";
import { icon } from "../kit/icons";
import { oncePerFrame } from "../kit/scope";
import { themeNews } from "../kit/theme";
import { define, View } from "../kit/view";
import type { Member } from "../model/cast";
import type { Selection } from "../model/selection";
import { withPerson } from "../model/selection";
import type { Studio, StudioPart } from "../model/studio";
import { texts } from "../texts";
import { whole, type Viewport } from "../timeline/viewport";
import { PersonRow, type PersonWish } from "./person-row";

/** Shown at first; the gateway sends those longest seen first. */
const FEW = 8;

/** Tells "selection" (detail: Selection) and "seek"; asks `change` to keep what is edited. */
export class PeopleView extends View implements StudioPart {
  /** Resolves once the change is kept; rejects with an ApiError. */
  change: (wish: PersonWish) => Promise<void> = () => Promise.resolve();
  #studio: Studio | undefined;
  #view: Viewport | undefined;
  #time_s = 0;
  #rows = new Map<string, PersonRow>();
  #list = h("div", { class: "people" });
  #news = h("p", { class: "sr-only", role: "status" });
  #problem = h("p", { class: "problem", role: "alert", hidden: true });
  #hidden = h("div", { class: "hidden-people", hidden: true });
  #more = button({ class: "quiet-button", hidden: true }, () => this.#showAll());
  #all = false;
  #draw: () => void = () => undefined;

  show(studio: Studio): void {
    const isNew = this.#studio?.cast !== studio.cast;
    this.#studio = studio;
    this.hidden = studio.cast.length === 0;
    if (isNew) this.#lay(studio);
    for (const row of this.#rows.values()) row.show(studio.selection);
    this.#draw();
  }

  /** Lanes show what the timeline shows. */
  look(view: Viewport): void {
    this.#view = view;
    this.#draw();
  }

  moveTo(time_s: number): void {
    this.#time_s = time_s;
    for (const row of this.#rows.values()) row.moveTo(time_s, this.#visible());
  }

  protected override build(): void {
    this.hidden = true;
    this.#draw = oncePerFrame(this.scope, () => this.#paint());
    this.scope.onResize(this, () => this.#draw());
    this.scope.listen(themeNews, "change", () => this.#draw());
    const explain = h("p", { class: "caption" }, texts.people.explain);
    const title = h("h2", {}, texts.people.title);
    this.replaceChildren(
      title,
      explain,
      this.#problem,
      this.#list,
      this.#more,
      this.#hidden,
      this.#news,
    );
  }

  #visible(): Viewport {
    return this.#view ?? whole(this.#studio?.duration_s ?? 1);
  }

  #paint(): void {
    const studio = this.#studio;
    if (studio === undefined) return;
    for (const row of this.#rows.values()) row.paint(this.#visible(), studio.ranges);
    this.moveTo(this.#time_s);
  }

  /** Rows are kept as long as the person is: an open editor does not lose its focus to news. */
  #lay({ cast }: Studio): void {
    const seen = cast.filter(({ hidden }) => !hidden);
    const shown = this.#all ? seen : seen.slice(0, FEW);
    const before = this.#rows;
    this.#rows = new Map(shown.map((member) => [member.id, this.#row(before, member, seen)]));
    this.#list.replaceChildren(...[...this.#rows.values()].map(({ element }) => element));
    this.#more.hidden = seen.length <= shown.length;
    setText(this.#more, texts.people.more(seen.length - shown.length));
    this.#layHidden(cast.filter(({ hidden }) => hidden));
  }

  #row(before: ReadonlyMap<string, PersonRow>, member: Member, all: readonly Member[]): PersonRow {
    const row =
      before.get(member.id) ??
      new PersonRow({
        choose: (id, chosen) => {
          const { selection } = this.#studio ?? {};
          if (selection) this.tell<Selection>("selection", withPerson(selection, id, chosen));
        },
        seek: (time_s) => this.tell("seek", time_s),
        change: (wish, news) => void this.#change(wish, news),
      });
    row.describe(member, all);
    return row;
  }

  #layHidden(hidden: readonly Member[]): void {
    this.#hidden.hidden = hidden.length === 0;
    const back = hidden.map(({ id, name }) => {
      const news = texts.people.shownNow(name);
      const show = (): void => void this.#change([{ id, change: { hidden: false } }], news);
      const label = texts.people.show(name);
      return button({ class: "quiet-button small" }, show, icon("eye"), label);
    });
    const count = h("span", {}, texts.people.hidden(hidden.length));
    this.#hidden.replaceChildren(count, ...back);
  }

  #showAll(): void {
    this.#all = true;
    if (this.#studio === undefined) return;
    this.#lay(this.#studio);
    this.show(this.#studio);
  }

  async #change(wishes: readonly PersonWish[], news: string): Promise<void> {
    this.#problem.hidden = true;
    try {
      for (const wish of wishes) await this.change(wish);
      setText(this.#news, news);
    } catch (error) {
      setText(this.#problem, sentenceOf(error));
      this.#problem.hidden = false;
    }
  }
}

define("emotion-people", PeopleView);
