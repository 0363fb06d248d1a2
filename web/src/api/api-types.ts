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
  /** Bytes are still to come, and nobody knows how many seconds: `duration` grows. */
  readonly open_ended: boolean;
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
  /** Fewer while its upload still runs. */
  readonly received_bytes: number;
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

/** Left, top, right and bottom edge in shares of the picture. */
export type Box = readonly [left: number, top: number, right: number, bottom: number];

/** One person within one interval. */
export interface PersonSpan extends LabelledSpan {
  /** Where the face is in the first and the last picture that shows it; absent in older timelines. */
  readonly first_box?: Box;
  readonly last_box?: Box;
}

export interface Person {
  readonly id: string;
  readonly intervals: readonly PersonSpan[];
  readonly thumbnail: string | null;
}

/** What viewers have made of a person; intervals and thumbnail are those of the timeline. */
export interface EditedPerson {
  readonly id: string;
  /** Empty if none was given. */
  readonly name: string;
  readonly hidden: boolean;
  readonly merged_into: string | null;
}

/** What is left out stays. */
export interface PersonChange {
  readonly name?: string;
  readonly hidden?: boolean;
  readonly merged_into?: string | null;
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

/** Forms of a finished timeline; the last four hold chosen moments alone. */
export type Form = "json" | "csv" | "vtt" | "edl" | "fcpxml" | "otio" | "skip_list";

/** A viewer's own label for [start, end). */
export interface CorrectionWish {
  readonly start: number;
  readonly end: number;
  readonly emotion: Label;
}

export interface Correction extends CorrectionWish {
  readonly id: string;
  readonly created_at: string;
}

export interface HighlightsRequest {
  readonly emotions: readonly Label[];
  readonly min_confidence: number;
  readonly people: readonly string[];
  /** Seconds, as the next two. */
  readonly lead_in: number;
  readonly lead_out: number;
  readonly shortest: number;
  readonly order?: "time" | "strength";
  readonly max_length?: number | null;
  readonly style?: "fast" | "polished";
}

/** What a cut came to. */
export interface CutSummary {
  readonly duration: number;
  /** Share of its pictures that were copied, 0 to 1. */
  readonly copied_share: number;
  /** Why pictures were encoded that could have been copied; empty if all that could be were copied. */
  readonly note: string;
  readonly pieces: number;
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
  readonly style: "fast" | "polished";
  readonly summary: CutSummary | null;
}

/** RFC 9457, as the gateway fills it. */
export interface Problem {
  readonly title?: string;
  readonly status?: number;
  readonly detail?: string;
  readonly reason?: string;
  readonly retry_after_s?: number;
}
