"""The bench's clip holds what it says, in proportion, however long it is."""

from __future__ import annotations

import av
import pytest

from tests.bench import clip


@pytest.mark.parametrize("seconds", [3.0, 5.0, 20.0, 60.0])
def test_scenes_keep_their_shares(seconds: float) -> None:
    scenes = clip.scenes_of(seconds)
    assert sum(scene.seconds for scene in scenes) == pytest.approx(seconds)
    faces = sum(scene.seconds for scene in scenes if scene.face)
    assert faces == pytest.approx(seconds * clip.FACE_SHARE)


@pytest.mark.parametrize("seconds", [3.0, 7.0])
def test_every_picture_is_in_a_scene(seconds: float) -> None:
    numbers = [index for index, _, _ in clip.per_frame(clip.scenes_of(seconds))]
    assert numbers == list(range(round(seconds * clip.FPS)))


def test_a_clip_is_720p30_h264_with_aac(tmp_path) -> None:
    path = clip.write_clip(tmp_path / "clip.mp4", 1.0)
    with av.open(str(path)) as media:
        video, sound = media.streams.video[0], media.streams.audio[0]
        assert (video.codec_context.name, video.width, video.height) == ("h264", 1280, 720)
        assert (video.average_rate, sound.codec_context.name) == (clip.FPS, "aac")
        assert media.duration / av.time_base == pytest.approx(1.0, abs=0.1)
    assert [p.name for p in tmp_path.iterdir()] == ["clip.mp4"]


def test_a_clip_that_is_not_finished_leaves_nothing(tmp_path) -> None:
    def begin() -> None:
        with clip.writing(tmp_path / "clip.mp4") as out:
            out.add_stream("libx264", rate=30)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        begin()
    assert not list(tmp_path.iterdir())
