"""Finds, tracks, qualifies and scores the faces in video frames."""
