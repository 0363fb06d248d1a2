import { expect, test } from "vitest";
import { clustersEnd } from "./matroska-clusters";

const UNKNOWN = [0x01, 255, 255, 255, 255, 255, 255, 255];

function bytesOf(value: number): readonly number[] {
  return value < 256 ? [value] : [...bytesOf(Math.floor(value / 256)), value % 256];
}

/** An element with its size in two bytes; without a size, as recorders write it, if it is to be open. */
function element(id: number, ...parts: readonly (readonly number[])[]): readonly number[] {
  const content = parts.flat();
  return [...bytesOf(id), 0x40 | (content.length >> 8), content.length & 255, ...content];
}
const open = (id: number): readonly number[] => [...bytesOf(id), ...UNKNOWN];

const track = (number: number, type: number): readonly number[] =>
  element(0xae, element(0xd7, [number]), element(0x83, [type]));
const HEAD = [
  ...element(0x1a45dfa3, [1, 2, 3]),
  ...open(0x18538067),
  ...element(0x1549a966, element(0x2ad7b1, bytesOf(1_000_000))),
  ...element(0x1654ae6b, track(1, 1), track(2, 2), track(3, 17)),
];

const content = (number: number, time_ms: number): readonly number[] => [
  0x80 | number,
  (time_ms >> 8) & 255,
  time_ms & 255,
  0x80,
  ...Array<number>(40).fill(9),
];
const block = (number: number, time_ms: number): readonly number[] =>
  element(0xa3, content(number, time_ms));
const cluster = (time_ms: number): readonly number[] => [
  ...open(0x1f43b675),
  ...element(0xe7, bytesOf(time_ms)),
];
const START = [...HEAD, ...cluster(500), ...block(1, 0), ...block(2, 10)];

const read = (...parts: readonly (readonly number[])[]) =>
  clustersEnd(new Blob([new Uint8Array(parts.flat())]));

test("blocks are enough once each track has gone on for 7 s", async () => {
  const late = [START, cluster(4500), block(2, 3010), block(1, 2999)];
  const end = [...late, block(1, 3000)].flat().length;
  expect(await read(...late, block(1, 3000), block(1, 9000))).toBe(end);
  const group = element(0xa0, element(0xa1, content(1, 3000)), element(0xfb, [1]));
  expect(await read(...late, group)).toBe(end + 3);
});

test.each([
  ["they are too short", [START, cluster(4500), block(2, 3010), block(1, 2999)]],
  ["one track goes no further", [START, cluster(20_000), block(2, 0)]],
  ["one of them is cut off", [START, cluster(9500), block(2, 0), block(1, 0).slice(0, 20)]],
  ["there are no tracks", [element(0x1a45dfa3), open(0x18538067), cluster(0), block(1, 9000)]],
  ["something else has no length", [HEAD, open(0x1c53bb6b), cluster(9500), block(1, 0)]],
  ["it is another kind of file", [[0, 0, 0, 8, 102, 116, 121, 112]]],
  ["there is nothing", []],
])("there is no beginning where %s", async (_, parts) => {
  expect(await read(...parts)).toBeUndefined();
});
