"""``python -m xlflow.rules > docs/rules.md`` writes the reference of the rules."""

from __future__ import annotations

import sys

from xlflow.rules.reference import reference

sys.stdout.buffer.write(reference().encode())
