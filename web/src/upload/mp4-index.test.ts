import { expect, test } from "vitest";
import { indexEnd } from "./mp4-index";

/** A box of an MP4, its size in 4 bytes, or in 8 if it is to be long. */
function box(type: string, content: readonly number[] = [], long = false): readonly number[] {
  const name = [...type].map((letter) => letter.charCodeAt(0));
  const length = (long ? 16 : 8) + content.length;
  const last = [0, 0, length >> 8, length & 255];
  return long
    ? [0, 0, 0, 1, ...name, 0, 0, 0, 0, ...last, ...content]
    : [...last, ...name, ...content];
}

const FTYP = box("ftyp", [105, 115, 111, 109]);
const MDAT = box("mdat", Array<number>(300).fill(7));
const MOOV = box("moov", [...box("mvhd", [1, 2, 3]), ...box("trak", [4])]);
const FRAGMENTED = box("moov", [...box("mvhd"), ...box("mvex"), ...box("trak")]);

const read = (...parts: readonly (readonly number[])[]) =>
  indexEnd(new Blob([new Uint8Array(parts.flat())]));

test("an index in front is found, whatever else stands before it", async () => {
  expect(await read(FTYP, MOOV, MDAT)).toBe(FTYP.length + MOOV.length);
  const before = [FTYP, box("free", [0, 0], true), box("uuid", [9])];
  const length = before.flat().length + MOOV.length;
  expect(await read(...before, MOOV, MDAT)).toBe(length);
});

test.each([
  ["an index at the end", [FTYP, MDAT, MOOV]],
  ["a file of fragments without times", [FTYP, FRAGMENTED, box("moof"), MDAT]],
  ["another kind of file", [[0x1a, 0x45, 0xdf, 0xa3, 1, 0, 0, 0, 0, 0, 0, 35, 66, 134, 129, 1]]],
  ["words", [[...new TextEncoder().encode("these are only notes")]]],
  ["a box that claims more than there is", [FTYP, [0, 9, 9, 9, 109, 111, 111, 118]]],
  ["a box of no length", [FTYP, [0, 0, 0, 3, 109, 111, 111, 118]]],
  ["few bytes", [[0, 0, 0]]],
  ["nothing", []],
])("%s has none that comes first", async (_, parts) => {
  expect(await read(...parts)).toBeUndefined();
});
