/** The timeline as files: everything, or the chosen moments as edit lists. */

import { timelinePath } from "../api/api";
import type { Form } from "../api/api-types";
import { h } from "../kit/dom";
import { icon } from "../kit/icons";
import type { Studio } from "../model/studio";
import { texts } from "../texts";
import { momentsOf } from "./cut-options";

const WHOLE: readonly Form[] = ["json", "csv", "vtt"];
const CHOSEN: readonly Form[] = ["edl", "fcpxml", "otio", "skip_list"];
const SUFFIXES: Partial<Record<Form, string>> = { skip_list: "txt" };

export class FileLinks {
  readonly element: HTMLElement;
  #links = new Map<Form, HTMLAnchorElement>();

  constructor() {
    const row = (forms: readonly Form[], name: string): HTMLElement =>
      h("div", { class: name }, ...forms.map((form) => this.#link(form)));
    this.element = h(
      "div",
      {},
      h("h3", {}, texts.takeAway.files),
      row(WHOLE, "files"),
      h("h3", {}, texts.takeAway.edits),
      row(CHOSEN, "files edits"),
    );
  }

  show({ analysis, selection }: Studio): void {
    const stem = analysis.title.replace(/\.[^.]+$/, "");
    for (const [form, link] of this.#links) {
      const moments = CHOSEN.includes(form) ? momentsOf(selection) : undefined;
      link.href = timelinePath(analysis.id, form, moments);
      link.download = `${stem}.emotions.${SUFFIXES[form] ?? form}`;
    }
  }

  #link(form: Form): HTMLAnchorElement {
    const [name, title] = texts.takeAway.forms[form];
    const link = h("a", { class: "file", title }, icon("download"), name);
    this.#links.set(form, link);
    return link;
  }
}
