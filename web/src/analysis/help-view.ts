/** The dialog that lists the keys. */

import { openDialog } from "../kit/dialog";
import { button, h } from "../kit/dom";
import { icon } from "../kit/icons";
import { texts } from "../texts";

export function openHelp(): void {
  if (document.querySelector("dialog") !== null) return;
  const rows = texts.help.keys.flatMap(([keys, meaning]) => [
    h("dt", {}, keys),
    h("dd", {}, meaning),
  ]);
  const close = button(
    { class: "round", "aria-label": texts.page.close },
    () => dialog.close(),
    icon("close"),
  );
  const head = h(
    "div",
    { class: "panel-head" },
    h("h2", { id: "help-title" }, texts.help.title),
    close,
  );
  const dialog = openDialog(
    "help",
    { "aria-labelledby": "help-title" },
    head,
    h("dl", {}, ...rows),
  );
}
