/** Dialogs over the page; each removes itself when it is closed. */

import { h } from "./dom";

/** Opens one; Escape, a click beside it, or another view closes it. */
export function openDialog(
  name: string,
  attributes: Readonly<Record<string, string>>,
  ...content: readonly Node[]
): HTMLDialogElement {
  const dialog = h("dialog", { class: `dialog ${name}`, ...attributes }, ...content);
  const close = (): void => dialog.close();
  window.addEventListener("hashchange", close);
  dialog.addEventListener("close", () => {
    window.removeEventListener("hashchange", close);
    dialog.remove();
  });
  dialog.addEventListener("click", ({ target }) => {
    if (target === dialog) close();
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
