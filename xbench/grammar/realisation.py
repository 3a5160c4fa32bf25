"""Says meanings in a language: chooses words, makes them agree, puts them in order."""

from collections.abc import Callable, Iterable

from xbench.grammar.lexicons import Lexicon
from xbench.grammar.meaning import Background, Clause, Opinion, Remark, Statement


class Writer:
    """Writes meanings as text of one language.

    `choose` picks, for each content phrase, the lexicon it is taken from: by
    default the writer's own, another one for code-switched text. Order, function
    words and punctuation stay those of `lexicon`.
    """

    def __init__(self, lexicon: Lexicon, choose: Callable[[], Lexicon] | None = None) -> None:
        self.lexicon = lexicon
        self.choose = choose or (lambda: lexicon)

    def statement(self, meaning: Statement) -> str:
        """The meaning as text, without capital letter and full stop."""
        match meaning:
            case Clause():
                return self.clause(meaning)
            case Opinion():
                return self._opinion(meaning)
            case Remark():
                return self._phrase("remarks", meaning.remark)
            case Background():
                pattern = self.lexicon.patterns[f"background_{meaning.background}"]
                return self._fill(
                    pattern,
                    product=self._phrase("products", meaning.product),
                    place=self._phrase("places", meaning.place),
                    time=self._phrase("times", meaning.time),
                )

    def clause(self, clause: Clause) -> str:
        """A clause; its verb agrees with its subject, also across languages."""
        subject, action = self.choose(), self.choose()
        agreement = action.word("subjects", clause.subject).agreement
        # A negator that stands apart goes with the writer's own verbs only:
        # a verb of another language brings its own negation.
        negator = self.lexicon.patterns["negator"] if clause.negative and action is self.lexicon else ""
        verb = action.word("actions", clause.action).form(agreement, clause.negative and not negator)
        return self._fill(
            self.lexicon.patterns["clause"],
            subject=self._spaced(subject.word("subjects", clause.subject).form(0), subject),
            action=self._spaced(verb, action),
            place=self._phrase("places", clause.place),
            time=self._phrase("times", clause.time),
            negator=negator,
        )

    def joined(self, first: Clause, second: Clause) -> str:
        """Two clauses in one sentence."""
        return self.clause(first) + self.lexicon.patterns["conjunction"] + self.clause(second)

    def sentence(self, text: str) -> str:
        """The text with a capital letter and a full stop."""
        return capitalised(text, self.lexicon.language) + self.lexicon.patterns["stop"]

    def question(self, text: str) -> str:
        """The text with a capital letter and a question mark."""
        patterns = self.lexicon.patterns
        return patterns["ask_before"] + capitalised(text, self.lexicon.language) + patterns["ask"]

    def text(self, sentences: Iterable[str]) -> str:
        """Sentences one after another, with spaces between them where the script has them."""
        return (" " if self.lexicon.spaced else "").join(sentences)

    def _opinion(self, opinion: Opinion) -> str:
        aspect, quality = self.choose(), self.choose()
        agreement = quality.word("aspects", opinion.aspect).agreement
        return self._fill(
            self.lexicon.patterns["opinion"],
            aspect=self._spaced(aspect.word("aspects", opinion.aspect).form(0), aspect),
            quality=self._spaced(quality.word("qualities", opinion.quality).form(agreement), quality),
        )

    def _phrase(self, concept_class: str, concept: str | None) -> str:
        if concept is None:
            return ""
        lexicon = self.choose()
        return self._spaced(lexicon.word(concept_class, concept).form(0), lexicon)

    def _spaced(self, phrase: str, lexicon: Lexicon) -> str:
        """A phrase of a spaced language keeps its spaces in a language without."""
        return f" {phrase} " if lexicon.spaced and not self.lexicon.spaced else phrase

    def _fill(self, pattern: str, **slots: str) -> str:
        return " ".join(pattern.format(**slots).split())


def capitalised(text: str, language: str) -> str:
    """The text with its first letter in upper case, dotted for a Turkish i."""
    first = "İ" if language == "tr" and text[:1] == "i" else text[:1].upper()
    return first + text[1:]
