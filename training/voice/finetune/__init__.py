"""Fine-tunes a Hugging Face wav2vec2 on labelled voices: `python -m training.voice.finetune`."""
