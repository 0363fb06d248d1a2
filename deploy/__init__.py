"""How EmotionMap is built into images, run on a cluster and watched."""
