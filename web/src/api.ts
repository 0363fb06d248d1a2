/** Every call the page makes to the gateway, and the addresses it puts into elements. */

import type {
  Analysis,
  AnalysisPage,
  Export,
  HighlightsRequest,
  Problem,
  Timeline,
} from "./api-types";

const UNREACHABLE = "EmotionMap cannot be reached. Check that it is running, then try again.";

/** A refused or failed call; `message` is one sentence for people, `reason` is for programs. */
export class ApiError extends Error {
  readonly status: number;
  readonly reason: string;

  constructor(status: number, reason: string, message: string) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.reason = reason;
  }
}

/** The error of a problem+json body; a body that is none gives a sentence about the status. */
export function problemFrom(status: number, body: string): ApiError {
  if (status === 0) return new ApiError(0, "UNREACHABLE", UNREACHABLE);
  let problem: Problem = {};
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === "object" && parsed !== null) problem = parsed;
  } catch {
    // A proxy in between answers with its own page; the status below says enough.
  }
  const sentence = problem.detail ?? problem.title ?? `The server answered with status ${status}.`;
  return new ApiError(status, problem.reason ?? "UNKNOWN", sentence);
}

/** What to tell people about anything that was thrown. */
export function sentenceOf(error: unknown): string {
  return error instanceof ApiError ? error.message : UNREACHABLE;
}

/** What was asked for is not there, or not any more. */
export function isMissing(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}

async function call(path: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch {
    throw problemFrom(0, "");
  }
  if (!response.ok) throw problemFrom(response.status, await response.text());
  return response;
}

async function read<T>(path: string, init?: RequestInit): Promise<T> {
  return (await (await call(path, init)).json()) as T;
}

const analysisPath = (id: string): string => `/v1/analyses/${encodeURIComponent(id)}`;

export const analysesPath = "/v1/analyses";
export const mediaPath = (id: string): string => `${analysisPath(id)}/media`;
export const exportFilePath = (id: string): string => `/v1/exports/${encodeURIComponent(id)}/file`;

/** Events after the one with that id; all of them if it is empty. */
export function eventsPath(id: string, after: string): string {
  return `${analysisPath(id)}/events${after === "" ? "" : `?after=${encodeURIComponent(after)}`}`;
}

export function timelinePath(id: string, format: "json" | "csv" | "vtt"): string {
  return `${analysisPath(id)}/timeline?format=${format}`;
}

export function thumbnailPath(id: string, time_s: number, width_px: number): string {
  return `${analysisPath(id)}/thumbnails?t=${Number(time_s.toFixed(3))}&width=${width_px}`;
}

/** Newest first; `cursor` is that of the page before. */
export function listAnalyses(limit: number, cursor?: string): Promise<AnalysisPage> {
  const after = cursor === undefined ? "" : `&cursor=${encodeURIComponent(cursor)}`;
  return read(`${analysesPath}?limit=${limit}${after}`);
}

export function getAnalysis(id: string): Promise<Analysis> {
  return read(analysisPath(id));
}

export function getTimeline(id: string): Promise<Timeline> {
  return read(timelinePath(id, "json"));
}

export async function deleteAnalysis(id: string): Promise<void> {
  await call(analysisPath(id), { method: "DELETE" });
}

export function cancelAnalysis(id: string): Promise<Analysis> {
  return read(`${analysisPath(id)}/cancel`, { method: "POST" });
}

export function createHighlights(id: string, request: HighlightsRequest): Promise<Export> {
  return read(`${analysisPath(id)}/highlights`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(request),
  });
}

export function getExport(id: string): Promise<Export> {
  return read(`/v1/exports/${encodeURIComponent(id)}`);
}
