/** How much of an MP4 in fragments must be there before its analysis can begin. */

import { boxAt, boxesIn, type Box } from "./mp4-boxes";

/** The gateway knows of a first segment once it has about 6 s of each track. */
const ENOUGH_S = 7;
const MOST_NAMES = 64;
/** Some 7 s in the shortest fragments that recorders make. */
const MOST_BOXES = 1024;
/** Of a box that is read whole. */
const MOST_BYTES = 2 ** 20;

/** Of what may stand behind all fragments: places for seeking. */
const MOST_REST_BYTES = 2 ** 20;

type Times = ReadonlyMap<number, number>;

/** Bytes up to and with the boxes before the first fragment that name all there are, if they do. */
export async function namesEnd(file: Blob, from: number): Promise<number | undefined> {
  let end: number | undefined;
  for (let i = 0; i < MOST_NAMES; i++) {
    const box = await boxAt(file, from);
    if (box === undefined || box.type === "moof" || box.type === "mdat") return end;
    if (box.type === "sidx") {
      const named_bytes = namedBytes(await contentOf(file, from, box));
      if (named_bytes === undefined) return undefined;
      if (box.end + named_bytes + MOST_REST_BYTES < file.size) return undefined;
      end = box.end;
    }
    from = box.end;
  }
  return undefined;
}

/** How many bytes behind an index (ISO/IEC 14496-12, 8.16.3) are those of its fragments. */
function namedBytes(index: DataView): number | undefined {
  const [offset_at, count_at] = isVersion1(index) ? [20, 30] : [16, 22];
  if (index.byteLength < count_at + 2) return undefined;
  let bytes = isVersion1(index)
    ? Number(index.getBigUint64(offset_at))
    : index.getUint32(offset_at);
  const count = index.getUint16(count_at);
  for (let i = 0; i < count; i++) bytes += (wordAt(index, count_at + 2 + 12 * i) ?? 0) & 0x7fffffff;
  return bytes;
}

/**
 * Bytes up to and with the header of the first fragment that begins so late that all before is enough.
 *
 * Undefined where fragments do not tell when they begin, or none begins so late.
 */
export async function beginningEnd(file: Blob, at: number, moov: Box): Promise<number | undefined> {
  const ticks = ticksPerSecond(await contentOf(file, at, moov));
  const firsts = new Map<number, number>();
  const enough = new Set<number>();
  let from = moov.end;
  for (let i = 0; i < MOST_BOXES && ticks.size > 0; i++) {
    const box = await boxAt(file, from);
    if (box === undefined) return undefined;
    for (const [track, time] of box.type === "moof"
      ? starts(await contentOf(file, from, box))
      : []) {
      const first = firsts.get(track) ?? time;
      firsts.set(track, first);
      if (time - first >= ENOUGH_S * (ticks.get(track) ?? Infinity)) enough.add(track);
    }
    if (enough.size === ticks.size) return from + box.header_bytes;
    from = box.end;
  }
  return undefined;
}

async function contentOf(file: Blob, at: number, { header_bytes, end }: Box): Promise<DataView> {
  const isHuge = end - at > MOST_BYTES;
  const part = isHuge ? new Blob() : file.slice(at + header_bytes, end);
  return new DataView(await part.arrayBuffer());
}

/** Of each track of pictures or sound, by its number. */
function ticksPerSecond(moov: DataView): Times {
  const found = new Map<number, number>();
  for (const track of inside(moov, "trak")) {
    const [number] = inside(track, "tkhd").map(afterTimes);
    for (const media of inside(track, "mdia")) {
      const [ticks] = inside(media, "mdhd").map(afterTimes);
      const counts = inside(media, "hdlr").some((handler) => COUNTS.has(wordAt(handler, 8)));
      if (number !== undefined && ticks !== undefined && counts) found.set(number, ticks);
    }
  }
  return found;
}

/** When a fragment begins, by track, in its ticks. */
function starts(moof: DataView): Times {
  const found = new Map<number, number>();
  for (const part of inside(moof, "traf")) {
    const [track] = inside(part, "tfhd").map((header) => wordAt(header, 4));
    const [time] = inside(part, "tfdt").map(timeOf);
    if (track !== undefined && time !== undefined && !found.has(track)) found.set(track, time);
  }
  return found;
}

const COUNTS: ReadonlySet<number | undefined> = new Set([0x76696465, 0x736f756e]); // vide, soun

function inside(bytes: DataView, type: string): readonly DataView[] {
  return [...boxesIn(bytes)].flatMap((box) => (box.type === type ? [box.content] : []));
}

/** The number behind two times, which are of 4 bytes, or of 8 in version 1. */
function afterTimes(header: DataView): number | undefined {
  return wordAt(header, isVersion1(header) ? 20 : 12);
}

function timeOf(header: DataView): number | undefined {
  if (!isVersion1(header)) return wordAt(header, 4);
  return header.byteLength < 12 ? undefined : Number(header.getBigUint64(4));
}

function isVersion1(header: DataView): boolean {
  return header.byteLength > 0 && header.getUint8(0) === 1;
}

function wordAt(bytes: DataView, at: number): number | undefined {
  return at + 4 <= bytes.byteLength ? bytes.getUint32(at) : undefined;
}
