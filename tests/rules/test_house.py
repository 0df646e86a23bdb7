"""The rules of the house that no linter knows, kept by reading the source tree."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from domain.events import EVENTS

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("domain", "projections", "adapters")
FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 60


def tracked(*patterns: str) -> list[Path]:
    """Return the files that git knows or would add, so that a machine's own litter is left alone."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


def sources(*folders: str) -> list[Path]:
    return tracked(*(f"{folder}/*.py" for folder in folders))


def where(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT)}:{line}"


def lines_matching(pattern: str, paths: list[Path]) -> list[str]:
    rule = re.compile(pattern)
    found = []
    for path in paths:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if rule.search(line):
                found.append(f"{where(path, number)}: {line.strip()[:100]}")
    return found


def imported_names(path: Path) -> list[tuple[str, int]]:
    names = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.append((node.module, node.lineno))
    return names


MET_ONLY_IN = {"eventsourcing": "adapters/event_log/", "kafka": "adapters/kafka/", "cloudevents": "tests/"}


def test_a_library_that_stores_or_carries_is_met_in_one_adapter() -> None:
    elsewhere = [
        f"{where(path, line)}: {name}"
        for path in sources(*PRODUCT)
        for name, line in imported_names(path)
        for library, home in MET_ONLY_IN.items()
        if name.split(".")[0] == library and not str(path.relative_to(ROOT)).startswith(home)
    ]
    assert elsewhere == []


def test_only_the_start_of_the_program_imports_the_place_that_builds() -> None:
    builders = {"adapters/main.py", "adapters/__main__.py"}
    found = [
        f"{where(path, line)}: {name}"
        for path in sources(*PRODUCT)
        for name, line in imported_names(path)
        if name == "adapters.main" and str(path.relative_to(ROOT)) not in builders
    ]
    assert found == []


def test_a_name_that_was_once_on_disk_is_never_given_up() -> None:
    released = (ROOT / "tests" / "histories" / "event_names.txt").read_text(encoding="utf-8").split()
    assert released == sorted(set(released))
    assert sorted(set(released) - set(EVENTS)) == []
    assert sorted(name for name in EVENTS if not re.fullmatch(r"[a-z]+(-[a-z]+)*", name)) == []


def test_folders_of_tests_hide_no_room() -> None:
    hiding = [str(path) for path in ROOT.glob("tests/**/") if path.name in PRODUCT]
    assert hiding == []


@pytest.mark.parametrize(
    ("room", "allowed"), [("domain", {"pydantic", "domain"}), ("projections", {"domain", "projections"})]
)
def test_a_pure_room_imports_only_what_it_may(room: str, allowed: set[str]) -> None:
    outside = [
        f"{where(path, line)}: {name}"
        for path in sources(room)
        for name, line in imported_names(path)
        if name.split(".")[0] not in allowed | sys.stdlib_module_names
    ]
    assert outside == []


def test_a_pure_room_reads_no_clock_and_makes_no_random_id() -> None:
    pattern = r"datetime\.now|time\.time\(|date\.today|utcnow|uuid[14]\(|\brandom\.|monotonic\("
    assert lines_matching(pattern, sources("domain", "projections")) == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in sources(*PRODUCT, "tests", "bench")
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert silent == []


def test_no_name_hides_what_a_thing_is() -> None:
    vague = re.compile(r"(Manager|Helper|Util|Utils|Service|Base|Data|Info)$")
    said = {"AllianceManager"}
    found = [
        f"{where(path, node.lineno)}: {node.name}"
        for path in sources(*PRODUCT)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef) and vague.search(node.name) and node.name not in said
    ]
    assert found == []


def test_files_and_functions_stay_short_enough_to_be_read() -> None:
    long = []
    for path in sources(*PRODUCT):
        text = path.read_text(encoding="utf-8")
        if text.count("\n") > FILE_LINES_MAX:
            long.append(f"{path.relative_to(ROOT)}: {text.count(chr(10))} lines")
        long += [
            f"{where(path, node.lineno)}: {node.name} has {node.end_lineno - node.lineno + 1} lines"
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.FunctionDef)
            and node.end_lineno
            and node.end_lineno - node.lineno >= FUNCTION_LINES_MAX
        ]
    assert long == []


def test_the_product_is_finished() -> None:
    assert lines_matching(r"\b(TODO|FIXME|XXX|NotImplementedError)\b|pragma: no cover", sources(*PRODUCT)) == []


def test_tests_are_never_skipped_and_use_no_mocks() -> None:
    this = Path(__file__).resolve()
    paths = [path for path in sources("tests") if path != this]
    assert (
        lines_matching(
            r"mark\.(skip|xfail)|pytest\.(skip|xfail)\(|unittest\.mock|import mock|monkeypatch\.setattr", paths
        )
        == []
    )


def test_nothing_committed_names_a_machine_or_a_registry() -> None:
    this = Path(__file__).resolve()
    texts = [path for path in tracked() if path != this and b"\0" not in path.read_bytes()[:8192]]
    machine = r"(^|[^A-Za-z0-9_.])/(work|root|home/\w+)/|/tmp/\w"
    registry = r"(pypi|pythonhosted|npmjs)\.(org|com)|repo1?\.maven|--index-url|--find-links|registry\s*="
    assert lines_matching(f"{machine}|{registry}", texts) == []
