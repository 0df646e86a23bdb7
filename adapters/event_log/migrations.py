"""Our own tables, in numbered steps that only ever move forward. The format of a log is the number of its last step."""

from dataclasses import dataclass

from domain.errors import NewerFormat, Refused, Unreadable


@dataclass(frozen=True, slots=True)
class Migration:
    """One step: the statements for SQLite, and those for PostgreSQL, in the schema `cynosure_log`."""

    number: int
    says: str
    sqlite: tuple[str, ...]
    postgres: tuple[str, ...]


APPEND_LOCK = int.from_bytes(b"cynosure")
"""The advisory lock of the log in its database: whoever appends or migrates holds it until the commit is visible."""

# One round trip: the lock, then what stands against it, then every row. It returns the head before, or null where a
# message is known or a stream has moved: the members are then judged one by one. A member's first and last are given
# relative to the head; `versions_on` and `stream_numbers` place an event after what its stream has; `ordinals` and
# `floors` give the n-th member of a simulated clock the time n + max(last, floor), which is max(asked, last + 1) of all
# before it.
_APPEND = f"""
CREATE FUNCTION cynosure_log.append(
    stamp bigint, streams text[], expected bigint[],
    sources text[], ids text[], digests bytea[], digest_version integer, firsts bigint[], lasts bigint[],
    outcomes text[], ordinals bigint[], floors bigint[],
    member_numbers integer[], stream_numbers integer[], versions_on bigint[], names text[], schema_versions integer[],
    alliances text[], event_ids text[], facts bytea[], metas bytea[], sealeds bytea[])
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    before bigint;
    last_recorded_at bigint;
    simulated boolean;
    versions bigint[];
    size integer := coalesce(array_length(member_numbers, 1), 0);
BEGIN
    PERFORM pg_advisory_xact_lock({APPEND_LOCK});
    SELECT head, recorded_at, simulated_clock INTO before, last_recorded_at, simulated FROM cynosure_log.log;
    versions := ARRAY(
        SELECT coalesce((SELECT max(e.version) FROM cynosure_log.events e WHERE e.stream = s.stream COLLATE "C"), 0)
        FROM unnest(streams) WITH ORDINALITY AS s(stream, place) ORDER BY s.place);
    IF EXISTS (SELECT FROM unnest(versions, expected) AS v(has, should) WHERE v.has <> v.should)
    OR EXISTS (
        SELECT FROM unnest(sources, ids) AS m(source, id)
        WHERE (SELECT 1 FROM cynosure_log.messages k
            WHERE k.source = m.source COLLATE "C" AND k.id = m.id COLLATE "C") IS NOT NULL) THEN
        RETURN NULL;
    END IF;
    INSERT INTO cynosure_log.messages (source, id, digest, digest_version, first, last, outcome)
    SELECT m.source, m.id, m.digest, digest_version, before + m.first, before + m.last, m.outcome
    FROM unnest(sources, ids, digests, firsts, lasts, outcomes) AS m(source, id, digest, first, last, outcome);
    IF size = 0 THEN
        RETURN before;
    END IF;
    IF simulated THEN
        stamp := NULL;
    ELSE
        stamp := coalesce(
            stamp, greatest((extract(epoch FROM clock_timestamp()) * 1000000)::bigint, last_recorded_at + 1));
    END IF;
    INSERT INTO cynosure_log.events (position, stream, version, name, schema_version, alliance, event_id, recorded_at,
        message_source, message_id, fact, meta, sealed)
    SELECT before + d.place, streams[d.stream], versions[d.stream] + d.versions_on, d.name, d.schema_version,
        d.alliance, d.event_id, coalesce(stamp, ordinals[d.member] + greatest(last_recorded_at, floors[d.member])),
        sources[d.member], ids[d.member], d.fact, d.meta, d.sealed
    FROM unnest(member_numbers, stream_numbers, versions_on, names, schema_versions, alliances, event_ids, facts, metas,
        sealeds) WITH ORDINALITY AS d(member, stream, versions_on, name, schema_version, alliance, event_id, fact, meta,
        sealed, place);
    UPDATE cynosure_log.log SET head = before + size, recorded_at = coalesce(
        stamp, ordinals[member_numbers[size]] + greatest(last_recorded_at, floors[member_numbers[size]]));
    NOTIFY cynosure_log;
    RETURN before;
END $$"""

