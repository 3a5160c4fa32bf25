"""Examples are tokenized once a process, and never taken for others."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.conftest import GetBackbone
from tests.tiny import examples, task
from xbench.encoding import formulation as module
from xbench.encoding.cloze import Cloze, TwoTowerCloze
from xbench.encoding.formulation import EncodingOptions
from xbench.errors import RequestError
from xbench.spec.task import TemplateSpec


def test_equal_requests_share_their_rows_and_others_do_not(backbone: GetBackbone) -> None:
    spec = task("marc")
    given = examples(spec)

    def encoded(kind: type[Cloze] = Cloze, name: str = "xlmr", source: str = "en", **options: object) -> object:
        chosen = EncodingOptions(**{"max_length": 60, **options})  # type: ignore[arg-type]
        return kind(spec, backbone(name).tokenizer, chosen, source).encode(given)

    first = encoded()
    assert encoded() is first
    others = [
        encoded(max_length=30),
        encoded(template="uniprompt-release"),
        encoded(source="de"),
        encoded(name="bert"),
        encoded(TwoTowerCloze),
    ]
    assert all(other is not first for other in others)
    changed = replace(given, fields={"text": (*given.fields["text"][:-1], "another")})
    formulation = Cloze(spec, backbone("xlmr").tokenizer, EncodingOptions(max_length=60), "en")
    assert formulation.encode(changed).rows[-1] != formulation.encode(given).rows[-1]


def test_a_template_in_some_languages_serves_those(backbone: GetBackbone) -> None:
    """What identifies a stage names the languages that there are; another one is refused when it is asked for."""
    spec = task("marc")
    some = TemplateSpec(author="human", verbalizer="stars", cloze={"en": "It's {mask}. {text}", "de": "{mask}. {text}"})
    spec = spec.model_copy(update={"templates": {**spec.templates, "some": some}})
    options = EncodingOptions(template="some", template_language="target")
    formulation = Cloze(spec, backbone("xlmr").tokenizer, options, "en")
    assert set(formulation.describe()["templates"]) == {"en", "de"}  # type: ignore[call-overload]
    for language in ("en", "de"):
        rows = formulation.encode(examples(spec, language)).rows
        assert formulation.batch(rows, language)["input_ids"].shape[0] == 8
    with pytest.raises(RequestError, match="template 'some' of task 'marc' has no cloze text in 'zh'"):
        formulation.encode(examples(spec, "zh"))


def test_old_rows_make_room(backbone: GetBackbone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_ENCODED", {})
    monkeypatch.setattr(module, "KEPT_ROWS", 20)
    spec = task("marc")
    formulation = Cloze(spec, backbone("xlmr").tokenizer, EncodingOptions(), "en")
    for count in (8, 9, 10, 30):
        rows = formulation.encode(examples(spec, "en", count)).rows
        assert [row.index for row in rows] == list(range(count))
        assert sum(len(kept.rows) for kept in module._ENCODED.values()) <= max(20, count)
