"""EmotionMap on one machine: the emotionmap command."""
