import { expect, test } from "vitest";
import { ApiError } from "../api/api";
import type { Analysis } from "../api/api-types";
import { EarlyWish } from "./early";

const MIB = 2 ** 20;
const ANALYSIS = { id: "a1" } as Analysis;
const NOT_YET = new ApiError(400, "UPLOAD_NOT_FINISHED", "Bytes of this upload are still missing.");

/** A wish whose questions are refused as often as told, then granted; notes what is asked and told. */
function wish(index_bytes: number | undefined, refusals = 0) {
  const log: string[] = [];
  const ask = (): Promise<Analysis> => {
    log.push("asked");
    return log.length > refusals ? Promise.resolve(ANALYSIS) : Promise.reject(NOT_YET);
  };
  const made = new EarlyWish(index_bytes, ask, ({ id }) => log.push(`begun ${id}`));
  const send = async (...sent_mib: readonly number[]): Promise<readonly string[]> => {
    for (const each of sent_mib) {
      made.note(each * MIB);
      await made.settled();
    }
    return log;
  };
  return { made, send };
}

test("nothing is asked before the first mark, and nothing after the answer", async () => {
  const { made, send } = wish(1000);
  expect(await send(0, 0.5, 0.99)).toEqual([]);
  expect(await made.settled()).toBeUndefined();
  expect(await send(1, 2, 8, 32, 100)).toEqual(["asked", "begun a1"]);
  expect(await made.settled()).toBe(ANALYSIS);
});

test("a refusal is asked again at 8 and at 32 MiB, then no more", async () => {
  const asked = ["asked"];
  const { send } = wish(1000, Infinity);
  expect(await send(1, 2, 7.9)).toEqual(asked);
  expect(await send(8, 9, 31)).toEqual([...asked, "asked"]);
  expect(await send(32, 33, 400)).toEqual([...asked, "asked", "asked"]);
});

test("a refusal does not keep a later answer away", async () => {
  const { made, send } = wish(1000, 1);
  expect(await send(1, 8, 32)).toEqual(["asked", "asked", "begun a1"]);
  expect(await made.settled()).toBe(ANALYSIS);
});

test("marks that were passed at once are one question", async () => {
  expect(await wish(1000, Infinity).send(40, 41)).toEqual(["asked"]);
});

test("an index longer than the first marks is waited for", async () => {
  const { send } = wish(9 * MIB, Infinity);
  expect(await send(1, 8, 9)).toEqual([]);
  expect(await send(10, 20, 32)).toEqual(["asked", "asked"]);
});

test("without an index in front nothing is ever asked", async () => {
  expect(await wish(undefined).send(1, 8, 32, 499)).toEqual([]);
});

test("one question at a time", async () => {
  let answer = (_: Analysis): void => undefined;
  let asked = 0;
  const pending = new Promise<Analysis>((resolve) => (answer = resolve));
  const made = new EarlyWish(
    1000,
    () => (asked++, pending),
    () => undefined,
  );
  made.note(MIB);
  made.note(8 * MIB);
  expect(asked).toBe(1);
  answer(ANALYSIS);
  expect(await made.settled()).toBe(ANALYSIS);
  made.note(9 * MIB);
  expect(asked).toBe(1);
});
