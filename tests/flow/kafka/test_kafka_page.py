"""The page for services tells the truth: its example runs, and what it lists is what there is."""

import re
import threading
from pathlib import Path
from typing import get_args

from adapters.kafka.settings import KafkaSettings
from adapters.kafka.tables import Tables
from adapters.kafka_in.config import InboundTopic, Ingest, read_ingest
from adapters.kafka_in.reading import Reason
from adapters.kafka_out.publishing import publishing
from tests.flow.kafka.given import ROOT, a_log, formed, inbound_topic, ingested, sent, settings_for

PAGE = (ROOT / "docs" / "kafka.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, flags=re.DOTALL)


def test_the_example_in_python_is_answered(kafka_bootstrap: str, sqlite_url: str) -> None:
    settings = settings_for(kafka_bootstrap)
    topic = inbound_topic(settings)
    (example,) = blocks("python")
    example = example.replace("acme.decisions", topic).replace("cynosure.outcomes", f"{settings.topics}.outcomes")
    said: list[object] = []
    scope = {"BOOTSTRAP": kafka_bootstrap, "print": lambda *words: said.extend(words)}
    with a_log(sqlite_url) as log:
        tables = Tables(sqlite_url)
        out = publishing(log, tables, settings, mode="exactly-once")
        sent(settings, topic, formed("digital-health"))
        service = threading.Thread(target=lambda: exec(example, scope), daemon=True)  # noqa: S102  # as it stands
        service.start()
        while service.is_alive():
            ingested(log, sqlite_url, settings, Ingest(name=topic, topics={topic: InboundTopic(parties=("acme",))}))
            out.run(once=True)
            service.join(0.2)
        tables.close()
    assert said == ["accepted", 2, None]


def test_the_configurations_on_the_page_can_be_read(tmp_path: Path) -> None:
    for number, block in enumerate(blocks("yaml")):
        path = tmp_path / f"{number}.yaml"
        path.write_text(block, encoding="utf-8")
        assert read_ingest(path).topics


def test_every_reason_and_every_setting_is_on_the_page() -> None:
    missing = [reason for reason in get_args(Reason) if f"`{reason}`" not in PAGE]
    words = [name.upper() for name in KafkaSettings.model_fields if name != "bootstrap"]
    missing += [word for word in words if f"CYNOSURE_KAFKA_{word}" not in PAGE and f"..._{word}`" not in PAGE]
    assert missing == []