# Positions come from the row in `log`, not from a sequence: dense, explicit, and not used again after a rollback or
# a VACUUM. `messages` has no row number of its own on SQLite, for a message is only ever looked up by its key.
_FIRST = Migration(
    number=1,
    says="the log, its events and the messages that brought them",
    sqlite=(
        """CREATE TABLE log (
            one INTEGER PRIMARY KEY CHECK (one = 1), id TEXT NOT NULL, incarnation INTEGER NOT NULL,
            simulated_clock INTEGER NOT NULL, head INTEGER NOT NULL, recorded_at INTEGER NOT NULL) STRICT""",
        """CREATE TABLE events (
            position INTEGER PRIMARY KEY, stream TEXT NOT NULL, version INTEGER NOT NULL, name TEXT NOT NULL,
            schema_version INTEGER NOT NULL, alliance TEXT NOT NULL, event_id TEXT NOT NULL,
            recorded_at INTEGER NOT NULL, message_source TEXT NOT NULL, message_id TEXT NOT NULL,
            fact BLOB NOT NULL, meta BLOB NOT NULL, sealed BLOB) STRICT""",
        "CREATE UNIQUE INDEX events_by_stream ON events (stream, version)",
        "CREATE INDEX events_by_alliance ON events (alliance, position)",
        """CREATE TABLE messages (
            source TEXT NOT NULL, id TEXT NOT NULL, digest BLOB NOT NULL, digest_version INTEGER NOT NULL,
            first INTEGER NOT NULL, last INTEGER NOT NULL, outcome TEXT,
            PRIMARY KEY (source, id)) STRICT, WITHOUT ROWID""",
    ),
    postgres=(
        """CREATE TABLE cynosure_log.log (
            one integer PRIMARY KEY CHECK (one = 1), id text NOT NULL, incarnation integer NOT NULL,
            simulated_clock boolean NOT NULL, head bigint NOT NULL, recorded_at bigint NOT NULL)
            WITH (fillfactor = 10, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0)""",
        """CREATE TABLE cynosure_log.events (
            position bigint PRIMARY KEY, stream text COLLATE "C" NOT NULL, version bigint NOT NULL,
            name text COLLATE "C" NOT NULL, schema_version integer NOT NULL, alliance text COLLATE "C" NOT NULL,
            event_id text COLLATE "C" NOT NULL, recorded_at bigint NOT NULL,
            message_source text COLLATE "C" NOT NULL, message_id text COLLATE "C" NOT NULL,
            fact bytea NOT NULL, meta bytea NOT NULL, sealed bytea)""",
        "CREATE UNIQUE INDEX events_by_stream ON cynosure_log.events (stream, version)",
        "CREATE INDEX events_by_alliance ON cynosure_log.events (alliance, position)",
        """CREATE TABLE cynosure_log.messages (
            source text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL, digest bytea NOT NULL,
            digest_version integer NOT NULL, first bigint NOT NULL, last bigint NOT NULL, outcome text,
            PRIMARY KEY (source, id))""",
        _APPEND,
    ),
)

