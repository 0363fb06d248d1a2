import { expect, test } from "vitest";
import type { EditedPerson, Person } from "../api/api-types";
import { castOf, type Edits } from "./cast";
import { interval } from "./intervals.fixture";

const person = (id: string, ...at: number[]): Person => ({
  id,
  intervals: at.map((start) => interval(start, "Happy", start === 1 ? 0.9 : 0.5)),
  thumbnail: null,
});
const PEOPLE = [person("p1", 0, 1), person("p2", 1, 2), person("p3", 9)];
const edited = (...changes: (Partial<EditedPerson> & { id: string })[]): Edits =>
  new Map(
    changes.map((each) => [each.id, { name: "", hidden: false, merged_into: null, ...each }]),
  );

test("without edits everybody has a number and a share", () => {
  const cast = castOf(PEOPLE, new Map(), 10);
  expect(cast.map(({ name, share }) => [name, share])).toEqual([
    ["Person 1", 0.2],
    ["Person 2", 0.2],
    ["Person 3", 0.1],
  ]);
});

test("names and hiding are kept", () => {
  const [first] = castOf(PEOPLE, edited({ id: "p1", name: "Anna", hidden: true }), 10);
  expect([first?.name, first?.hidden]).toEqual(["Anna", true]);
});

test("merged people are one, with the union of their time", () => {
  const cast = castOf(
    PEOPLE,
    edited({ id: "p2", merged_into: "p1" }, { id: "p3", merged_into: "p2" }),
    10,
  );
  expect(cast).toHaveLength(1);
  expect(cast[0]?.parts).toEqual(["p2", "p3"]);
  expect(cast[0]?.intervals.map(({ start }) => start)).toEqual([0, 1, 2, 9]);
  expect(cast[0]?.share).toBeCloseTo(0.4);
});

test("people merged in a circle, or into nobody, stay themselves", () => {
  const circle = edited(
    { id: "p1", merged_into: "p2" },
    { id: "p2", merged_into: "p1" },
    { id: "p3", merged_into: "p9" },
  );
  expect(castOf(PEOPLE, circle, 10).map(({ id }) => id)).toEqual(["p1", "p2", "p3"]);
});
