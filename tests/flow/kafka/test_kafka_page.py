"""The page about Kafka tells the truth: what it says can be configured can, and what it lists is what there is."""

import re
from pathlib import Path
from typing import get_args

from adapters.items import load_yaml
from adapters.kafka.settings import KafkaSettings
from adapters.kafka_in.config import read_ingest
from adapters.kafka_in.reading import Reason
from tests.flow.kafka.given import ROOT

PAGE = (ROOT / "docs" / "kafka.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, flags=re.DOTALL)


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


def test_the_compose_file_mounts_an_ingest_that_can_be_read_and_makes_its_topics() -> None:
    compose = load_yaml((ROOT / "docker-compose.yml").read_text(encoding="utf-8"), "docker-compose.yml")
    (mounted,) = compose["services"]["ingest"]["volumes"]
    here, there, *_ = mounted.split(":")
    assert compose["services"]["ingest"]["environment"]["CYNOSURE_KAFKA_INGEST"] == there
    made = compose["services"]["topics"]["command"][-1]
    assert [topic for topic in read_ingest(ROOT / here).topics if topic not in made] == []
