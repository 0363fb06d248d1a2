import { expect, test } from "vitest";
import type { Analysis } from "../api/api-types";
import { parseRoute } from "../route";
import { trayOf } from "./tray";
import type { Item, ItemState } from "./upload-queue";

function item(state: ItemState, id?: string): Item {
  return { state, analysis: id === undefined ? undefined : ({ id } as Analysis) } as Item;
}

const ALL: readonly Item[] = [
  item("failed"),
  item("done", "d"),
  item("analysing", "a"),
  item("sending", "s"),
  item("waiting"),
  item("waiting"),
];

/** States of what is shown at an address, and how many others wait. */
function at(
  hash: string,
  fresh: readonly Item[] = [],
  seen: readonly Item[] = [],
): readonly [string, number] {
  const known = { fresh: new Set(fresh), seen: new Set(seen) };
  const { shown, others } = trayOf(ALL, parseRoute(hash), known);
  return [[...shown].map(({ state }) => state).join(" "), others];
}

test("the first view shows all", () => {
  expect(at("#/")).toEqual(["failed done analysing sending waiting waiting", 0]);
});

test.each(["#/a/other", "#/compare/a/b"])("%s shows what needs attention", (hash) => {
  expect(at(hash)).toEqual(["failed analysing sending", 2]);
});

test("what has just become ready is news, but not where it is seen", () => {
  const done = ALL.filter(({ state }) => state === "done");
  expect(at("#/a/other", done)[0]).toBe("failed done analysing sending");
  expect(at("#/a/d", done)[0]).toBe("failed analysing sending");
});

test("an analysis tells of itself, but bytes that are still to come are told of", () => {
  expect(at("#/a/a")[0]).toBe("failed sending");
  expect(at("#/a/s")[0]).toBe("failed analysing sending");
});

test("a refusal that was seen and is final is left to the first view", () => {
  const failed = ALL.filter(({ state }) => state === "failed");
  expect(at("#/a/other", [], failed)[0]).toBe("analysing sending");
  expect(at("#/", [], failed)[0]).toContain("failed");
});
