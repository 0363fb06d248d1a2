"""The face model: 48 x 48 gray crops to seven expressions."""
