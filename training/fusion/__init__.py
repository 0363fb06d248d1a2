"""Calibrates the fusion of faces and voices, and judges it. Needs no torch."""
