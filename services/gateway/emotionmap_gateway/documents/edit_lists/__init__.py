"""Pieces of a video as editors and players take them: EDL, FCPXML, OpenTimelineIO, skip list."""
