/** A question before something that cannot be taken back. */

import { openDialog } from "./dialog";
import { button, h } from "./dom";

export interface Question {
  readonly title: string;
  /** What will happen, in one or two sentences. */
  readonly text: string;
  /** On the button that does it. */
  readonly action: string;
  /** On the button that does nothing; it has the focus at first. */
  readonly refusal: string;
}

/** Whether the viewer agreed; Escape and a click beside the question mean no. */
export function ask({ title, text, action, refusal }: Question): Promise<boolean> {
  return new Promise((resolve) => {
    const no = button(
      { class: "quiet-button", autofocus: true },
      () => dialog.close("no"),
      refusal,
    );
    const yes = button({ class: "primary danger" }, () => dialog.close("yes"), action);
    const dialog = openDialog(
      "ask",
      { role: "alertdialog", "aria-labelledby": "ask-title", "aria-describedby": "ask-text" },
      h("h2", { id: "ask-title" }, title),
      h("p", { id: "ask-text" }, text),
      h("div", { class: "actions" }, no, yes),
    );
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"));
  });
}
