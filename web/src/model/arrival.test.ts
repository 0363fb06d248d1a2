import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Analysis, State } from "../api/api-types";
import { Arrival, Flow, isArriving, QUIET_MS } from "./arrival";

function analysis(received_bytes: number, state: State = "RUNNING"): Analysis {
  return { state, received_bytes, size_bytes: 100 } as Analysis;
}

test.each([
  ["QUEUED", 40, true],
  ["RUNNING", 40, true],
  ["RUNNING", 100, false],
  ["FAILED", 40, false],
  ["CANCELLED", 40, false],
] as const)("%s with %d of 100 bytes: the rest is to come: %s", (state, bytes, arriving) => {
  expect(isArriving(analysis(bytes, state))).toBe(arriving);
});

test("bytes that stop coming are told from bytes that come slowly", () => {
  const flow = new Flow();
  const noted = (received_bytes: number, now_ms: number): boolean =>
    flow.note(analysis(received_bytes), now_ms);
  expect(noted(10, 0)).toBe(false);
  expect(noted(11, QUIET_MS - 1)).toBe(false);
  expect(noted(11, 2 * QUIET_MS - 2)).toBe(false);
  expect(noted(11, 2 * QUIET_MS - 1)).toBe(true);
  expect(noted(12, 2 * QUIET_MS)).toBe(false);
  expect(noted(100, 9 * QUIET_MS)).toBe(false);
  expect(flow.note(analysis(100), 20 * QUIET_MS)).toBe(false);
});

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("window", globalThis);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** An arrival that looks at what the test says. */
function watching() {
  const now = { bytes: 10 as number | Error, looks: 0 };
  const arrival: Arrival = new Arrival(
    () => {
      now.looks += 1;
      return now.bytes instanceof Error
        ? Promise.reject(now.bytes)
        : Promise.resolve(analysis(now.bytes));
    },
    (news) => arrival.follow(news),
  );
  arrival.follow(analysis(10));
  return { now, arrival };
}

test("a video that stalls is noticed, and when it goes on", async () => {
  const { now, arrival } = watching();
  await vi.advanceTimersByTimeAsync(QUIET_MS / 2);
  expect(arrival.isStalled).toBe(false);
  now.bytes = new TypeError("Failed to fetch");
  await vi.advanceTimersByTimeAsync(QUIET_MS / 2);
  now.bytes = 10;
  await vi.advanceTimersByTimeAsync(QUIET_MS);
  expect(arrival.isStalled).toBe(true);
  now.bytes = 20;
  await vi.advanceTimersByTimeAsync(QUIET_MS / 2);
  expect(arrival.isStalled).toBe(false);
});

test.each(["all is here", "nobody wants to know"])("nobody looks once %s", async (why) => {
  const { now, arrival } = watching();
  if (why === "all is here") now.bytes = 100;
  else arrival.stop();
  await vi.advanceTimersByTimeAsync(QUIET_MS);
  const { looks } = now;
  await vi.advanceTimersByTimeAsync(10 * QUIET_MS);
  expect(now.looks).toBe(looks);
});
