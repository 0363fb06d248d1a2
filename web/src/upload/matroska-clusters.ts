/** How much of a Matroska or WebM file must be there before its analysis can begin. */

/** The gateway knows of a first segment once it has about 6 s of each track. */
const ENOUGH_S = 7;
/** Some 7 s of many tracks. */
const MOST_ELEMENTS = 20_000;
/** No camera that records such files needs so much for that. */
const MOST_BYTES = 2 ** 26;
const WINDOW_BYTES = 2 ** 18;
/** Longest head of an element, and what is read of its content. */
const HEAD_BYTES = 12 + 8;

const EBML = 0x1a45dfa3;
const [NUMBER, TYPE, SCALE, TIME] = [0xd7, 0x83, 0x2ad7b1, 0xe7];
const BLOCKS: ReadonlySet<number> = new Set([0xa3, 0xa1]);
const TRACK = 0xae;
/** What holds others: Segment, Info, Tracks, a track, a cluster, a group of blocks. */
const FOLDERS: ReadonlySet<number> = new Set([
  0x18538067,
  0x1549a966,
  0x1654ae6b,
  TRACK,
  0x1f43b675,
  0xa0,
]);
const PICTURES_OR_SOUND: ReadonlySet<number> = new Set([1, 2]);

interface Element {
  readonly id: number;
  readonly start: number;
  /** Undefined while it is not known, as recorders leave it. */
  readonly length: number | undefined;
  /** The first bytes of what it holds. */
  readonly content: DataView;
}

/** Bytes up to and with the block that is late enough; undefined for other files, and short ones. */
export async function clustersEnd(file: Blob): Promise<number | undefined> {
  const clock = new Clock();
  const pages = new Pages(file);
  let at = 0;
  for (let i = 0; i < MOST_ELEMENTS && at < MOST_BYTES; i++) {
    const element = elementOf(await pages.at(at), at);
    if (element === undefined || (at === 0 && element.id !== EBML)) return undefined;
    const { id, start, length } = element;
    clock.note(element);
    const isFolder = FOLDERS.has(id);
    if (!isFolder && length === undefined) return undefined;
    at = isFolder ? start : start + (length ?? 0);
    if (clock.isEnough) return at <= file.size ? at : undefined;
  }
  return undefined;
}

/** Follows what blocks say of their times. */
class Clock {
  #scale_ns = 1e6;
  #cluster = 0;
  #track: { number?: number; type?: number } = {};
  #first = new Map<number, number>();
  #tracks = new Set<number>();
  #enough = new Set<number>();

  get isEnough(): boolean {
    return this.#tracks.size > 0 && this.#enough.size === this.#tracks.size;
  }

  note({ id, length, content }: Element): void {
    if (BLOCKS.has(id)) return this.#block(content);
    if (id === TRACK) this.#track = {};
    else if (id === SCALE) this.#scale_ns = uint(content, length);
    else if (id === TIME) this.#cluster = uint(content, length);
    else if (id === NUMBER || id === TYPE) {
      this.#track[id === NUMBER ? "number" : "type"] = uint(content, length);
      const { number, type } = this.#track;
      if (number !== undefined && PICTURES_OR_SOUND.has(type ?? 0)) this.#tracks.add(number);
    }
  }

  #block(content: DataView): void {
    const track = vint(content, 0);
    if (track?.value === undefined || track.end + 2 > content.byteLength) return;
    const time = this.#cluster + content.getInt16(track.end);
    const first = this.#first.get(track.value) ?? time;
    this.#first.set(track.value, first);
    const isLate = (time - first) * this.#scale_ns >= ENOUGH_S * 1e9;
    if (isLate && this.#tracks.has(track.value)) this.#enough.add(track.value);
  }
}

/** Reads a file page by page. */
class Pages {
  readonly #file: Blob;
  #bytes = new DataView(new ArrayBuffer(0));
  #start = 0;

  constructor(file: Blob) {
    this.#file = file;
  }

  /** The bytes at a place, as many as an element's head may have; fewer at the end. */
  async at(place: number): Promise<DataView> {
    const end = Math.min(place + HEAD_BYTES, this.#file.size);
    if (place < this.#start || end > this.#start + this.#bytes.byteLength) {
      const page = this.#file.slice(place, place + WINDOW_BYTES);
      [this.#bytes, this.#start] = [new DataView(await page.arrayBuffer()), place];
    }
    const from = Math.min(place - this.#start, this.#bytes.byteLength);
    const length = Math.min(HEAD_BYTES, this.#bytes.byteLength - from);
    return new DataView(this.#bytes.buffer, from, length);
  }
}

function elementOf(head: DataView, at: number): Element | undefined {
  const id = vint(head, 0, true);
  if (id?.value === undefined || id.end > 4) return undefined;
  const length = vint(head, id.end);
  if (length === undefined) return undefined;
  const content = new DataView(
    head.buffer,
    head.byteOffset + length.end,
    head.byteLength - length.end,
  );
  return { id: id.value, start: at + length.end, length: length.value, content };
}

/** A number of 1 to 8 bytes (RFC 8794, section 4); its value is undefined where all bits are set. */
function vint(
  bytes: DataView,
  at: number,
  marked = false,
): { readonly value: number | undefined; readonly end: number } | undefined {
  const first = at < bytes.byteLength ? bytes.getUint8(at) : 0;
  const width = Math.clz32(first) - 23;
  if (first === 0 || at + width > bytes.byteLength) return undefined;
  const mask = 2 ** (8 - width) - 1;
  let value = marked ? first : first & mask;
  let isUnknown = !marked && value === mask;
  for (let i = 1; i < width; i++) {
    const byte = bytes.getUint8(at + i);
    isUnknown &&= byte === 255;
    value = value * 256 + byte;
  }
  return { value: isUnknown ? undefined : value, end: at + width };
}

function uint(content: DataView, length: number | undefined): number {
  let value = 0;
  const end = Math.min(length ?? 0, 8, content.byteLength);
  for (let i = 0; i < end; i++) value = value * 256 + content.getUint8(i);
  return value;
}
