"""Check us: rebuilt rows equal those that followed live, positions increase, and what to type next."""

from contextlib import closing
from pathlib import Path
from typing import Any

from rich.console import Console

from adapters.event_log import Log
from adapters.follower import Follower
from adapters.read_models import read_models
from adapters.read_store.opening import open_rows
from domain.errors import Halted

PAGE_EVENTS_MAX = 1_000


def digests(url: str, log: Log) -> dict[str, str]:
    """Return the digest of every read model after following to the head."""
    with closing(open_rows(url, log.identity())) as store:
        follower = Follower(log, store, list(read_models().values()))
        follower.claim()
        follower.catch_up()
        found = {name: store.digest(each.claim.build) for name, each in follower.followed.items()}
        follower.release()
        return found


def show(out: Console, url: str, log: Log, live: dict[str, str]) -> dict[str, Any]:
    """Throw the rows away, fold them again from the log, and compare. Raise Halted where they differ."""
    out.rule("[bold]3. Check us[/bold]", align="left")
    for path in Path(url.removeprefix("sqlite:///")).parent.glob("*.rows.db*"):
        path.unlink()
    again = digests(url, log)
    positions, start = 0, 0
    while page := log.pages(start, PAGE_EVENTS_MAX):
        if [row.position for row in page] != list(range(start + 1, start + 1 + len(page))):
            raise Halted(f"positions after {start} are not dense")
        positions, start = positions + len(page), page[-1].position
    if again != live:
        differ = ", ".join(name for name, digest in again.items() if live.get(name) != digest)
        raise Halted(f"rows differ after a rebuild: {differ}")
    out.print(f"{len(again)} read models rebuilt from zero: equal to the live ones, byte for byte")
    out.print(f"{positions:,} events, positions 1 to {start:,} without a hole")
    return {"rebuilt_equal": sorted(again), "events": positions, "digests": again}
