/** The dialog that lists the keys. */

import { openDialog } from "./dialog";
import { button, h } from "./dom";
import { icon } from "./icons";
import { HELP } from "./shortcuts";

export function openHelp(): void {
  if (document.querySelector("dialog") !== null) return;
  const rows = HELP.flatMap(([keys, meaning]) => [h("dt", {}, keys), h("dd", {}, meaning)]);
  const close = button(
    { class: "round", "aria-label": "Close" },
    () => dialog.close(),
    icon("close"),
  );
  const head = h("div", { class: "panel-head" }, h("h2", { id: "help-title" }, "Keys"), close);
  const dialog = openDialog(
    "help",
    { "aria-labelledby": "help-title" },
    head,
    h("dl", {}, ...rows),
  );
}
