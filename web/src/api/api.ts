/** Every call the page makes to the gateway, and the addresses it puts into elements. */

import { texts } from "../texts";
import type {
  Analysis,
  AnalysisPage,
  Correction,
  CorrectionWish,
  EditedPerson,
  Export,
  Form,
  HighlightsRequest,
  PersonChange,
  Problem,
  Timeline,
} from "./api-types";

/** Where the API answers; empty means where the page came from. */
let api = "";

/** Names the API: an address such as `https://emotionmap.example.org`. One for the whole document. */
export function useApi(address: string): void {
  const { origin, pathname } = new URL(address === "" ? "/" : address, location.href);
  api = origin === location.origin && pathname === "/" ? "" : origin + pathname.replace(/\/$/, "");
}

/** The address of a path that begins with a slash. */
export function apiUrl(path: string): string {
  return api + path;
}

/** What pictures and videos need to be shown at all when the API is another host's. */
export function crossOrigin(): { readonly crossorigin?: "anonymous" } {
  return api === "" ? {} : { crossorigin: "anonymous" };
}

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
  if (status === 0) return new ApiError(0, "UNREACHABLE", texts.page.unreachable);
  let problem: Problem = {};
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === "object" && parsed !== null) problem = parsed;
  } catch {
    // A proxy in between answers with its own page; the status below says enough.
  }
  const sentence = problem.detail ?? problem.title ?? texts.page.status(status);
  return new ApiError(status, problem.reason ?? "UNKNOWN", sentence);
}

/** What to tell people about anything that was thrown. */
export function sentenceOf(error: unknown): string {
  return error instanceof ApiError ? error.message : texts.page.unreachable;
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

const analysesPath = (): string => apiUrl("/v1/analyses");
const analysisPath = (id: string): string => `${analysesPath()}/${encodeURIComponent(id)}`;
const exportPath = (id: string): string => apiUrl(`/v1/exports/${encodeURIComponent(id)}`);
const sent = (method: string, body: unknown): RequestInit => ({
  method,
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify(body),
});

export const uploadsPath = (): string => apiUrl("/v1/uploads");
export const mediaPath = (id: string): string => `${analysisPath(id)}/media`;
export const exportFilePath = (id: string): string => `${exportPath(id)}/file`;
export const correctionsCsvPath = (id: string): string =>
  `${analysisPath(id)}/corrections?format=csv`;

/** Events after the one with that id; all of them if it is empty. */
export function eventsPath(id: string, after: string): string {
  return `${analysisPath(id)}/events${after === "" ? "" : `?after=${encodeURIComponent(after)}`}`;
}

/** @param moments what edit lists shall hold; the other forms always hold everything. */
export function timelinePath(id: string, form: Form, moments?: HighlightsRequest): string {
  const path = `${analysisPath(id)}/timeline?format=${form}`;
  if (moments === undefined) return path;
  const { emotions, people, ...rest } = moments;
  const query = new URLSearchParams({ emotions: emotions.join(","), people: people.join(",") });
  for (const name of ["min_confidence", "lead_in", "lead_out", "shortest"] as const)
    query.set(name, String(rest[name]));
  return `${path}&${query.toString()}`;
}

export function thumbnailPath(id: string, time_s: number, width_px: number): string {
  return `${analysisPath(id)}/thumbnails?t=${Number(time_s.toFixed(3))}&width=${width_px}`;
}

/** Newest first; `cursor` is that of the page before, `words` are part of the title. */
export function listAnalyses(limit: number, cursor?: string, words = ""): Promise<AnalysisPage> {
  const after = cursor === undefined ? "" : `&cursor=${encodeURIComponent(cursor)}`;
  const query = words === "" ? "" : `&q=${encodeURIComponent(words)}`;
  return read(`${analysesPath()}?limit=${limit}${after}${query}`);
}

/** Has a complete upload analysed; asking again gives the same analysis. */
export function analyseUpload(upload: string, title: string): Promise<Analysis> {
  return read(analysesPath(), sent("POST", { upload, title }));
}

/** Has an upload analysed that still runs; UPLOAD_NOT_FINISHED if that cannot begin now. */
export function analyseEarly(upload: string, title: string): Promise<Analysis> {
  return read(analysesPath(), sent("POST", { upload, title, early: true }));
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

/** What viewers made of the people of an analysis. */
export async function getPeople(id: string): Promise<readonly EditedPerson[]> {
  const { people } = await read<{ readonly people: readonly EditedPerson[] }>(
    `${analysisPath(id)}/people`,
  );
  return people;
}

export function changePerson(
  id: string,
  personId: string,
  change: PersonChange,
): Promise<EditedPerson> {
  return read(`${analysisPath(id)}/people/${encodeURIComponent(personId)}`, sent("PATCH", change));
}

export function createHighlights(id: string, request: HighlightsRequest): Promise<Export> {
  return read(`${analysisPath(id)}/highlights`, sent("POST", request));
}

export function getExport(id: string): Promise<Export> {
  return read(exportPath(id));
}

export function cancelExport(id: string): Promise<Export> {
  return read(`${exportPath(id)}/cancel`, { method: "POST" });
}

export async function getCorrections(id: string): Promise<readonly Correction[]> {
  const { corrections } = await read<{ readonly corrections: readonly Correction[] }>(
    `${analysisPath(id)}/corrections`,
  );
  return corrections;
}

export function addCorrection(id: string, wish: CorrectionWish): Promise<Correction> {
  return read(`${analysisPath(id)}/corrections`, sent("POST", wish));
}

export async function removeCorrection(id: string, correctionId: string): Promise<void> {
  const path = `${analysisPath(id)}/corrections/${encodeURIComponent(correctionId)}`;
  await call(path, { method: "DELETE" });
}
