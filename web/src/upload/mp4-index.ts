/** Where the index of an MP4 lies: if it comes first, a video can be analysed while it is sent. */

/** Enough for any real file; more boxes than that are no reason to read on. */
const MOST_BOXES = 64;
const HEADER_BYTES = 16;

interface Box {
  readonly type: string;
  /** Of its header; what it holds follows. */
  readonly header_bytes: number;
  /** Exclusive. */
  readonly end: number;
}

/**
 * Bytes up to and with the index, if all of it stands before picture and sound.
 *
 * Undefined for any other file, and for fragmented ones that do not name their fragments first:
 * their index goes on to the end.
 */
export async function indexEnd(file: Blob): Promise<number | undefined> {
  let at = 0;
  for (let i = 0; i < MOST_BOXES; i++) {
    const box = await boxAt(file, at);
    if (box === undefined || box.type === "mdat" || (at === 0 && box.type !== "ftyp"))
      return undefined;
    if (box.type === "moov") {
      const isFragmented = await holds(file, "mvex", at + box.header_bytes, box.end);
      return isFragmented ? fragmentNamesEnd(file, box.end) : box.end;
    }
    at = box.end;
  }
  return undefined;
}

/** Bytes up to and with the boxes that name fragments, if there are any before the first. */
async function fragmentNamesEnd(file: Blob, from: number): Promise<number | undefined> {
  let at = from;
  let end: number | undefined;
  for (let i = 0; i < MOST_BOXES; i++) {
    const box = await boxAt(file, at);
    if (box === undefined || box.type === "moof" || box.type === "mdat") return end;
    if (box.type === "sidx") end = box.end;
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

/** Undefined where none begins that fits into the file. */
async function boxAt(file: Blob, at: number): Promise<Box | undefined> {
  const bytes = await file.slice(at, at + HEADER_BYTES).arrayBuffer();
  if (bytes.byteLength < 8) return undefined;
  const view = new DataView(bytes);
  const type = String.fromCharCode(...new Uint8Array(bytes, 4, 4));
  const size = view.getUint32(0);
  // One means that the size follows in eight bytes, nought that the box is the last.
  const isLong = size === 1;
  if (isLong && bytes.byteLength < HEADER_BYTES) return undefined;
  const length = isLong ? Number(view.getBigUint64(8)) : size === 0 ? file.size - at : size;
  const header_bytes = isLong ? HEADER_BYTES : 8;
  if (length < header_bytes || at + length > file.size) return undefined;
  return { type, header_bytes, end: at + length };
}
