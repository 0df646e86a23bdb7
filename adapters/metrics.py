"""What Prometheus is told: where the log stands, how far each projection lags, and what is parked."""

from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from adapters.status import BuildStatus, Status

LABELS = ("projection", "version", "state")
GAUGES: tuple[tuple[str, str, Callable[[BuildStatus], float | None]], ...] = (
    ("cynosure_projection_position", "The log position that the rows stand at", lambda each: each.position),
    ("cynosure_projection_lag_events", "Events between the rows and the head", lambda each: each.lag_events),
    ("cynosure_projection_lag_seconds", "Age of the oldest event not yet folded", lambda each: each.lag_seconds),
    ("cynosure_projection_parked_keys", "Keys whose rows stand still", lambda each: each.parked),
    ("cynosure_projection_followers", "Leases that are held", lambda each: len(each.followed_by)),
)


class LogCollector(Collector):
    """Asks how everything stands each time that Prometheus asks, so that a dead follower cannot hide behind a mark."""

    def __init__(self, ask: Callable[[], Status]) -> None:
        self._ask = ask

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield one gauge for each figure."""
        status = self._ask()
        yield GaugeMetricFamily("cynosure_log_head_position", "The highest position of the log", value=status.head)
        for name, says, value_of in GAUGES:
            gauge = GaugeMetricFamily(name, says, labels=LABELS)
            for each in status.builds:
                value = value_of(each)
                if value is not None:
                    gauge.add_metric((each.projection, str(each.version), each.state), value)
            yield gauge


def serve_metrics(ask: Callable[[], Status], *, address: str, port: int) -> None:
    """Serve metrics over HTTP from a thread of its own, until the process ends."""
    served = CollectorRegistry()
    served.register(LogCollector(ask))
    start_http_server(port, address, served)
