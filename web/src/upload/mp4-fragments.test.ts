import { expect, test } from "vitest";
import { indexEnd } from "./mp4-index";

const word = (value: number): readonly number[] => [24, 16, 8, 0].map((by) => (value >> by) & 255);
const words = (...values: readonly number[]): readonly number[] => values.flatMap(word);

function box(type: string, ...parts: readonly (readonly number[])[]): readonly number[] {
  const content = parts.flat();
  return [...word(content.length + 8), ...[...type].map((each) => each.charCodeAt(0)), ...content];
}

const letters = (text: string): readonly number[] => [...text].map((each) => each.charCodeAt(0));

function track(number: number, ticks: number, kind: string): readonly number[] {
  const header = box("tkhd", words(0, 0, 0, number));
  const handler = box("hdlr", words(0, 0), letters(kind));
  return box("trak", header, box("mdia", box("mdhd", words(0, 0, 0, ticks)), handler));
}

/** A fragment of tracks that begin at these times, by number; in 8 bytes where that is odd. */
function fragment(...times: readonly (readonly [number, number])[]): readonly number[] {
  const parts = times.map(([number, time]) => {
    const start = number % 2 === 1 ? words(1 << 24, 0, time) : words(0, time);
    return box("traf", box("tfhd", words(0, number)), box("tfdt", start));
  });
  return [...box("moof", ...parts), ...box("mdat", Array<number>(50).fill(7))];
}

const FTYP = box("ftyp", letters("iso5"));
const TRACKS = [track(1, 1000, "vide"), track(2, 48, "soun"), track(3, 9, "text")];
const MOOV = box("moov", ...TRACKS, box("mvex"));

/** An index that names fragments of these lengths. */
function names(...lengths: readonly number[]): readonly number[] {
  const head = [...words(0, 1, 1000, 0, 0), 0, 0, 0, lengths.length];
  return box("sidx", head, ...lengths.map((length) => words(length, 1000, 0)));
}

const read = (...parts: readonly (readonly number[])[]) =>
  indexEnd(new Blob([new Uint8Array(parts.flat())]));

const FIRST = fragment([1, 5000], [2, 240]);
const NEXT = fragment([1, 11_999], [2, 600]);
const LATE = fragment([1, 12_000], [2, 900]);

test("fragments are enough once each track has gone on for 7 s", async () => {
  const before = [FTYP, MOOV, FIRST, NEXT];
  expect(await read(...before, LATE, LATE)).toBe(before.flat().length + 8);
  expect(await read(...before, fragment([2, 9000]), LATE)).toBe(
    [...before, fragment([2, 9000])].flat().length + 8,
  );
});

test.each([
  ["they are too short", [FTYP, MOOV, FIRST, NEXT]],
  ["one track has none", [FTYP, MOOV, fragment([1, 0]), fragment([1, 90_000])]],
  ["they belong to no track", [FTYP, MOOV, fragment([7, 0]), fragment([7, 90_000])]],
  ["no track is of pictures or sound", [FTYP, box("moov", box("mvex")), FIRST, LATE]],
  ["one of them is cut off", [FTYP, MOOV, FIRST, LATE.slice(0, 12)]],
  ["their boxes are cut short", [FTYP, MOOV, box("moof", box("traf", box("tfdt"), box("tfhd")))]],
])("there is no beginning where %s", async (_, parts) => {
  expect(await read(...parts)).toBeUndefined();
});

test("what names all fragments before the first is an index", async () => {
  const named = [FTYP, MOOV, names(FIRST.length, LATE.length), names(1)];
  expect(await read(...named, box("free"), FIRST, LATE)).toBe(named.flat().length);
});

test("names that leave fragments out, or come later, are none", async () => {
  const rest = box("mdat", Array<number>(2 ** 20).fill(0));
  const some = [FTYP, MOOV, names(FIRST.length), FIRST];
  expect(await read(...some, LATE, rest)).toBe(some.flat().length + 8);
  expect(await read(FTYP, MOOV, box("sidx"), FIRST, NEXT)).toBeUndefined();
  expect(await read(FTYP, MOOV, FIRST, names(1))).toBeUndefined();
});
