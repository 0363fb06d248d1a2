"""How an EmotionMap service runs; knows nothing of emotions, frames or samples."""
