"""Says meanings in a language: chooses words, makes them agree, puts them in order."""

from collections.abc import Callable, Iterable, Sequence

from xbench.grammar.lexicons import Lexicon
from xbench.grammar.meaning import Background, Clause, Opinion, Remark, Statement
from xbench.grammar.wording import Wording, fill, passage


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
        return self.worded(meaning).text

    def worded(self, meaning: Statement) -> Wording:
        """The meaning as text whose parts are the phrases, without capital letter and full stop."""
        match meaning:
            case Clause():
                return self.worded_clause(meaning)
            case Opinion():
                return self._opinion(meaning)
            case Remark():
                return Wording(self._phrase("remarks", meaning.remark))
            case Background():
                pattern = self.lexicon.patterns[f"background_{meaning.background}"]
                return fill(
                    pattern,
                    product=self._phrase("products", meaning.product),
                    place=self._phrase("places", meaning.place),
                    time=self._phrase("times", meaning.time),
                )

    def clause(self, clause: Clause) -> str:
        """A clause; its verb agrees with its subject, also across languages."""
        return self.worded_clause(clause).text

    def worded_clause(
        self, clause: Clause, named: tuple[Wording, int] | None = None, place: Wording | None = None
    ) -> Wording:
        """A clause with its parts; `named` is a name in the subject's stead and its agreement class."""
        subject, action = self.choose(), self.choose()
        agreement = action.word("subjects", clause.subject).agreement if named is None else named[1]
        # A negator that stands apart goes with the writer's own verbs only:
        # a verb of another language brings its own negation.
        negator = self.lexicon.patterns["negator"] if clause.negative and action is self.lexicon else ""
        verb = action.word("actions", clause.action).form(agreement, clause.negative and not negator)
        return fill(
            self.lexicon.patterns["clause"],
            subject=named[0] if named else self._spaced(subject.word("subjects", clause.subject).form(0), subject),
            action=self._spaced(verb, action),
            place=place or self._phrase("places", clause.place),
            time=self._phrase("times", clause.time),
            negator=negator,
        )

    def joined(self, first: Clause, second: Clause) -> str:
        """Two clauses in one sentence."""
        return self.clause(first) + self.lexicon.patterns["conjunction"] + self.clause(second)

    def joined_wording(self, clauses: Sequence[Wording]) -> Wording:
        """Clauses in one sentence, each a part of its number."""
        return passage(clauses, self.lexicon.patterns["conjunction"])

    def sentence(self, text: str) -> str:
        """The text with a capital letter and a full stop."""
        return capitalised(text, self.lexicon.language) + self.lexicon.patterns["stop"]

    def worded_sentence(self, wording: Wording) -> Wording:
        """The same with a capital letter and a full stop; its parts are where they were."""
        return wording.with_text(self.sentence(wording.text))

    def passage(self, meanings: Iterable[Statement]) -> Wording:
        """Sentences that say the meanings one after another; their parts, and each a part of its number."""
        sentences = (self.worded_sentence(self.worded(meaning)) for meaning in meanings)
        return passage(sentences, " " if self.lexicon.spaced else "")

    def question(self, text: str) -> str:
        """The text with a capital letter and a question mark."""
        patterns = self.lexicon.patterns
        return patterns["ask_before"] + capitalised(text, self.lexicon.language) + patterns["ask"]

    def text(self, sentences: Iterable[str]) -> str:
        """Sentences one after another, with spaces between them where the script has them."""
        return (" " if self.lexicon.spaced else "").join(sentences)

    def _opinion(self, opinion: Opinion) -> Wording:
        aspect, quality = self.choose(), self.choose()
        agreement = quality.word("aspects", opinion.aspect).agreement
        return fill(
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


def capitalised(text: str, language: str) -> str:
    """The text with its first letter in upper case, dotted for a Turkish i."""
    first = "İ" if language == "tr" and text[:1] == "i" else text[:1].upper()
    return first + text[1:]
