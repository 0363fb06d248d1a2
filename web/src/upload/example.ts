/** The example video, which comes with the page. */

import { texts } from "../texts";

/** A file like one that a viewer chose; the same each time, so that a broken upload of it goes on. */
export async function fetchExample(): Promise<File> {
  const response = await fetch(new URL("example.mp4", document.baseURI));
  const parts = response.ok ? [await response.blob()] : [];
  return new File(parts, texts.landing.exampleName, { type: "video/mp4", lastModified: 0 });
}
