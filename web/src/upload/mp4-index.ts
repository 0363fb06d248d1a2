/** Where the index of an MP4 lies: if it comes first, a video can be analysed while it is sent. */

import { boxAt } from "./mp4-boxes";
import { beginningEnd, namesEnd } from "./mp4-fragments";

/** Enough for any real file; more boxes than that are no reason to read on. */
const MOST_BOXES = 64;

/**
 * Bytes up to and with the index, if all of it stands before picture and sound.
 *
 * Of fragments that are not named first, those that make a beginning. Undefined for any other file.
 */
export async function indexEnd(file: Blob): Promise<number | undefined> {
  let at = 0;
  for (let i = 0; i < MOST_BOXES; i++) {
    const box = await boxAt(file, at);
    if (box === undefined || box.type === "mdat" || (at === 0 && box.type !== "ftyp"))
      return undefined;
    if (box.type === "moov") {
      const isFragmented = await holds(file, "mvex", at + box.header_bytes, box.end);
      if (!isFragmented) return box.end;
      return (await namesEnd(file, box.end)) ?? (await beginningEnd(file, at, box));
    }
    at = box.end;
  }
  return undefined;
}

async function holds(file: Blob, type: string, from: number, end: number): Promise<boolean> {
  let at = from;
  for (let i = 0; i < MOST_BOXES && at < end; i++) {
    const box = await boxAt(file, at);
    if (box === undefined) return false;
    if (box.type === type) return true;
    at = box.end;
  }
  return false;
}
