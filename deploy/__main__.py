"""Brings EmotionMap onto a cluster: `python -m deploy {apply,rollback,status,smoke,rules}`."""

from __future__ import annotations

import sys

from deploy.tool.commands import main

if __name__ == "__main__":
    sys.exit(main())
