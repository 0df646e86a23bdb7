"""Whatever is done to the rows, in whatever order: they are those of their position, and what serves is what agreed."""

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from adapters.event_log import open_log
from adapters.follower.anew import fold_anew
from adapters.follower.rebuild import rebuild
from adapters.follower.sight import Lens
from adapters.read_store.canonical import RowText, key_text
from adapters.read_store.port import Build
from adapters.reading import Reading, known_at_position
from domain.errors import Halted
from projections.projection import Projection
from tests.flow.lives import Chronicle, Rows, chronicle
from tests.flow.tallies import LaterTallies, Tallies, Tally

VERSIONS: dict[int, Projection] = {1: Tallies(), 2: LaterTallies()}


class AgreedTallies(LaterTallies):
    """The next version, which says what it changes."""

    CHANGED = frozenset({"bodies"})


class Following(RuleBasedStateMachine):
    """A log that grows, followers that crash, zombies, rebuilds, switches, rollbacks and restored backups."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="cynosure-following-"))
        self.url = f"sqlite:///{self.folder}/log.db"
        self.life: Chronicle = chronicle(self.url)
        self.rows = Rows(self.life.log, self.url, page_events=3)
        self.rows.follower.claim()
        self.zombies: list[Rows] = []
        self.known: dict[int, object] = {}

    def teardown(self) -> None:
        for each in (self.rows, *self.zombies):
            each.store.close()
        self.life.log.close()
        shutil.rmtree(self.folder)

    @rule(
        what=st.sampled_from(("raised", "escalated", "made", "withdrawn", "poison")),
        decision=st.sampled_from(("D1", "D2")),
        alliance=st.sampled_from(("a", "b")),
    )
    def tell(self, what: str, decision: str, alliance: str) -> None:
        self.life.tell(what, decision, alliance=alliance)

    @precondition(lambda self: self.life.ids)
    @rule(of=st.integers(0, 50), what=st.sampled_from((None, "escalated", "withdrawn")))
    def correct(self, of: int, what: str | None) -> None:
        position = of % len(self.life.ids) + 1
        if what is None:
            self.life.retract(position)
        else:
            self.life.replace(position, what)

    @rule()
    def follow_a_page(self) -> None:
        self.rows.follower.claim()
        self.rows.follower.step()

    @rule()
    def follow(self) -> None:
        self.rows.follower.claim()
        self.rows.follower.catch_up()

    @rule()
    def crash(self) -> None:
        """The process is gone, with its lease; another one starts."""
        self.rows.store.close()
        self._anew()

    @rule()
    def pause(self) -> None:
        """The process hangs until its lease has run out; another one starts, and the first wakes up some time."""
        self.zombies.append(self.rows)
        self._anew()

    @precondition(lambda self: self.zombies)
    @rule()
    def wake(self) -> None:
        """What hung goes on where it was, as if nothing had happened; it writes nothing to what another has claimed."""
        zombie = self.zombies.pop()
        unclaimed = {
            each.claim.build for each in zombie.follower.followed.values() if zombie.follower._still_mine(each)
        }
        before = self._contents(unclaimed)
        try:
            while zombie.follower.step():
                pass
        except Halted:
            pass
        assert self._contents(unclaimed) == before
        zombie.store.close()

    @rule(version=st.sampled_from((1, 2)))
    def rebuild(self, version: int) -> None:
        """A build of either version grows to where the old one stands, and serves from then on if it agrees."""
        self.rows.follower.release()
        old = self.rows.store.serving("tallies")
        assert old is not None
        rebuilt = rebuild(self.url, AgreedTallies() if version == 2 else Tallies(), strict=False)
        serving = self.rows.store.serving("tallies")
        assert rebuilt.position == self.rows.store.position(old)
        assert rebuilt.switched == (serving == rebuilt.new)
        assert rebuilt.switched or (version == 1 and old.version == 2), (
            "only a version that changes rows unsaid differs"
        )

    @precondition(lambda self: self.rows.store.previous("tallies") is not None)
    @rule()
    def rollback(self) -> None:
        previous = self.rows.store.previous("tallies")
        assert self.rows.store.rollback("tallies") == previous

    @rule()
    def ask(self) -> None:
        """An answer for what is known now is the same whenever it is asked again."""
        head = self.life.log.head()
        reading = Reading(self.life.log, self.rows.store)
        answer = reading.answer(Tallies(), dict, known_at=known_at_position(self.life.log, head))
        self.known[head] = answer.data

    @invariant()
    def rows_are_those_of_their_position(self) -> None:
        for build in self.rows.store.builds("tallies"):
            fold = fold_anew(
                self.life.log,
                Lens(VERSIONS[build.version], self.life.log.codec),
                alliance=None,
                upto=self.rows.store.position(build),
            )
            text = RowText(Tally).text
            expected = {key_text(key): text(row) for key, row in fold.rows.items() if row is not None}
            assert self._rows(build) == expected
            assert set(self.rows.store.parked(build)) == set(fold.parked)

    @invariant()
    def what_was_known_stays_known(self) -> None:
        reading = Reading(self.life.log, self.rows.store)
        for position, answer in self.known.items():
            known = known_at_position(self.life.log, position)
            assert reading.answer(Tallies(), dict, known_at=known).data == answer

    def _anew(self) -> None:
        self.rows = Rows(self.life.log, self.url, page_events=3)
        self.rows.store._database.execute("UPDATE positions SET lease_until = 0")
        self.rows.follower.claim()

    def _rows(self, build: Build) -> dict[str, str]:
        with self.rows.store.snapshot():
            return {key_text(key): row for key, row in self.rows.store.rows(build)}

    def _contents(self, but: set[Build]) -> list[tuple[Build, int, dict[str, str]]]:
        store = self.rows.store
        builds = [each for each in store.builds("tallies") if each not in but]
        return [(each, store.position(each), self._rows(each)) for each in builds]


Following.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestFollowing = Following.TestCase


def test_rows_that_followed_a_log_beyond_a_restored_backup_stop_with_an_alarm(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/log.db"
    life = chronicle(url)
    for _ in range(3):
        life.tell("raised")
    life.log.close()
    shutil.copy(tmp_path / "log.db", tmp_path / "backup.db")
    with open_log(url) as log:
        life = Chronicle(log, life.ids)
        life.tell("raised", "D2")
        with Rows(log, url) as followed:
            followed.follow()
    for left in tmp_path.glob("log.db*"):
        left.unlink()
    shutil.copy(tmp_path / "backup.db", tmp_path / "log.db")
    with open_log(url) as log, Rows(log, url) as followed, pytest.raises(Halted, match="was a backup restored"):
        followed.follower.step()
