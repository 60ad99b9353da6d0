import json
import shutil
from pathlib import Path

import jsonschema
import pytest
import yaml

from contracts.asyncapi import CHANNELS, CLOUDEVENTS, document
from contracts.generate import HERE, breaking, main, schemas, stale, write
from contracts.messages import ALL
from contracts.topics import SHARED, webhooks
from contracts.yamltext import to_yaml


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of what is committed."""
    shutil.copytree(HERE / "schemas", tmp_path / "schemas")
    shutil.copy(HERE / "asyncapi.yaml", tmp_path)
    return tmp_path


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_what_is_committed_is_current() -> None:
    assert main(["--check"]) == 0


def test_a_stale_a_missing_and_a_needless_file_are_named(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(folder / "asyncapi.yaml", "Ledgerbridge", "Something")
    (folder / "schemas/entity.put.json").unlink()
    assert main(["--check"], folder) == 1
    told = capsys.readouterr().out
    assert "make contracts" in told
    assert stale(folder) == ["asyncapi.yaml", "schemas/entity.put.json"]
    assert all(name in told for name in stale(folder))
    assert main([], folder) == 0
    assert stale(folder) == []


@pytest.mark.parametrize("arguments", [["--check"], []])
def test_an_incompatible_change_is_refused_and_nothing_written(
    arguments: list[str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is committed allows a longer id than the models do: the models got stricter."""
    edit(folder / "schemas/entity.deleted.json", '"maxLength": 100', '"maxLength": 200')
    before = (folder / "schemas/entity.deleted.json").read_text()
    assert main(arguments, folder) == 1
    assert "entity.deleted: tenant: maxLength is stricter, 200 -> 100" in capsys.readouterr().out
    assert (folder / "schemas/entity.deleted.json").read_text() == before
    assert main(["--accept-breaking"], folder) == 0
    assert main(["--check"], folder) == 0


def test_a_message_that_is_no_more_is_a_breaking_change(folder: Path) -> None:
    (folder / "schemas/entity.renamed.json").write_text("{}")
    assert breaking(folder) == ["entity.renamed: the message was removed"]
    write(folder)
    assert not (folder / "schemas/entity.renamed.json").exists()


def test_what_we_write_may_not_become_looser_and_what_we_only_read_may(folder: Path) -> None:
    for name in ("entity.put", "entity.held"):
        edit(folder / f"schemas/{name}.json", '"maxLength": 100', '"maxLength": 50')
    told = breaking(folder)
    assert told
    assert all(line.startswith("entity.held: ") for line in told)


@pytest.mark.parametrize("name", sorted(schemas()))
def test_every_schema_is_one(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(json.dumps(schemas()[name])))


def test_the_asyncapi_text_says_what_the_document_says() -> None:
    assert yaml.safe_load((HERE / "asyncapi.yaml").read_text()) == document()


def test_the_document_has_every_topic_message_and_header() -> None:
    built = document()
    addresses = {channel["address"] for channel in built["channels"].values()}
    assert addresses == {topic.name for topic in (*SHARED, webhooks("{provider}"))}
    assert set(built["components"]["messages"]) == {*ALL, "webhook.received"}
    assert set(built["components"]["schemas"]["cloudEventHeaders"]["properties"]) == set(
        CLOUDEVENTS
    )
    for operation in built["operations"].values():
        assert operation["channel"]["$ref"].removeprefix("#/channels/") in built["channels"]
    for event, message in built["components"]["messages"].items():
        if event in ALL:
            assert (HERE / message["payload"]["$ref"]).is_file()


def test_every_message_stands_on_one_channel() -> None:
    events = [event for channel in CHANNELS for event in channel.messages]
    assert sorted(events) == sorted({*ALL, "webhook.received"})


@pytest.mark.parametrize(
    "data",
    [
        {"a": "yes", "b": "No", "c": "1.0", "d": "2010-12-01", "e": "", "f": "a: b", "g": "x #y"},
        {"a": [], "b": {}, "c": None, "d": True, "e": 7, "f": "- x", "g": " x", "h": "é\n\t\"'"},
        {"a": [{"b": [1, {"c": "d"}], "e": {"f": ["g"]}}, ["h", ["i"]]], "1": "null", "n": "{a}"},
    ],
)
def test_the_yaml_text_reads_back_as_it_was(data: dict[str, object]) -> None:
    assert yaml.safe_load(to_yaml(data)) == data
