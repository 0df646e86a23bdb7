"""The glossary lists every event and command, as they are."""

import runpy
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "scripts" / "glossary"


def test_the_glossary_is_what_the_models_say() -> None:
    written = runpy.run_path(str(SCRIPT))
    assert written["page"]() == written["PAGE"].read_text(), "run scripts/glossary"
