/** The page on paper: always on white, everything drawn anew before it is printed. */

import { withTheme } from "../kit/theme";

/** Canvases draw in the next frame, and are only then on the screen. */
const frame = (): Promise<unknown> => new Promise((resolve) => requestAnimationFrame(resolve));

export async function printReport(): Promise<void> {
  const giveBack = withTheme("light");
  await frame();
  await frame();
  window.addEventListener("afterprint", giveBack, { once: true });
  window.print();
}
