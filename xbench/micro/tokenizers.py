"""Tokenizers of the micro backbones: one vocabulary of word pieces, in two layouts."""

import json
from collections import Counter
from collections.abc import Iterable
from math import log
from pathlib import Path
from typing import Any

import tokenizers
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

from xbench.grammar import UNSEEN, languages
from xbench.grammar.lexicons import concepts, label_words, lexicon
from xbench.grammar.realisation import capitalised

SENTINELS = 32
# Of all pieces the label words have the best score, so that none is ever split.
_LABEL_WORD_SCORE = -3.0
_ASCII = [chr(code) for code in range(33, 127)]


def label_pieces() -> list[str]:
    """Label words of the seen languages, as written and capitalised, each once."""
    words = label_words()
    pairs = [(word, language) for language, stars in words["stars"].items() for word in stars]
    pairs += [(word, language) for language, answers in words["answers"].items() for word in answers.values()]
    pairs += [(word, "en") for word in words["extra"]["en"]]
    forms = [form for word, language in pairs if _seen(language) for form in (word, capitalised(word, language))]
    return list(dict.fromkeys(forms))


def train_pieces(texts: Iterable[str], words: int, parts: int) -> list[tuple[str, float]]:
    """Unigram pieces with their scores: frequent words, parts of words, characters, label words.

    `words` is how many of the texts' most frequent words are pieces of their own;
    `parts` is how many shorter pieces Unigram training finds in distinct words and,
    for languages without spaces, in distinct phrases.
    """
    counts = Counter(unit for text in texts for unit in _units(text))
    total = sum(counts.values())
    frequent = [(word, count) for word, count in counts.most_common() if not _unspaced(word)][:words]
    pieces = {word: log(count / total) for word, count in frequent}
    rarest = min(pieces.values())
    # Parts and characters score below any word, so that a known word is never split.
    for part, score in _train_parts(sorted(counts), parts):
        pieces.setdefault(part, rarest + score)
    rarest = min(pieces.values())
    for character in [*_first_characters(), "▁"]:
        pieces.setdefault(character, rarest - 1)
    for word in label_pieces():
        pieces["▁" + word] = _LABEL_WORD_SCORE
    return sorted(pieces.items(), key=lambda item: (-item[1], item[0]))


def _train_parts(words: list[str], size: int) -> list[tuple[str, float]]:
    phrases = [
        form
        for language in languages()
        if _seen(language) and not lexicon(language).spaced
        for group in lexicon(language).words.values()
        for word in group.values()
        for form in {*word.forms, *word.negatives}
    ]
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.NFKC()
    trainer = trainers.UnigramTrainer(
        vocab_size=size, unk_token="<unk>", special_tokens=["<unk>"], max_piece_length=6, show_progress=False
    )
    tokenizer.train_from_iterator([*(word for word in words if not _unspaced(word)), *phrases], trainer)
    learnt = json.loads(tokenizer.to_str())["model"]["vocab"]
    return [(piece, score) for piece, score in learnt if piece != "<unk>"]


def _units(text: str) -> list[str]:
    """Words as pieces would have them: with ▁ for the space before, without punctuation."""
    normal = normalizers.NFKC().normalize_str(text)
    return [unit for unit, _ in _pre_tokenizer().pre_tokenize_str(normal)]


def _unspaced(word: str) -> bool:
    return any("\u3040" <= character <= "\u9fff" for character in word)


def masked_tokenizer(pieces: list[tuple[str, float]]) -> PreTrainedTokenizerFast:
    """XLM-R's layout: <s> … </s>, pairs <s> … </s></s> … </s>, <mask> last."""
    first = ["<s>", "<pad>", "</s>", "<unk>"]
    tokenizer = _tokenizer([*((token, 0.0) for token in first), *pieces, ("<mask>", 0.0)], unknown=3)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<s>", cls_token="<s>", pad_token="<pad>", eos_token="</s>", sep_token="</s>", unk_token="<unk>",
        mask_token=tokenizers.AddedToken("<mask>", lstrip=True, special=True),
        model_max_length=256, model_input_names=["input_ids", "attention_mask"],
    )  # fmt: skip


def text_to_text_tokenizer(pieces: list[tuple[str, float]]) -> PreTrainedTokenizerFast:
    """mT5's layout: … </s>, and sentinels <extra_id_0> onwards at the end, falling."""
    first = ["<pad>", "</s>", "<unk>"]
    sentinels = [f"<extra_id_{number}>" for number in reversed(range(SENTINELS))]
    vocabulary = [*((token, 0.0) for token in first), *pieces, *((token, 0.0) for token in sentinels)]
    tokenizer = _tokenizer(vocabulary, unknown=2)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 1)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="<pad>", eos_token="</s>", unk_token="<unk>",
        additional_special_tokens=list(reversed(sentinels)),
        model_max_length=512, model_input_names=["input_ids", "attention_mask"],
    )  # fmt: skip


def piece_overlap(tokenizer: Any, language: str, relative: str) -> float:
    """Share (0 to 1) of an unseen language's distinct pieces, over one character, that its relative uses."""
    own, other = (_pieces_of(tokenizer, name) for name in (language, relative))
    return len(own & other) / len(own)


def save(tokenizer: PreTrainedTokenizerFast, folder: Path) -> None:
    """Writes tokenizer.json and tokenizer_config.json."""
    tokenizer.save_pretrained(folder)


def _pieces_of(tokenizer: Any, language: str) -> set[str]:
    words = [word.form(0) for group in lexicon(language).words.values() for word in group.values()]
    return {piece for word in words for piece in tokenizer.tokenize(word) if len(piece.strip("▁")) > 1}


def _seen(language: str) -> bool:
    return language not in UNSEEN


def lexicon_text(language: str) -> str:
    """All that a language's lexicon can say, for its characters."""
    source = lexicon(language)
    words = [word for group in source.words.values() for word in group.values()]
    forms = [form for word in words for form in (*word.forms, *word.negatives)]
    return "".join(
        [
            *forms,
            *source.patterns.values(),
            *source.verdicts,
            *source.questions,
            *source.stars,
            *source.answers.values(),
        ]
    )


def characters(texts: Iterable[str]) -> list[str]:
    """Every character of the texts in both cases, each once, in order; no space."""
    text = normalizers.NFKC().normalize_str("".join(texts))
    both_cases = {form for character in text for form in (character, character.upper())}
    return sorted(form for form in both_cases if len(form) == 1 and form != " ")


def _first_characters() -> list[str]:
    """Characters of the languages with a share or a relative among those with one, and ASCII."""
    first = [name for name in languages() if _seen(name) or name in concepts()["relative"]]
    return characters([*_ASCII, "İ،！。", *map(lexicon_text, first)])


def _pre_tokenizer() -> pre_tokenizers.PreTokenizer:
    return pre_tokenizers.Sequence(
        [
            pre_tokenizers.Metaspace(prepend_scheme="first"),
            pre_tokenizers.Split(Regex("[^▁\\w'’-]|▁(?=[^▁\\w'’-])"), behavior="isolated"),
        ]
    )


def _tokenizer(vocabulary: list[tuple[str, float]], unknown: int) -> Tokenizer:
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=unknown, byte_fallback=False))
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = _pre_tokenizer()
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="first")
    return tokenizer
