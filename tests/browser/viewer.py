"""What a viewer does on the page, and how long a viewer waits."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

PATIENCE_MS = 120_000
"""For an analysis or a cut, on a busy machine."""
EXPECT_MS = 30_000
"""For everything else."""


def await_true(page: Page, expression: str) -> None:
    """Wait for an expression; unlike wait_for_function, without the eval that the page forbids."""
    deadline_s = time.monotonic() + PATIENCE_MS / 1000
    while not page.evaluate(expression):
        assert time.monotonic() < deadline_s, f"never true: {expression}"
        page.wait_for_timeout(20)


def time_s(page: Page) -> float:
    return page.evaluate("document.querySelector('video').currentTime")


def slider(page: Page) -> Any:
    return page.get_by_role("slider", name="Emotion timeline")


def click_timeline(page: Page, share: float) -> None:
    slider(page).scroll_into_view_if_needed()
    box = slider(page).bounding_box()
    page.mouse.click(box["x"] + share * box["width"], box["y"] + box["height"] / 2)


def choose(page: Page, emotion: str) -> None:
    page.get_by_role("button", name=f"Only {emotion}").evaluate("button => button.click()")


def notice(page: Page) -> Any:
    """What the player last said over the picture."""
    return page.locator(".skip-notice [role=status]")
