/** The boxes that an MP4 is made of, read from a file as far as they are looked at. */

const HEADER_BYTES = 16;

export interface Box {
  readonly type: string;
  /** Of its header; what it holds follows. */
  readonly header_bytes: number;
  /** Exclusive. */
  readonly end: number;
}

/** What begins at a place. Undefined where none begins that fits into the file. */
export async function boxAt(file: Blob, at: number): Promise<Box | undefined> {
  const head = new DataView(await file.slice(at, at + HEADER_BYTES).arrayBuffer());
  return boxOf(head, 0, at, file.size);
}

/** Those that follow each other in memory, up to the first that does not fit; their ends lie there. */
export function* boxesIn(bytes: DataView): Generator<Box & { readonly content: DataView }> {
  let at = 0;
  for (;;) {
    const box = boxOf(bytes, at, at, bytes.byteLength);
    if (box === undefined) return;
    const start = bytes.byteOffset + at + box.header_bytes;
    const length = box.end - at - box.header_bytes;
    yield { ...box, content: new DataView(bytes.buffer, start, length) };
    at = box.end;
  }
}

/** @param at where the header is in the bytes, `from` where it is in what ends at `end`. */
function boxOf(bytes: DataView, at: number, from: number, end: number): Box | undefined {
  const left = bytes.byteLength - at;
  if (left < 8) return undefined;
  const letters = [4, 5, 6, 7].map((place) => bytes.getUint8(at + place));
  const size = bytes.getUint32(at);
  // One means that the size follows in eight bytes, nought that the box is the last.
  const isLong = size === 1;
  if (isLong && left < HEADER_BYTES) return undefined;
  const length = isLong ? Number(bytes.getBigUint64(at + 8)) : size === 0 ? end - from : size;
  const header_bytes = isLong ? HEADER_BYTES : 8;
  if (length < header_bytes || from + length > end) return undefined;
  return { type: String.fromCharCode(...letters), header_bytes, end: from + length };
}
