import { expect, test } from "vitest";
import { EVERYTHING, only, withMargins, withMinConfidence, withPerson } from "./model/selection";
import { analysisHash, compareHash, parseRoute } from "./route";

test.each(["", "#", "#/", "#/elsewhere", "#/a/"])("%j is the landing view", (hash) => {
  expect(parseRoute(hash)).toEqual({ view: "landing" });
});

test.each([
  EVERYTHING,
  only(EVERYTHING, "Fear"),
  withMinConfidence(EVERYTHING, 0.6),
  withPerson(withPerson(EVERYTHING, "p1", true), "p2", true),
  withMargins(EVERYTHING, { leadIn_s: 1.5, leadOut_s: 0.5, shortest_s: 2 }),
])("a selection and a position survive the address", (selection) => {
  expect(parseRoute(analysisHash("a1/b", selection, 42.5))).toEqual({
    view: "analysis",
    id: "a1/b",
    selection,
    time_s: 42.5,
  });
});

test("nonsense in an address means no selection", () => {
  expect(parseRoute("#/a/x?emotions=Joy&min=7&lead_in=-1&t=soon")).toEqual({
    view: "analysis",
    id: "x",
    selection: EVERYTHING,
    time_s: 0,
  });
});

test("a broken escape is kept as it is", () => {
  expect(parseRoute("#/a/%E0")).toMatchObject({ id: "%E0" });
});

test("two analyses to compare survive the address", () => {
  expect(parseRoute(compareHash("a/1", "b 2"))).toEqual({ view: "compare", ids: ["a/1", "b 2"] });
});
