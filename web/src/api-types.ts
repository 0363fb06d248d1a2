/** What the gateway sends and takes, name for name as on the wire. Times are seconds on the media clock. */

export type ScoredEmotion =
  "Anger" | "Disgust" | "Fear" | "Happy" | "Sadness" | "Surprise" | "Neutral";
export type Label = ScoredEmotion | "Unsure";
export type Evidence = "face" | "voice" | "both" | "none";
export type State = "QUEUED" | "RUNNING" | "SUCCEEDED" | "FAILED" | "CANCELLED";

/** One probability per emotion; sums to 1. */
export type Scores = Readonly<Record<ScoredEmotion, number>>;

export interface Failure {
  readonly reason: string;
  readonly message: string;
}

export interface Media {
  readonly duration: number;
  readonly fps: string | null;
  readonly width: number;
  readonly height: number;
  readonly has_video: boolean;
  readonly has_audio: boolean;
  readonly container: string;
  readonly video_codec: string;
  readonly audio_codec: string;
}

export interface Analysis {
  readonly id: string;
  readonly state: State;
  readonly title: string;
  readonly created_at: string;
  readonly updated_at: string;
  /** 0 to 1. */
  readonly progress: number;
  readonly failure: Failure | null;
  readonly size_bytes: number;
  readonly media: Media;
}

export interface AnalysisPage {
  readonly analyses: readonly Analysis[];
  readonly next_cursor: string | null;
}

/** A labelled piece of time, half-open: start included, end excluded. */
export interface LabelledSpan {
  readonly start: number;
  readonly end: number;
  readonly emotion: Label;
  readonly confidence: number;
}

export interface Interval extends LabelledSpan {
  readonly evidence: Evidence;
  readonly scores: Scores | null;
  readonly face: {
    readonly frames: number;
    readonly faces: number;
    readonly quality: number;
    readonly scores: Scores | null;
  };
  readonly voice: { readonly speech: number; readonly scores: Scores | null };
}

export interface Person {
  readonly id: string;
  readonly intervals: readonly LabelledSpan[];
  readonly thumbnail: string | null;
}

export interface Analytics {
  readonly seconds: Readonly<Record<Label, number>>;
  readonly share: Readonly<Record<Label, number>>;
  readonly top: readonly Label[];
  readonly longest_streak: {
    readonly emotion: Label;
    readonly start: number;
    readonly end: number;
  } | null;
  readonly switches: number;
  readonly average_length: number;
  readonly volatility: number;
}

export interface ModelInfo {
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
  readonly licence: string;
}

export interface Timeline {
  readonly schema: string;
  readonly title: string;
  readonly duration: number;
  readonly fps: string | null;
  readonly has_video: boolean;
  readonly has_audio: boolean;
  readonly interval: number;
  readonly truncated: boolean;
  readonly intervals: readonly Interval[];
  readonly people: readonly Person[];
  readonly analytics: Analytics;
  readonly models: { readonly face: ModelInfo | null; readonly audio: ModelInfo | null };
  readonly notice: string;
}

export interface HighlightsRequest {
  readonly emotions: readonly Label[];
  readonly min_confidence: number;
}

export interface Export {
  readonly id: string;
  readonly analysis_id: string;
  readonly state: State;
  readonly progress: number;
  readonly failure: Failure | null;
  readonly size_bytes: number;
  readonly duration: number;
  readonly file_name: string;
  readonly created_at: string;
}

/** RFC 9457, as the gateway fills it. */
export interface Problem {
  readonly title?: string;
  readonly status?: number;
  readonly detail?: string;
  readonly reason?: string;
  readonly retry_after_s?: number;
}
