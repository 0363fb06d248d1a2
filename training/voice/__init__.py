"""The voice model: 16 kHz speech to seven vocal expressions."""
