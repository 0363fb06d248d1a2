import { expect, test } from "vitest";
import { LABELS } from "../model/emotions";
import { texts } from "../texts";
import { commandOf } from "./shortcuts";

const stroke = (key: string, code = "", shiftKey = false): Parameters<typeof commandOf>[0] => ({
  key,
  code,
  shiftKey,
});

test.each([
  [" ", { kind: "toggle-play" }],
  ["k", { kind: "toggle-play" }],
  ["K", { kind: "toggle-play" }],
  ["j", { kind: "seek", by_s: -10 }],
  ["ArrowRight", { kind: "seek", by_s: 5 }],
  ["?", { kind: "help" }],
  ["9", undefined],
  ["x", undefined],
])("key %j", (key, command) => expect(commandOf(stroke(key))).toEqual(command));

test("digits choose emotions in the order of the legend", () => {
  const labels = LABELS.map((_, i) => commandOf(stroke(String(i + 1), `Digit${i + 1}`)));
  expect(labels).toEqual(LABELS.map((label) => ({ kind: "toggle-emotion", label })));
});

test("with Shift a digit means everything but, whatever sign it types", () => {
  expect(commandOf(stroke('"', "Digit2", true))).toEqual({ kind: "all-but", label: "Disgust" });
});

test("each key of the help does something", () => {
  const names = {
    Space: " ",
    "←": "ArrowLeft",
    "→": "ArrowRight",
    "↑": "ArrowUp",
    "↓": "ArrowDown",
    "−": "-",
  };
  const keys = texts.help.keys
    .flatMap(([words]) => words.split(/, | /))
    .filter((key) => !["to", "Shift"].includes(key))
    .map((key) => (names as Record<string, string>)[key] ?? key);
  expect(keys.filter((key) => commandOf(stroke(key)) === undefined)).toEqual([]);
});
