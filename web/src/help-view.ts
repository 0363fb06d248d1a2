/** The dialog that lists the keys. */

import { button, h } from "./dom";
import { icon } from "./icons";
import { HELP } from "./shortcuts";

/** Opens it; it removes itself when closed. */
export function openHelp(): void {
  if (document.querySelector("dialog.help") !== null) return;
  const rows = HELP.flatMap(([keys, meaning]) => [h("dt", {}, keys), h("dd", {}, meaning)]);
  const close = button(
    { class: "round", "aria-label": "Close" },
    () => dialog.close(),
    icon("close"),
  );
  const head = h("div", { class: "panel-head" }, h("h2", { id: "help-title" }, "Keys"), close);
  const dialog = h(
    "dialog",
    { class: "help", "aria-labelledby": "help-title" },
    head,
    h("dl", {}, ...rows),
  );
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", ({ target }) => {
    if (target === dialog) dialog.close();
  });
  document.body.append(dialog);
  dialog.showModal();
}
