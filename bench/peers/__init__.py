"""A rebuild beside those of peers, on the same events, with the rows in the same kind of database."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from adapters.event_log import open_log
from adapters.follower.rebuild import rebuild
from adapters.read_store.discarding import discard
from bench.following.databases import postgres
from bench.following.turns import Turns, fill
from bench.harness import Benchmark, Variant, Work

ROOT = Path(__file__).resolve().parents[2]
PEER, PEER_SMALL = 600, 20
OURS, OURS_SMALL = 100_000, 2_000


def benchmarks(*, small: bool) -> Iterator[Benchmark]:
    with postgres() as url:
        with open_log(url) as log:
            fill(log, OURS_SMALL if small else OURS)
        yield Benchmark(
            "rebuild beside Protean, PostgreSQL",
            [
                Variant("Protean's rebuild_projection", partial(_protean, PEER_SMALL if small else PEER)),
                Variant("ours", partial(_ours, url), ratio_min=100),
            ],
            rounds=1 if small else 3,
        )


@contextmanager
def _ours(url: str) -> Iterator[Work]:
    discard(url)
    yield lambda: rebuild(url, Turns()).position


@contextmanager
def _protean(events: int) -> Iterator[Work]:
    """Give the work of a rebuild by Protean, in a process of its own that holds the events already."""
    subprocess.run([ROOT / "scripts" / "protean"], check=True)
    python, script = ROOT / ".cache" / "protean" / "bin" / "python", Path(__file__).with_name("protean_turns.py")
    words = [str(python), "-W", "ignore", str(script)]
    with (
        postgres() as url,
        subprocess.Popen([*words, url, str(events)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as peer,
    ):
        assert peer.stdin is not None
        assert peer.stdout is not None
        assert peer.stdout.readline() == "ready\n"

        def work() -> int:
            print("rebuild", file=peer.stdin, flush=True)
            return int(peer.stdout.readline())  # type: ignore[union-attr]

        yield work
        peer.stdin.close()
