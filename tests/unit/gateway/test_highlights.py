"""What the media service is asked for when someone wishes highlights."""

from __future__ import annotations

import pytest
from emotionmap.v1 import analysis_service_pb2 as pb
from emotionmap.v1 import emotion_pb2, media_service_pb2
from emotionmap_gateway.documents.highlights import (
    COLORS_RGB,
    cut_request,
    highlights_from_json,
    to_wish,
)
from emotionmap_gateway.documents.words import EMOTION_WORDS, duration_ms
from emotionmap_gateway.http.wire import HighlightsWish
from emotionmap_runtime.errors import ServiceError

from tests.unit.gateway.timelines import FEAR, HAPPY, SADNESS, UNSURE, timeline

FILM = timeline((HAPPY, 0.5), UNSURE, (SADNESS, 0.75), (HAPPY, 0.625), UNSURE)


def request(*emotions, film=FILM, **wish):
    asked = pb.CreateHighlightsRequest(selection={"emotions": emotions}, **wish)
    return cut_request("media/a", film, to_wish(asked))


def seconds(ranges):
    return [(duration_ms(r.start_offset) / 1000, duration_ms(r.end_offset) / 1000) for r in ranges]


def test_pieces_come_by_time_unless_asked_otherwise():
    assert seconds(request(HAPPY, SADNESS).ranges) == [(0, 1), (2, 4)]
    strongest_first = request(HAPPY, SADNESS, order=pb.HIGHLIGHTS_ORDER_STRENGTH)
    assert seconds(strongest_first.ranges) == [(2, 4), (0, 1)]


def test_a_limit_keeps_the_strongest():
    assert seconds(request(HAPPY, SADNESS, max_length={"seconds": 2}).ranges) == [(2, 4)]


def test_only_a_polished_cut_has_title_and_captions():
    fast = request(HAPPY)
    assert (fast.style, fast.title, len(fast.captions)) == (
        media_service_pb2.HIGHLIGHTS_STYLE_FAST,
        "",
        0,
    )
    wish = {"style": media_service_pb2.HIGHLIGHTS_STYLE_POLISHED}
    polished = request(HAPPY, SADNESS, order=pb.HIGHLIGHTS_ORDER_STRENGTH, **wish)
    assert polished.title == "A film"
    captions = [(caption.text, caption.color_rgb) for caption in polished.captions]
    assert captions == [("Happy 50%", 0xFFD23F), ("Sadness 75%", 0x4378E8), ("Happy 62%", 0xFFD23F)]
    assert seconds([c.range for c in polished.captions]) == [(0, 1), (2, 3), (3, 4)]


def test_every_emotion_has_a_colour():
    assert set(COLORS_RGB) == set(EMOTION_WORDS) == set(emotion_pb2.Emotion.values())


def test_no_match_is_an_error():
    with pytest.raises(ServiceError) as caught:
        request(FEAR)
    assert caught.value.reason == "HIGHLIGHTS_EMPTY"


def test_too_many_pieces_are_refused():
    with pytest.raises(ServiceError) as caught:
        request(HAPPY, film=timeline(*[HAPPY, SADNESS] * 10_001))
    assert caught.value.reason == "OPTIONS_INVALID"


@pytest.mark.parametrize(
    ("key", "wish"),
    [
        ("order", {"order": 9}),
        ("style", {"style": 9}),
        ("max_length", {"max_length": {"nanos": 999_999_999}}),
        ("max_length", {"max_length": {"seconds": 86_401}}),
        ("emotions", {"selection": {}}),
    ],
)
def test_bad_wishes_are_refused_naming_the_key(key, wish):
    asked = pb.CreateHighlightsRequest(**{"selection": {"emotions": [HAPPY]}, **wish})
    with pytest.raises(ServiceError) as caught:
        to_wish(asked)
    assert (caught.value.reason, caught.value.metadata) == ("OPTIONS_INVALID", {"key": key})


def test_json_and_grpc_wish_the_same():
    body = {"emotions": ["Sadness", "Happy"], "people": ["p1"], "lead_in": 0.5, "lead_out": 1}
    body |= {"shortest": 2, "order": "strength", "max_length": 30, "style": "polished"}
    from_json = highlights_from_json(HighlightsWish(**body).model_dump())
    selection = {"emotions": [HAPPY, SADNESS], "people": ["p1"], "shortest": {"seconds": 2}}
    selection |= {"lead_in": {"nanos": 500_000_000}, "lead_out": {"seconds": 1}}
    by_grpc = pb.CreateHighlightsRequest(
        selection=selection,
        order=pb.HIGHLIGHTS_ORDER_STRENGTH,
        max_length={"seconds": 30},
        style=media_service_pb2.HIGHLIGHTS_STYLE_POLISHED,
    )
    assert to_wish(from_json) == to_wish(by_grpc)


def test_a_body_of_emotions_alone_means_the_defaults():
    wish = to_wish(highlights_from_json(HighlightsWish(emotions=["Happy"]).model_dump()))
    assert wish == to_wish(pb.CreateHighlightsRequest(selection={"emotions": [HAPPY]}))
    assert wish.to_message().style == media_service_pb2.HIGHLIGHTS_STYLE_FAST
