import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ApiError } from "../api/api";
import type { Analysis, Failure, State } from "../api/api-types";
import { texts } from "../texts";
import { CANCELLED, DELETED, type Listener } from "./listener";
import { wordsOf } from "./upload-row";
import { STALLED_MS, UploadQueue, type Item } from "./upload-queue";

const FILE = new File(["film"], "film.mp4");
const LOOK_MS = 1500;

function analysis(state: State, progress = 0, failure: Failure | null = null): Analysis {
  return { id: "a1", state, progress, failure, received_bytes: 2, size_bytes: 4 } as Analysis;
}

/** A queue with one file, whose sending the test ends, and whose analysis is what the test says. */
function sending() {
  let end = { resolve: (_: Analysis): void => undefined, reject: (_: unknown): void => undefined };
  let listener: Listener | undefined;
  let signal: AbortSignal | undefined;
  const now = { seen: analysis("QUEUED") as Analysis | Error, looks: 0 };
  const queue = new UploadQueue(
    (_file, stopping, told) => {
      [listener, signal] = [told, stopping];
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
  const parts = { listener: () => listener as Listener, signal: () => signal as AbortSignal };
  return { queue, item, now, look, end: () => end, ...parts };
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

test("an upload that gets nothing through says so, and how much is surely there", async () => {
  const { item, listener } = sending();
  listener().sent(3);
  await vi.advanceTimersByTimeAsync(STALLED_MS - 1);
  expect(item.state).toBe("sending");
  await vi.advanceTimersByTimeAsync(1);
  expect(item.state).toBe("stalled");
  expect(wordsOf(item)).toContain("3 B of 4 B are here");
  listener().begun(analysis("RUNNING"));
  expect(wordsOf(item)).toContain("2 B of 4 B are here");
  listener().sent(4);
  expect(item.state).toBe("sending");
});

test("an upload that is stuck is resumed, and one that is over is not", async () => {
  const { queue, item, listener, end } = sending();
  const resume = vi.fn();
  listener().resumable(resume);
  await vi.advanceTimersByTimeAsync(STALLED_MS);
  queue.resume(item);
  expect(resume).toHaveBeenCalledOnce();
  listener().connected(false);
  await vi.advanceTimersByTimeAsync(STALLED_MS - 1);
  expect(item.state).toBe("offline");
  await vi.advanceTimersByTimeAsync(1);
  expect(item.state).toBe("stalled");
  end().resolve(analysis("SUCCEEDED"));
  await vi.advanceTimersByTimeAsync(2 * STALLED_MS);
  queue.resume(item);
  expect([item.state, resume.mock.calls.length]).toEqual(["done", 1]);
});

test("looking at a file may take its time", async () => {
  const { item, listener } = sending();
  listener().looking();
  await vi.advanceTimersByTimeAsync(2 * STALLED_MS);
  expect(item.state).toBe("looking");
});

test.each([
  ["that is about to be deleted is let go of", DELETED],
  ["that is cancelled here is deleted here", CANCELLED],
])("an early analysis %s", (_, reason) => {
  const { queue, item, listener, signal } = sending();
  listener().begun(analysis("RUNNING"));
  expect(queue.isSending("a1")).toBe(true);
  if (reason === DELETED) queue.withdraw("a1");
  else queue.remove(item);
  expect(signal().reason).toBe(reason);
  expect(queue.items).toEqual([]);
  expect(queue.isSending("a1")).toBe(false);
});

test("what is deleted elsewhere in the library leaves other uploads alone", () => {
  const { queue, item, signal } = sending();
  queue.withdraw("another");
  expect([queue.items, signal().aborted]).toEqual([[item], false]);
});
