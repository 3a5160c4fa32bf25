"""Cloze templates as tokens: those of running text, whatever the data holds, whatever the budget."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Punctuation
from transformers import PreTrainedTokenizer, PreTrainedTokenizerBase, PreTrainedTokenizerFast

from tests.conftest import GetBackbone
from tests.tiny import batch_of, examples, of_texts, task
from xbench.data.examples import Examples
from xbench.encoding.cloze import Cloze, SoftCloze, TwoTowerCloze
from xbench.encoding.formulation import EncodingOptions
from xbench.encoding.soft_slots import place_soft_slot
from xbench.encoding.tokens import fill, shorten
from xbench.errors import BackboneError, RequestError
from xbench.spec.task import TaskSpec
from xbench.spec.template import FieldSegment, MaskSegment, SoftSegment, Template, TextSegment, parse_template

KINDS = ("xlmr", "unigram", "bert")
SPECIAL_LOOKING = (
    "<mask>",
    "</s>",
    "<s>",
    "<pad>",
    "<unk>",
    "[MASK]",
    "[SEP]",
    "[PAD]",
    "＜/s＞",
    "a</s>b <mask>",
    "<<mask>",
)


def written(template: Template, given: Examples, row: int, mask: str) -> str:
    """The filled template as text with the mask token in it."""
    parts = []
    for segment in template.segments:
        if isinstance(segment, FieldSegment):
            parts.append(given.fields[segment.name][row])
        else:
            parts.append(mask if isinstance(segment, MaskSegment) else segment.text)  # type: ignore[union-attr]
    return "".join(parts)


def cloze(tokenizer: PreTrainedTokenizerBase, name: str = "marc", **options: object) -> Cloze:
    return Cloze(task(name), tokenizer, EncodingOptions(**options), "en")  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("name", "language"), [("marc", "en"), ("marc", "zh"), ("xnli", "en"), ("xnli", "de")])
@pytest.mark.parametrize("template_language", ["source", "target"])
def test_tokens_are_those_of_the_text_with_the_mask(
    backbone: GetBackbone, kind: str, name: str, language: str, template_language: str
) -> None:
    tokenizer = backbone(kind).tokenizer
    formulation = cloze(tokenizer, name, template_language=template_language)
    given = examples(task(name), language)
    template = formulation.template(language)
    for row in formulation.encode(given).rows:
        text = written(template, given, row.index, tokenizer.mask_token)
        assert row.values["input_ids"] == tokenizer(text)["input_ids"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_shipped_cloze_template_gives_one_mask_where_it_says(backbone: GetBackbone, kind: str) -> None:
    tokenizer = backbone(kind).tokenizer
    for name in ("marc", "marc-binary", "xnli"):
        spec = task(name)
        for template, text in spec.templates.items():
            if text.cloze is None:
                continue
            for language in spec.template_languages("cloze", template):
                given = of_texts(spec, *(["good"] for _ in spec.fields), language=language)
                (sequence,) = fill(spec.template("cloze", template, language), given, tokenizer)
                found = [place for place, id in enumerate(sequence.ids) if id == tokenizer.mask_token_id]
                assert found == [sequence.mask], (name, template, language)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", SPECIAL_LOOKING)
def test_text_from_data_never_becomes_a_special_token(backbone: GetBackbone, kind: str, text: str) -> None:
    tokenizer = backbone(kind).tokenizer
    given = of_texts(task("xnli"), [text, f"good {text} bad", f"{text}{text}"], ["good", text, f"{text}."])
    known = set(tokenizer.all_special_ids) - {tokenizer.unk_token_id}
    for row in cloze(tokenizer, "xnli").encode(given).rows:
        ids = list(row.values["input_ids"])  # type: ignore[arg-type]
        inner = [id for place, id in enumerate(ids[1:-1], 1) if place != row.values["mask_position"]]
        assert not known & set(inner)
        assert ids[row.values["mask_position"]] == tokenizer.mask_token_id  # type: ignore[index]


@pytest.mark.parametrize("kind", ["xlmr", "unigram"])
def test_special_looking_text_keeps_its_letters(backbone: GetBackbone, kind: str) -> None:
    tokenizer = backbone(kind).tokenizer
    given = of_texts(task("marc"), ["good </s> bad <mask> <unk>"])
    (row,) = cloze(tokenizer).encode(given).rows
    shown = tokenizer.decode(row.values["input_ids"], skip_special_tokens=True).replace(" ", "")
    assert shown.endswith("good</s>bad<mask><unk>")


PARTS = ["good ", "bad", " ", "x", "这", "很好", "<mask>", "</s>", ".", "\n"]
WORDS = st.lists(st.sampled_from(PARTS), max_size=12).map("".join)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kind=st.sampled_from(KINDS), premise=WORDS, hypothesis=WORDS, room=st.integers(1, 60))
def test_only_fields_are_shortened(backbone: GetBackbone, kind: str, premise: str, hypothesis: str, room: int) -> None:
    tokenizer = backbone(kind).tokenizer
    spec = task("xnli")
    given = of_texts(spec, [premise], [hypothesis])
    (whole,) = fill(cloze(tokenizer, "xnli").template("en"), given, tokenizer)
    fixed = [id for id, owner in zip(whole.ids, whole.owners, strict=True) if owner < 0]
    fields = [[id for id, owner in zip(whole.ids, whole.owners, strict=True) if owner == number] for number in (0, 1)]
    limit = len(fixed) + 2 + room
    encoded = cloze(tokenizer, "xnli", max_length=limit).encode(given)
    (row,) = encoded.rows
    ids = list(row.values["input_ids"])  # type: ignore[arg-type]

    assert len(ids) == min(limit, len(whole.ids) + 2)
    assert ids.count(tokenizer.mask_token_id) == 1 and ids[row.values["mask_position"]] == tokenizer.mask_token_id  # type: ignore[index]
    assert encoded.report.shortened == (len(whole.ids) + 2 > limit)
    # What is left is the template, whole, and the beginning of each field; the longer field gives first.
    kept = _fair([len(field) for field in fields], room)
    left = {0: kept[0], 1: kept[1]}
    expected = [int(tokenizer.cls_token_id)]
    for id, owner in zip(whole.ids, whole.owners, strict=True):
        if owner < 0 or left[owner] > 0:
            expected.append(id)
            if owner >= 0:
                left[owner] -= 1
    assert ids == [*expected, tokenizer.sep_token_id]


def _fair(lengths: list[int], room: int) -> list[int]:
    """Takes one token after another from whichever field is longer (of equal ones the second)."""
    kept = list(lengths)
    while sum(kept) > room:
        kept[1 if kept[1] >= kept[0] else 0] -= 1
    return kept


@pytest.mark.parametrize("kind", KINDS)
def test_every_limit_down_to_the_smallest_works_and_one_less_is_refused(backbone: GetBackbone, kind: str) -> None:
    tokenizer = backbone(kind).tokenizer
    given = examples(task("marc"))
    template = cloze(tokenizer).template("en")
    (empty,) = fill(template, of_texts(task("marc"), ["good"]), tokenizer)
    smallest = sum(owner < 0 for owner in empty.owners) + 2 + 1  # one token of the field
    for limit in range(smallest, smallest + 25):
        for row in cloze(tokenizer, max_length=limit).encode(given).rows:
            ids = list(row.values["input_ids"])  # type: ignore[arg-type]
            assert len(ids) <= limit
            assert ids.count(tokenizer.mask_token_id) == 1
            assert ids[0] == tokenizer.cls_token_id and ids[-1] == tokenizer.sep_token_id
    with pytest.raises(RequestError, match="task 'marc', template 'uniprompt', language 'en': the template alone has"):
        cloze(tokenizer, max_length=smallest - 1).encode(given)


def test_empty_and_shortened_fields_are_counted(backbone: GetBackbone) -> None:
    tokenizer = backbone("xlmr").tokenizer
    given = of_texts(task("xnli"), ["good", "", "good " * 50], ["bad", "bad", "bad"])
    report = cloze(tokenizer, "xnli", max_length=40).encode(given).report
    assert (report.empty_fields, report.shortened) == (1, 1)


def test_a_field_that_the_template_leaves_out_is_no_empty_field(backbone: GetBackbone) -> None:
    given = of_texts(task("xnli"), ["good", ""], ["bad", "bad"])
    sequences = fill(parse_template("{premise} {mask}"), given, backbone("xlmr").tokenizer)
    assert shorten(sequences, room=40, fields=2, what="here").empty_fields == 1


def test_a_model_without_a_mask_token_is_refused(backbone: GetBackbone) -> None:
    with pytest.raises(BackboneError, match="has no mask token"):
        cloze(backbone("mt5").tokenizer).encode(examples(task("marc")))


class SlowTokenizer(PreTrainedTokenizer):
    """A tokenizer in Python, of letters."""

    vocab_size = 2

    def get_vocab(self) -> dict[str, int]:
        return {"[UNK]": 0, "[MASK]": 1}

    def _tokenize(self, text: str, **kwargs: object) -> list[str]:
        return list(text)

    def _convert_token_to_id(self, token: str) -> int:
        return self.get_vocab().get(token, 0)


def test_tokenizers_that_cannot_serve_are_refused() -> None:
    """One without offsets, and one whose mask token is no token of its own."""
    with pytest.raises(BackboneError, match="gives no offsets; save it once as a fast tokenizer"):
        cloze(SlowTokenizer(unk_token="[UNK]", mask_token="[MASK]")).encode(examples(task("marc")))
    plain = Tokenizer(WordLevel({"[UNK]": 0, "[": 1, "MASK": 2, "]": 3}, unk_token="[UNK]"))
    plain.pre_tokenizer = Punctuation()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=plain, unk_token="[UNK]")
    tokenizer._special_tokens_map["mask_token"] = "[MASK]"
    with pytest.raises(BackboneError, match=r"does not keep its mask token \[MASK\] whole"):
        cloze(tokenizer).encode(examples(task("marc")))


# --- soft slots ---


def soft(tokenizer: PreTrainedTokenizerBase, spec: TaskSpec, **options: object) -> SoftCloze:
    return SoftCloze(spec, tokenizer, EncodingOptions(**options), "en")  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("length", [1, 4, 7])
def test_soft_slots_stand_where_the_position_says(backbone: GetBackbone, kind: str, length: int) -> None:
    """MPT, equation 9: X = Prefix X_P . Midfix X_H ? Suffix ___ Endfix."""
    tokenizer = backbone(kind).tokenizer
    given = of_texts(task("xnli"), ["good"], ["bad"])
    pieces = {"good": tokenizer("good", add_special_tokens=False)["input_ids"]}
    for position in ("prefix", "midfix", "suffix", "endfix"):
        formulation = soft(tokenizer, task("xnli"), soft_length=length, soft_position=position)
        (row,) = formulation.encode(given).rows
        ids, index = list(row.values["input_ids"]), list(row.values["soft_index"])  # type: ignore[arg-type]
        places = [place for place, vector in enumerate(index) if vector >= 0]
        assert [index[place] for place in places] == list(range(length))
        first, last, mask = places[0], places[-1], row.values["mask_position"]
        assert places == list(range(first, last + 1))
        assert ids.count(tokenizer.mask_token_id) == 1 and ids[mask] == tokenizer.mask_token_id  # type: ignore[index]
        if position == "prefix":
            assert first == 1
        if position == "midfix":
            assert ids[1 : 1 + len(pieces["good"])] == pieces["good"] and first == 2 + len(pieces["good"]) + (
                tokenizer.convert_ids_to_tokens(ids[1 + len(pieces["good"])]) == "▁"
            )
        if position == "suffix":
            assert last == mask - 1  # type: ignore[operator]
        if position == "endfix":
            assert last == len(ids) - 2


@pytest.mark.parametrize("kind", KINDS)
def test_soft_tokens_leave_the_other_tokens_as_they_are(backbone: GetBackbone, kind: str) -> None:
    tokenizer = backbone(kind).tokenizer
    spec = task("xnli")
    given = examples(spec)
    formulation = soft(tokenizer, spec, soft_length=3)
    for row in formulation.encode(given).rows:
        mask = tokenizer.mask_token
        text = f"{given.fields['premise'][row.index]} . {given.fields['hypothesis'][row.index]} ? {mask * 3} {mask} ."
        marked = [
            tokenizer.mask_token_id if vector >= 0 else id
            for id, vector in zip(row.values["input_ids"], row.values["soft_index"], strict=True)  # type: ignore[arg-type]
        ]
        assert marked == tokenizer(text)["input_ids"]


def test_soft_tokens_survive_every_limit(backbone: GetBackbone) -> None:
    tokenizer = backbone("xlmr").tokenizer
    spec = task("marc")
    for limit in range(14, 40):
        for row in soft(tokenizer, spec, soft_length=6, max_length=limit).encode(examples(spec)).rows:
            assert [n for n in row.values["soft_index"] if n >= 0] == list(range(6))  # type: ignore[union-attr]
            assert list(row.values["input_ids"]).count(tokenizer.mask_token_id) == 1  # type: ignore[arg-type]


def test_several_slots_share_the_length_and_number_on() -> None:
    template = parse_template("{soft:1} {text} {soft:1} {mask} {soft:1}")
    resized = place_soft_slot(template, None, 8)
    assert [s.length for s in resized.segments if isinstance(s, SoftSegment)] == [3, 3, 2]
    assert place_soft_slot(template, None, None) == template
    assert place_soft_slot(parse_template("{soft:1} {text} {soft:3} {mask}"), None, None).soft_length == 4


def test_vectors_number_on_from_slot_to_slot(backbone: GetBackbone) -> None:
    given = of_texts(task("marc"), ["good", "bad bad"])
    for sequence in fill(parse_template("{soft:2} {text} {soft:1} {mask} {soft:3}"), given, backbone("xlmr").tokenizer):
        assert [vector for vector in sequence.soft if vector >= 0] == [0, 1, 2, 3, 4, 5]


def test_a_position_puts_a_slot_into_a_template_without_one() -> None:
    template = place_soft_slot(parse_template("{text} It's {mask}."), "suffix", 4)
    assert template.segments == (
        FieldSegment("text"),
        TextSegment(" It's "),
        SoftSegment(4),
        MaskSegment(),
        TextSegment("."),
    )


def test_a_prompt_without_a_slot_and_a_slot_without_a_prompt_are_refused(backbone: GetBackbone) -> None:
    tokenizer = backbone("xlmr").tokenizer
    with pytest.raises(RequestError, match="no soft slot for the method's 4 prompt vectors"):
        soft(tokenizer, task("marc"), template="uniprompt", soft_length=4).encode(examples(task("marc")))
    with pytest.raises(RequestError, match="this method has no soft prompt"):
        cloze(tokenizer, template="soft-before").encode(examples(task("marc")))


# --- two towers ---


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["marc", "xnli"])
def test_towers_share_out_the_template_and_the_fields(backbone: GetBackbone, kind: str, name: str) -> None:
    tokenizer = backbone(kind).tokenizer
    spec = task(name)
    formulation = TwoTowerCloze(spec, tokenizer, EncodingOptions(), "en")
    tokens = formulation.template_tokens("en")
    text = {"marc": "It's {}.", "xnli": ". Question: ? Answer: {} ."}[name].format(tokenizer.mask_token)
    assert tokens.ids == tokenizer(text)["input_ids"]
    assert tokens.mask is not None and tokens.ids[tokens.mask] == tokenizer.mask_token_id
    given = examples(spec)
    for row in formulation.encode(given).rows:
        fields = " ".join(given.fields[field][row.index] for field in spec.fields)
        assert row.values["input_ids"] == tokenizer(fields)["input_ids"]


def test_towers_share_the_budget(backbone: GetBackbone) -> None:
    tokenizer = backbone("xlmr").tokenizer
    formulation = TwoTowerCloze(task("marc"), tokenizer, EncodingOptions(max_length=20), "en")
    batch = batch_of(formulation, examples(task("marc")))
    template = batch.context["template_ids"]
    assert batch["input_ids"].shape[1] + len(template) == 20  # type: ignore[arg-type]
