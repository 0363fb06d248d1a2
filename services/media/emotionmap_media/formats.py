"""Which containers and codecs are opened at all.

Everything people have, nothing that refers to other files, renders text or only exists in games:
most vulnerabilities of FFmpeg are in readers that no video of a person needs.
"""

from __future__ import annotations

MP4 = "mov"
"""The MP4 family as FFmpeg's allow-list names it; only for files whose boxes were found sound."""

_CONTAINERS = """
    3g2 aac ac3 aiff amr ape apng asf asf_o au av1 avi caf dirac dts dv eac3 f4v flac flv gif gxf
    h261 h263 h264 hevc ivf kux live_flv m4v matroska mjpeg mp3 mpc mpc8 mpeg mpegts mpegvideo mxf
    nsv nut obu ogg rm tak truehd tta vc1 vc1test vvc w64 wav webm webp_anim wtv wv yuv4mpegpipe
"""
CONTAINERS = tuple(_CONTAINERS.split())

SEEKABLE = frozenset(("mov", "matroska", "avi", "mpeg", "mpegts", "flv", "asf", "wav", "nut"))
"""Containers that lead exactly to a time; others are read from their beginning."""

GUESSED_CLOCKS = frozenset(("mpeg", "mpegts"))
"""Containers that need not time every picture: behind a seek, FFmpeg guesses the first times."""

_VIDEO_CODECS = """
    apng av1 cavs cfhd cinepak cljr dirac dnxhd dvvideo ffv1 ffvhuff flv gif h261 h263 h263i h263p
    h264 hap hevc huffyuv indeo2 indeo3 indeo4 indeo5 libdav1d libaom-av1 libvpx libvpx-vp9 mjpeg
    mjpegb mpeg1video mpeg2video mpeg4 msmpeg4 msmpeg4v1 msmpeg4v2 png prores qtrle rawvideo rpza
    rv10 rv20 rv30 rv40 snow svq1 svq3 theora utvideo v210 v410 vc1 vp3 vp4 vp5 vp6 vp6a vp6f vp7
    vp8 vp9 vvc webp webp_anim wmv1 wmv2 wmv3 yuv4
"""
VIDEO_CODECS = frozenset(_VIDEO_CODECS.split())

_AUDIO_CODECS = """
    aac aac_fixed aac_latm ac3 ac3_fixed alac amrnb amrwb ape atrac1 atrac3 atrac3p cook dca
    dvaudio eac3 flac g722 g723_1 g729 gsm gsm_ms ilbc libgsm libgsm_ms libopencore_amrnb
    libopencore_amrwb libopus libspeex libvorbis mace3 mace6 mlp mp1 mp1float mp2 mp2float mp3
    mp3adu mp3adufloat mp3float mp3on4 mp3on4float mpc7 mpc8 nellymoser opus qcelp qdm2 qdmc ra_144
    ra_288 ralf s302m sipr sonic speex tak truehd tta vorbis wavpack wmalossless wmapro wmav1 wmav2
    wmavoice
"""
AUDIO_CODECS = frozenset(_AUDIO_CODECS.split())
AUDIO_CODEC_FAMILIES = ("pcm_", "adpcm_")


def is_video_codec(name: str) -> bool:
    """Whether a decoder may read pictures."""
    return name in VIDEO_CODECS


def is_audio_codec(name: str) -> bool:
    """Whether a decoder may read sound."""
    return name in AUDIO_CODECS or name.startswith(AUDIO_CODEC_FAMILIES)
