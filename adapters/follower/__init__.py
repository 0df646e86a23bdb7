"""From the log to the rows: pages are folded in memory, and written whole with the position they reach."""

from adapters.follower.follower import Follower, Progress

__all__ = ["Follower", "Progress"]
