"""Names of the kinds of jobs."""

from __future__ import annotations

from typing import Final

ANALYSIS_JOBS: Final = "analyses"
"""Those that work on analyses."""
EARLY_JOBS: Final = "early-analyses"
"""Those that begin while the upload still runs: they wait, and must not hold up others."""
EXPORT_JOBS: Final = "exports"
"""Those that work on exports."""
