/** Ending an analysis on the viewer's wish. Neither way can be taken back, so both ask first. */

import { ApiError, cancelAnalysis, deleteAnalysis, isMissing } from "../api/api";
import type { Analysis } from "../api/api-types";
import { ask } from "../kit/ask";
import { texts } from "../texts";

/**
 * Deletes it if the viewer agrees; returns whether it is gone. Rejects with an ApiError.
 *
 * @param leave called just before: what still sends its bytes would be refused.
 */
export async function askToDelete({ id, title }: Analysis, leave: () => void): Promise<boolean> {
  const agreed = await ask(texts.library.askDelete(title));
  if (!agreed) return false;
  leave();
  try {
    await deleteAnalysis(id);
  } catch (error) {
    // Deleted from another tab meanwhile: just what was wanted.
    if (!isMissing(error)) throw error;
  }
  return true;
}

/** Stops it if the viewer agrees; returns its new state, undefined if it goes on or has just finished. */
export async function askToStop({ id, title }: Analysis): Promise<Analysis | undefined> {
  const agreed = await ask(texts.library.askStop(title));
  if (!agreed) return undefined;
  try {
    return await cancelAnalysis(id);
  } catch (error) {
    if (error instanceof ApiError && error.reason === "ANALYSIS_FINISHED") return undefined;
    throw error;
  }
}
