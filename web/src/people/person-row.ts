/** One person: picture, name, share, lane, and what can be done about the person. */

import { apiUrl, crossOrigin } from "../api/api";
import type { PersonChange } from "../api/api-types";
import { button, h, setText } from "../kit/dom";
import { cleanSheet } from "../kit/canvas";
import { percent, span } from "../kit/format";
import { face, icon } from "../kit/icons";
import { scrub } from "../kit/scrub";
import { Scope } from "../kit/scope";
import type { Member } from "../model/cast";
import type { Range } from "../model/ranges";
import type { Selection } from "../model/selection";
import { texts } from "../texts";
import { brush } from "../timeline/brush";
import { decimate } from "../timeline/columns";
import { paintOver, paintStrip } from "../timeline/paint";
import { trackOf, type Track } from "../timeline/track";
import { toPixels, toSeconds, type Viewport } from "../timeline/viewport";

const words = texts.people;

/** A change of a person that a viewer asks for. */
export interface PersonWish {
  readonly id: string;
  readonly change: PersonChange;
}

export interface RowWishes {
  readonly choose: (id: string, chosen: boolean) => void;
  readonly seek: (time_s: number) => void;
  /** Asks for changes, and says the news when they are kept. */
  readonly change: (wishes: readonly PersonWish[], news: string) => void;
}

export class PersonRow {
  readonly element = h("article", { class: "person" });
  readonly #wishes: RowWishes;
  #member: Member | undefined;
  #track: Track = trackOf([]);
  #view: Viewport | undefined;
  #picture = h("img", { alt: "", width: 56, height: 56, ...crossOrigin() });
  #name = h("h3", {});
  #facts = h("p", {});
  #mood = h("p", { class: "mood" });
  #only = button({ class: "chip-all", "aria-pressed": false }, () => this.#choose(), words.only);
  #rename = this.#tool("pencil", () => this.#edit());
  #hide = this.#tool("hidden", () => this.#change({ hidden: true }, words.hiddenNow(this.#called)));
  #merge = h("select", { class: "merge" });
  #part = button({ class: "quiet-button small" }, () => this.#separate(), words.part);
  #canvas = h("canvas", { role: "img" });
  #cursor = h("div", { class: "cursor" });
  #lane = h("div", { class: "lane" }, this.#canvas, this.#cursor);
  #form: HTMLFormElement | undefined;

  constructor(wishes: RowWishes) {
    this.#wishes = wishes;
    this.#picture.addEventListener("error", () => this.#picture.classList.add("missing"));
    this.#merge.addEventListener("change", () => this.#mergeInto());
    scrub(new Scope(), this.#lane, (x_px, pressed) => {
      if (!pressed || this.#view === undefined) return;
      wishes.seek(toSeconds(x_px, this.#view, this.#lane.clientWidth));
    });
    const about = h("div", { class: "person-about" }, this.#name, this.#facts, this.#mood);
    const tools = h("div", { class: "person-tools" }, this.#only, this.#rename, this.#merge);
    tools.append(this.#part, this.#hide);
    this.element.append(this.#picture, about, tools, this.#lane);
  }

  /** @param all those it can be merged with. */
  describe(member: Member, all: readonly Member[]): void {
    this.#member = member;
    this.#track = trackOf(member.intervals);
    const { name, thumbnail, share, seconds, main, parts } = member;
    const src = thumbnail === null ? "" : apiUrl(thumbnail);
    if (src !== "" && this.#picture.getAttribute("src") !== src) this.#picture.src = src;
    setText(this.#name, name);
    const merged = parts.length > 0 ? ` · ${words.merged(parts.length)}` : "";
    setText(this.#facts, words.share(percent(share), span(seconds)) + merged);
    if (main !== undefined) {
      this.#mood.dataset["emotion"] = main.label;
      const mostly = words.mostly(texts.emotions[main.label], percent(main.share));
      this.#mood.replaceChildren(face(main.label), mostly);
    }
    this.#only.setAttribute("aria-label", words.onlyNamed(name));
    this.#label(this.#rename, words.renameNamed(name));
    this.#label(this.#hide, words.hideNamed(name));
    this.#part.hidden = parts.length === 0;
    this.#part.setAttribute("aria-label", words.partNamed(name));
    this.#canvas.setAttribute("aria-label", words.lane(name));
    this.#offer(all.filter(({ id }) => id !== member.id));
  }

  show(selection: Selection): void {
    const chosen = this.#member !== undefined && selection.people.includes(this.#member.id);
    this.#only.setAttribute("aria-pressed", String(chosen));
    this.element.classList.toggle("off", selection.people.length > 0 && !chosen);
  }

  paint(view: Viewport, ranges: readonly Range[]): void {
    this.#view = view;
    const sheet = cleanSheet(this.#canvas);
    if (sheet === undefined) return;
    const columns = decimate(this.#track, view, sheet.width);
    const paint = brush();
    paintStrip(sheet, columns, paint);
    paintOver(sheet, columns, view, ranges, paint);
  }

  moveTo(time_s: number, view: Viewport): void {
    const x_px = toPixels(time_s, view, this.#lane.clientWidth);
    this.#cursor.hidden = x_px < -1 || x_px > this.#lane.clientWidth + 1;
    this.#cursor.style.transform = `translateX(${x_px}px)`;
  }

  get #called(): string {
    return this.#member?.name ?? "";
  }

  #tool(name: "pencil" | "hidden", act: () => void): HTMLButtonElement {
    return button({ class: "round small" }, act, icon(name));
  }

  #label(target: HTMLElement, label: string): void {
    target.setAttribute("aria-label", label);
    target.title = label;
  }

  #offer(others: readonly Member[]): void {
    this.#merge.hidden = others.length === 0;
    this.#merge.setAttribute("aria-label", words.mergeNamed(this.#called));
    const options = others.map(({ id, name }) => h("option", { value: id }, name));
    this.#merge.replaceChildren(h("option", { value: "" }, words.merge), ...options);
  }

  #choose(): void {
    const chosen = this.#only.getAttribute("aria-pressed") === "true";
    if (this.#member !== undefined) this.#wishes.choose(this.#member.id, !chosen);
  }

  #change(change: PersonWish["change"], news: string): void {
    if (this.#member !== undefined) this.#wishes.change([{ id: this.#member.id, change }], news);
  }

  #mergeInto(): void {
    const other = this.#merge.selectedOptions[0];
    if (other === undefined || other.value === "") return;
    const news = words.mergedInto(this.#called, other.text);
    this.#change({ merged_into: other.value }, news);
  }

  #separate(): void {
    const wishes = (this.#member?.parts ?? []).map((id) => ({ id, change: { merged_into: null } }));
    this.#wishes.change(wishes, words.parted(this.#called));
  }

  #edit(): void {
    if (this.#form !== undefined || this.#member === undefined) return;
    const name = h("input", {
      class: "name-field",
      value: this.#member.name,
      maxlength: 100,
      "aria-label": words.nameOf(this.#member.name),
    });
    const save = h("button", { class: "quiet-button small", type: "submit" }, words.save);
    const form = h("form", { class: "rename" }, name, save);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const given = name.value.trim();
      this.#closeForm();
      if (given !== this.#called) this.#change({ name: given }, words.renamed(given));
    });
    form.addEventListener("keydown", ({ key }) => {
      if (key === "Escape") this.#closeForm();
    });
    this.#form = form;
    this.#name.replaceWith(form);
    name.select();
    name.focus();
  }

  #closeForm(): void {
    this.#form?.replaceWith(this.#name);
    this.#form = undefined;
    this.#rename.focus();
  }
}
