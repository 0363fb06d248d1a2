/** The part of `texts` about what goes wrong: what to say, and what to do about it, by the reason that the server gives. */

const AGAIN_LATER = "It may just be starting. Try again in a minute; nothing has to be sent twice.";
const NOT_YOURS =
  "Your video is not to blame. Upload it again in a few minutes; if that fails too, tell whoever runs EmotionMap.";
const OPERATOR = "Tell whoever runs EmotionMap; until then, another try gives the same.";
const OLD_PAGE = "Reload the page: it is older than the server.";
const SMALLER =
  "Cut it into parts, or save it with a smaller picture: 720p is enough to read faces.";
const CUT_OFF = "Choose a file with something in it; a copy may have been cut off.";
const CHANGED = "The file changed while it was sent. Choose it again.";

export const failureTexts = {
  advice: {
    EMPTY_FILE: CUT_OFF,
    MEDIA_EMPTY: CUT_OFF,
    FILE_TOO_LARGE: SMALLER,
    MEDIA_TOO_LARGE: SMALLER,
    MEDIA_TOO_LONG: "Cut it into parts and upload them one after another.",
    MEDIA_UNREADABLE:
      "Check that it plays on your computer. If it does, save it as MP4 (H.264) and upload that.",
    MEDIA_NO_STREAMS: "Choose a video or a recording.",
    MEDIA_ZERO_LENGTH: "Choose the original rather than a cut-off copy.",
    MEDIA_NO_VIDEO: "Choose a file with a picture.",
    MEDIA_NOT_FOUND: "Upload it again.",
    MEDIA_STORE_UNAVAILABLE: NOT_YOURS,
    CODEC_UNSUPPORTED: "Save it as MP4 (H.264 and AAC) with any converter and upload that.",
    DECODE_TIMEOUT: "Save it as MP4 (H.264) and upload that.",
    JOB_CRASHED:
      "Save it anew as MP4 (H.264 and AAC) and upload that. If it ends the same, tell whoever runs EmotionMap.",
    STORAGE_FULL: "Delete analyses you no longer need, then try again.",
    QUEUE_FULL: "Try again in a minute; nothing has to be sent twice.",
    SERVICE_UNAVAILABLE: AGAIN_LATER,
    UNAVAILABLE: AGAIN_LATER,
    DEADLINE_EXCEEDED: NOT_YOURS,
    RESOURCE_EXHAUSTED: NOT_YOURS,
    CANCELLED: NOT_YOURS,
    INTERNAL: NOT_YOURS,
    MODEL_UNAVAILABLE: OPERATOR,
    DETECTOR_UNAVAILABLE: OPERATOR,
    UPLOAD_BROKEN: "Upload it again.",
    UPLOAD_TOO_LONG: CHANGED,
    UPLOAD_CHECKSUM_MISMATCH: CHANGED,
    UPLOAD_EXPIRED: "It was left unfinished for too long. Choose the file again.",
    UPLOAD_NOT_FOUND: "Choose the file again.",
    UPLOAD_BUSY: "Another window is sending the same file. Close it, or wait for it.",
    UPLOAD_TAKEN_OVER: "Look there how far it is, or close that window and try again here.",
    UPLOAD_TOO_SLOW: "Try again when the connection is better; it goes on from where it stopped.",
    UNREACHABLE: "What was sent is kept; try again when the connection is back.",
    OPTIONS_INVALID: OLD_PAGE,
    REQUEST_INVALID: OLD_PAGE,
  },
  failure: {
    later: NOT_YOURS,
    /** What the browser says of a file that was moved, changed or deleted. */
    unreadable: {
      sentence: "The file cannot be read any more.",
      advice: "It was moved, changed or deleted meanwhile. Choose it again.",
    },
    inside: "Something inside EmotionMap went wrong.",
    /** Where nothing better is known; the reason is what an operator searches for. */
    tell: (reason: string) =>
      `Your video is not to blame. Upload it again; if it comes to the same, tell whoever runs EmotionMap this word: ${reason}.`,
    /** Instead of sentences of the server that are about its insides. */
    plain: {
      CODEC_UNSUPPORTED: "This kind of video cannot be read here.",
      MEDIA_NOT_FOUND: "The video is no longer on the server.",
      MEDIA_STORE_UNAVAILABLE: "The place where videos are kept does not answer.",
      JOB_CRASHED: "EmotionMap broke off at this video again and again.",
      STORAGE_FULL: "There is no room for it on the server.",
      QUEUE_FULL: "EmotionMap has too much to do just now.",
      SERVICE_UNAVAILABLE: "A part of EmotionMap could not be reached.",
      UNAVAILABLE: "A part of EmotionMap could not be reached.",
      DEADLINE_EXCEEDED: "A part of EmotionMap took too long.",
      RESOURCE_EXHAUSTED: "A part of EmotionMap had too much to do.",
      CANCELLED: "A part of EmotionMap was stopped meanwhile.",
      INTERNAL: "Something inside EmotionMap went wrong.",
      MODEL_UNAVAILABLE: "EmotionMap lacks a model that it needs for this.",
      DETECTOR_UNAVAILABLE: "EmotionMap lacks a face detector that it needs for this.",
      UPLOAD_BROKEN: "The upload ended before all of the video had come.",
      UPLOAD_NOT_FOUND: "The server no longer has what was sent.",
      UPLOAD_TAKEN_OVER: "Another window goes on with this upload.",
    } as Readonly<Record<string, string>>,
  },
} as const;
