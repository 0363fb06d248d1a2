import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ApiError } from "../api/api";
import type { Analysis, Failure, State } from "../api/api-types";
import { texts } from "../texts";
import type { Listener } from "./transfer";
import { wordsOf } from "./upload-row";
import { UploadQueue, type Item } from "./upload-queue";

const FILE = new File(["film"], "film.mp4");
const LOOK_MS = 1500;

function analysis(state: State, progress = 0, failure: Failure | null = null): Analysis {
  return { id: "a1", state, progress, failure } as Analysis;
}

/** A queue with one file, whose sending the test ends, and whose analysis is what the test says. */
function sending() {
  let end = { resolve: (_: Analysis): void => undefined, reject: (_: unknown): void => undefined };
  let listener: Listener | undefined;
  const now = { seen: analysis("QUEUED") as Analysis | Error, looks: 0 };
  const queue = new UploadQueue(
    (_file, _stopping, told) => {
      listener = told;
      return new Promise((resolve, reject) => (end = { resolve, reject }));
    },
    () => {
      now.looks += 1;
      return now.seen instanceof Error ? Promise.reject(now.seen) : Promise.resolve(now.seen);
    },
  );
  queue.add([FILE]);
  const [item] = queue.items as readonly [Item];
  const look = async (seen: Analysis | Error): Promise<void> => {
    now.seen = seen;
    await vi.advanceTimersByTimeAsync(LOOK_MS);
  };
  return { queue, item, now, look, end: () => end, listener: () => listener as Listener };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("an upload that is complete is followed until its analysis is", async () => {
  const { queue, item, now, look, end } = sending();
  end().resolve(analysis("QUEUED"));
  await vi.advanceTimersByTimeAsync(0);
  expect([item.state, wordsOf(item)]).toEqual(["analysing", texts.upload.queued]);
  await look(analysis("RUNNING", 0.4));
  expect(wordsOf(item)).toBe("Uploaded. Analysing, 40 %");
  await look(analysis("SUCCEEDED", 1));
  expect([item.state, wordsOf(item)]).toEqual(["done", "Ready to watch"]);
  const { looks } = now;
  await vi.advanceTimersByTimeAsync(10 * LOOK_MS);
  expect(now.looks).toBe(looks);
  queue.clearDone();
  expect(queue.items).toEqual([]);
});

test("a failed analysis says why and what to do, and can be sent again", async () => {
  const { queue, item, look, end } = sending();
  end().resolve(analysis("QUEUED"));
  await vi.advanceTimersByTimeAsync(0);
  const failure = { reason: "SERVICE_UNAVAILABLE", message: "A call ended." };
  await look(analysis("FAILED", 0.2, failure));
  expect(item).toMatchObject({ state: "failed", problem: { advice: texts.failure.later } });
  queue.retry(item);
  expect(item).toMatchObject({ state: "sending", problem: undefined, analysis: undefined });
});

test("one that was stopped is over, and says so", async () => {
  const { item, look, end } = sending();
  end().resolve(analysis("QUEUED"));
  await vi.advanceTimersByTimeAsync(0);
  await look(analysis("CANCELLED", 0.2));
  expect([item.state, wordsOf(item)]).toEqual(["done", texts.upload.stopped]);
});

test("trouble on the way is left to the next look; what was deleted leaves the list", async () => {
  const { queue, item, look, end } = sending();
  end().resolve(analysis("QUEUED"));
  await vi.advanceTimersByTimeAsync(0);
  await look(new TypeError("Failed to fetch"));
  expect(item.state).toBe("analysing");
  await look(new ApiError(404, "ANALYSIS_NOT_FOUND", "There is no such analysis."));
  expect(queue.items).toEqual([]);
});

test("an analysis that begins early is told of while bytes still go", async () => {
  const { item, look, listener } = sending();
  listener().sent(1);
  listener().begun(analysis("QUEUED"));
  await look(analysis("RUNNING", 0.25));
  expect(item.state).toBe("sending");
  expect(wordsOf(item)).toContain("25 % analysed");
});

test("an early analysis that somebody deleted takes its upload with it", async () => {
  const { queue, now, end, listener } = sending();
  listener().begun(analysis("RUNNING"));
  now.seen = new ApiError(404, "ANALYSIS_NOT_FOUND", "There is no such analysis.");
  end().reject(new ApiError(404, "UPLOAD_NOT_FOUND", "There is no such upload."));
  await vi.advanceTimersByTimeAsync(0);
  expect(queue.items).toEqual([]);
});
