"""Captions of highlights have the colours that the page has on dark ground."""

from __future__ import annotations

import re
from pathlib import Path

from emotionmap_gateway.documents.highlights import COLORS_RGB
from emotionmap_gateway.documents.words import EMOTION_WORDS

PAGE = Path(__file__).parents[3] / "web/src/model/emotions.ts"


def test_captions_have_the_colours_of_the_page():
    [dark] = re.findall(r"dark: \{(.*?)\}", PAGE.read_text(), re.DOTALL)
    found = {word: int(colour, 16) for word, colour in re.findall(r"(\w+): \"#(\w{6})\"", dark)}
    assert found == {EMOTION_WORDS[number]: colour for number, colour in COLORS_RGB.items()}
