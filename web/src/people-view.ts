/** `<emotion-people>`: who was seen, with a picture, where on the timeline, and mostly how. */

import type { Person } from "./api-types";
import { button, h } from "./dom";
import { clock, percent, span } from "./format";
import { face } from "./icons";
import type { Studio, StudioPart } from "./studio";
import { tally } from "./tally";
import { bands } from "./timeline";
import { define, View } from "./view";

/** Shown at first; the gateway sends those longest seen first. */
const FEW = 12;
/** Finest bar of a strip, percent of its width, so that a long film stays a few hundred elements. */
const STRIP_STEP = 0.7;

export class PeopleView extends View implements StudioPart {
  #list = h("div", { class: "people" });
  #shown: readonly Person[] | undefined;

  show({ timeline, duration_s }: Studio): void {
    const people = timeline?.people ?? [];
    this.hidden = people.length === 0;
    if (people === this.#shown) return;
    this.#shown = people;
    const cards = people.map((person, i) => this.#person(person, i, duration_s));
    this.#list.replaceChildren(...cards.slice(0, FEW));
    const rest = cards.slice(FEW);
    if (rest.length === 0) return;
    const more = button(
      { class: "quiet-button" },
      () => more.replaceWith(...rest),
      `${rest.length} more`,
    );
    this.#list.append(more);
  }

  protected override build(): void {
    this.hidden = true;
    this.replaceChildren(h("h2", {}, "People"), this.#list);
  }

  #person(person: Person, index: number, duration_s: number): HTMLElement {
    const name = `Person ${index + 1}`;
    const counted = tally(person.intervals).filter(({ seconds }) => seconds > 0);
    const total_s = counted.reduce((sum, { seconds }) => sum + seconds, 0);
    const main = [...counted].sort((a, b) => b.seconds - a.seconds)[0];
    const picture = h("img", {
      src: person.thumbnail ?? undefined,
      alt: name,
      loading: "lazy",
      width: 56,
      height: 56,
    });
    picture.addEventListener("error", () => picture.classList.add("missing"));
    const first_s = person.intervals[0]?.start ?? 0;
    const go = button(
      { class: "link", title: "Go to the first appearance" },
      () => this.tell("seek", first_s),
      name,
    );
    const facts = h("p", {}, `${span(total_s)} on screen, first at ${clock(first_s)}`);
    const mood =
      main === undefined
        ? undefined
        : h(
            "p",
            { class: "mood", "data-emotion": main.label },
            face(main.label),
            `mostly ${main.label}, ${percent(main.share)}`,
          );
    return h(
      "article",
      { class: "person" },
      picture,
      h("div", {}, h("h3", {}, go), facts, mood),
      this.#strip(person, duration_s),
    );
  }

  #strip(person: Person, duration_s: number): HTMLElement {
    const strip = h("div", { class: "person-strip", "aria-hidden": "true" });
    for (const band of bands(person.intervals, { duration_s, width_px: 100 }, STRIP_STEP)) {
      const bar = h("span", { "data-emotion": band.emotion });
      bar.style.left = `${band.x_px}%`;
      bar.style.width = `${band.width_px}%`;
      strip.append(bar);
    }
    return strip;
  }
}

define("emotion-people", PeopleView);