# What Kafka needs is kept beside the events, because it commits with them.
_KAFKA = Migration(
    number=2,
    says="how far Kafka has been published to and read from, what messages were answered, and what was parked",
    sqlite=(
        """CREATE TABLE kafka_relays (
            feed TEXT PRIMARY KEY, epoch INTEGER NOT NULL, position INTEGER NOT NULL, incarnation INTEGER NOT NULL,
            holder TEXT NOT NULL, lease_until INTEGER NOT NULL) STRICT""",
        """CREATE TABLE kafka_offsets (
            ingest TEXT NOT NULL, cluster TEXT NOT NULL, topic_id TEXT NOT NULL, partition INTEGER NOT NULL,
            topic TEXT NOT NULL, next_offset INTEGER NOT NULL, owner_epoch INTEGER NOT NULL,
            PRIMARY KEY (ingest, cluster, topic_id, partition)) STRICT""",
        """CREATE TABLE kafka_answers (
            number INTEGER PRIMARY KEY, source TEXT NOT NULL, message_source TEXT NOT NULL, message_id TEXT,
            topic TEXT NOT NULL, partition INTEGER NOT NULL, record_offset INTEGER NOT NULL, alliance TEXT,
            body TEXT) STRICT""",
        """CREATE TABLE kafka_parked (
            number INTEGER PRIMARY KEY, ingest TEXT NOT NULL, reason TEXT NOT NULL, says TEXT NOT NULL,
            stream TEXT NOT NULL, message_source TEXT, message_id TEXT, topic TEXT NOT NULL,
            partition INTEGER NOT NULL, record_offset INTEGER NOT NULL, recorded_ms INTEGER NOT NULL, key BLOB,
            value BLOB, headers TEXT NOT NULL, parked_at INTEGER NOT NULL, attempts INTEGER NOT NULL,
            state TEXT NOT NULL, ended_by TEXT, ended_why TEXT) STRICT""",
        "CREATE INDEX kafka_parked_by_stream ON kafka_parked (state, stream, number)",
    ),
    postgres=(
        """CREATE TABLE cynosure_log.kafka_relays (
            feed text PRIMARY KEY, epoch bigint NOT NULL, position bigint NOT NULL, incarnation integer NOT NULL,
            holder text NOT NULL, lease_until bigint NOT NULL)""",
        """CREATE TABLE cynosure_log.kafka_offsets (
            ingest text NOT NULL, cluster text NOT NULL, topic_id text NOT NULL, partition integer NOT NULL,
            topic text NOT NULL, next_offset bigint NOT NULL, owner_epoch bigint NOT NULL,
            PRIMARY KEY (ingest, cluster, topic_id, partition)) WITH (fillfactor = 50)""",
        """CREATE TABLE cynosure_log.kafka_answers (
            number bigint PRIMARY KEY, source text NOT NULL, message_source text NOT NULL, message_id text,
            topic text NOT NULL, partition integer NOT NULL, record_offset bigint NOT NULL, alliance text,
            body text)""",
        """CREATE TABLE cynosure_log.kafka_parked (
            number bigint PRIMARY KEY, ingest text NOT NULL, reason text NOT NULL, says text NOT NULL,
            stream text COLLATE "C" NOT NULL, message_source text, message_id text, topic text NOT NULL,
            partition integer NOT NULL, record_offset bigint NOT NULL, recorded_ms bigint NOT NULL, key bytea,
            value bytea, headers text NOT NULL, parked_at bigint NOT NULL, attempts integer NOT NULL,
            state text NOT NULL, ended_by text, ended_why text)""",
        "CREATE INDEX kafka_parked_by_stream ON cynosure_log.kafka_parked (state, stream, number)",
    ),
)

MIGRATIONS = (_FIRST, _KAFKA)
FORMAT = MIGRATIONS[-1].number


def pending(applied: int, where: str) -> tuple[Migration, ...]:
    """Return the steps that a log of format *applied* still needs. Raise NewerFormat where it is ahead of the code."""
    if applied > FORMAT:
        raise NewerFormat(
            f"{where} has format {applied}, this cynosure knows formats up to {FORMAT}: use the cynosure that made it"
        )
    return MIGRATIONS[applied:]


def refuse_pending(applied: int, where: str) -> None:
    """Raise Unreadable where the tables are missing or behind, NewerFormat where they are ahead."""
    if not applied:
        raise Unreadable(f"there is no log in {where}: run `cynosure init` to make one")
    if pending(applied, where):
        raise Unreadable(f"{where} has format {applied}, this cynosure needs {FORMAT}: run `cynosure migrate`")


def not_empty(where: str) -> Refused:
    """Return the refusal to fill a log that holds something."""
    return Refused(f"{where} holds a log that is not empty: restore into a new one", rule="a restore never overwrites")
