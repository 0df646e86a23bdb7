"""Reads exports with PM4Py and prints what it found as JSON; run by the Python of .cache/pm4py, never imported."""

import json
import sys
import warnings
from typing import Any

warnings.filterwarnings("ignore")

import pm4py  # noqa: E402

BEGINNINGS = ("decision-raised", "decision-reopened")
ENDINGS = ("decision-made", "status-quo-imposed", "decision-withdrawn", "decision-superseded", "decision-voided")


def durations(log: Any) -> dict[str, int]:
    """Return, for each case that begins raised, the seconds to its first ending."""
    found = {}
    for case, events in log.groupby("case:concept:name", sort=False):
        first = events.iloc[0]
        ends = events[events["concept:name"].isin(ENDINGS)]
        if first["concept:name"] == "decision-raised" and len(ends):
            found[case] = int((ends.iloc[0]["time:timestamp"] - first["time:timestamp"]).total_seconds())
    return found


def ocel(log: Any) -> dict[str, Any]:
    """Return the size of an object-centric log, its types, and what is linked to what."""
    return {
        "events": len(log.events),
        "objects": {kind: int(count) for kind, count in log.objects["ocel:type"].value_counts().items()},
        "activities": {name: int(count) for name, count in log.events["ocel:activity"].value_counts().items()},
        "linked_parties": sorted(set(log.relations[log.relations["ocel:type"] == "party"]["ocel:oid"])),
        "statuses": sorted(set(log.object_changes["status"].dropna())),
        "links": len(set(zip(log.relations["ocel:eid"], log.relations["ocel:oid"], strict=True))),
    }


xes, ocel_json, ocel_sqlite = sys.argv[1:]
log = pm4py.read_xes(xes)
found = {
    "cases": int(log["case:concept:name"].nunique()),
    "events": len(log),
    "names": {name: int(count) for name, count in log["concept:name"].value_counts().items()},
    "durations": durations(log),
    "json": ocel(pm4py.read_ocel2_json(ocel_json)),
    "sqlite": ocel(pm4py.read_ocel2_sqlite(ocel_sqlite)),
}
print("\n" + json.dumps(found))
