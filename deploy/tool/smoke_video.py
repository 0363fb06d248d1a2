"""Two seconds of grey that brightens, 64x64, without sound: the smallest video worth analysing."""

from __future__ import annotations

import base64
import zlib

_PACKED = (
    "eNp9kj1s00AUgJ+TQqPSoVVT/hpEkFqJJYVEUIHEEKA4GZBgAanAgJOz1ai+OrKvlmAoCaWFDlTqgjp2QrChItKxS+"
    "nAxMQAAxnZKuYglXdnJzk7dU9+fu/uvfvu3nsHACmDPatWHIsCxIBrlBytXskCxGeoZbkAYFJ3lkBgxP8A9H8HBfjX"
    "HUowKjzPw5Ejht8Ss7U5tJ+wOXFmvJeG58LR5xx6br5zgXGdMAd1Sjcd1t3hc8VepUVJRUMjTUk494so9+HBrphkZo"
    "lptz1uhehy5EOcW0Vtnpg6j1He08q8gUbSpQIqX3OceL4UsXVDSmNwwTbTnq0YDiuZaP90mEOkmG/YMDeiFDzpPBRR"
    "FyMjwuP0wQH+n+oOcUSza7XaPdzWh/pmeliEDHzgcgxXLiHxE7/dl9URD66kYfftG8jE+hLJ2zjduqu55ancZO7aZP"
    "Zy7jjuUWK8CiVm++X3aPxkh4nWtO85AJDgdgozLkvrvk/oG+h7Lt2er9+RZBrlli/TIV/SYWWry40voy4tEMZb/4jq"
    "QvNxQW4zPg1bq1ZNuWSZiveWJj4yiwPPEU1sFsXG/A3MP5vj+eM8Ydg6PpTYFsUojPkMQ/2oGsN19cTJ33u/XozRf3"
    "R7H2Bz/eXX7b+NzlLbbAE0ZVdLgozU1aFu+A6HvJrqIXj8puzalyCjdXV0LAhZViMhkkuGnKqrE53wRc5YfdwD8PBN"
    "2bUjMc7U1Rk5zc31d70AQW9KnkWPUPCLqgUJG5GEjUMJWNHrwTzWovNY68mj4Bf0bKgrK43Igq40wgUt+AU9H+rK67"
    "1IiOSSIVjRwR/BR7Z0NfKRSa7Wf8A8zfI="
)


def smoke_video() -> bytes:
    """Return the video, an MP4 file; made by PyAV, MPEG-4 part 2."""
    return zlib.decompress(base64.b64decode(_PACKED))
