import { expect, test } from "vitest";
import { EVERYTHING, only, withMinConfidence } from "./filter";
import { analysisHash, parseRoute } from "./route";

test.each(["", "#", "#/", "#/elsewhere", "#/a/"])("%j is the landing view", (hash) => {
  expect(parseRoute(hash)).toEqual({ view: "landing" });
});

test.each([EVERYTHING, only(EVERYTHING, "Fear"), withMinConfidence(EVERYTHING, 0.6)])(
  "a filter survives the address",
  (filter) => {
    expect(parseRoute(analysisHash("a1/b", filter))).toEqual({
      view: "analysis",
      id: "a1/b",
      filter,
    });
  },
);

test("nonsense in an address means no filter", () => {
  expect(parseRoute("#/a/x?emotions=Joy&min=7")).toEqual({
    view: "analysis",
    id: "x",
    filter: EVERYTHING,
  });
});

test("a broken escape is kept as it is", () => {
  expect(parseRoute("#/a/%E0")).toMatchObject({ id: "%E0" });
});
