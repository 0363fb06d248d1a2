"""Progress on a terminal and elsewhere."""

from __future__ import annotations

import io

from emotionmap_cli.progress import PlainProgress, showing


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_a_bar() -> None:
    stream = Terminal()
    with showing(stream) as progress:
        progress.starting()
        progress.uploading(1_000_000, 2_000_000)
        progress.uploading(2_000_000, 2_000_000)
        progress.analysing(0.5, segments=1)
    assert "Analysing" in stream.getvalue()
    assert "50%" in stream.getvalue()


def test_elsewhere_a_line_per_tenth_and_none_before() -> None:
    stream = io.StringIO()
    with showing(stream) as progress:
        assert isinstance(progress, PlainProgress)
        progress.starting()
        progress.uploading(1, 2)
        for percent in (0, 5, 12, 15, 21, 22, 100):
            progress.analysing(percent / 100, segments=percent)
    shown = [line.split(",")[0] for line in stream.getvalue().splitlines()]
    assert shown == ["Analysing: 12%", "Analysing: 22%", "Analysing: 100%"]
