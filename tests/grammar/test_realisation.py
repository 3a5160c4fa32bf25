"""Sentences of each language, as a speaker would check them."""

import pytest

from xbench.grammar.lexicons import LANGUAGES, lexicon
from xbench.grammar.meaning import Clause, Opinion
from xbench.grammar.realisation import Writer, capitalised

WOMAN_NOT_READING = Clause("woman", "read_book", "park", "morning", negative=True)


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "the woman is not reading the book in the park in the morning"),
        ("de", "die Frau liest das Buch nicht im Park am Morgen"),
        ("es", "la mujer no lee el libro en el parque por la mañana"),
        ("fr", "la femme ne lit pas le livre dans le parc le matin"),
        ("ru", "женщина не читает книгу в парке утром"),
        ("ar", "المرأة لا تقرأ الكتاب في المنتزه في الصباح"),
        ("zh", "女人早上没有在公园里看书"),
        ("ja", "女性は朝に公園で本を読んでいません"),
        ("tr", "kadın sabahleyin parkta kitabı okumuyor"),
        ("sw", "mwanamke hasomi kitabu kwenye hifadhi asubuhi"),
        ("bg", "жената не чете книгата в парка сутринта"),
        ("ur", "عورت صبح کو پارک میں کتاب نہیں پڑھ رہی ہے"),
        ("it", "la donna non legge il libro nel parco di mattina"),
        ("ko", "여자가 아침에 공원에서 책을 읽고 있지 않아요"),
        ("hi", "औरत सुबह पार्क में किताब नहीं पढ़ रही है"),
        ("vi", "người phụ nữ không đọc sách trong công viên vào buổi sáng"),
        ("fi", "nainen ei lue kirjaa puistossa aamulla"),
        ("id", "wanita itu tidak membaca buku di taman pada pagi hari"),
        ("bn", "মহিলাটি সকালে পার্কে বই পড়ছে না"),
        ("ha", "matar ba ta karanta littafin a wurin shaƙatawa da safe"),
        ("so", "haweeneydu ma akhrinayso buugga beerta nasashada dhexdeeda subaxdii"),
        ("xh", "umfazi akayifundi incwadi epakini kusasa"),
        ("sn", "mukadzi haasi kuverenga bhuku mupaki mangwanani"),
        ("pcm", "di woman no dey read di book for di park for morning"),
    ],
)
def test_clauses_agree_and_are_negated(language: str, expected: str) -> None:
    assert Writer(lexicon(language)).clause(WOMAN_NOT_READING) == expected


@pytest.mark.parametrize(
    ("language", "expected"),
    [("es", "la calidad no es buena"), ("ru", "качество нехорошее"), ("bg", "качеството не е добро")],
)
def test_predicates_agree_with_their_aspect(language: str, expected: str) -> None:
    assert Writer(lexicon(language)).statement(Opinion("quality", "not_good")) == expected


def test_switched_words_keep_order_and_spaces_of_the_sentence() -> None:
    lexicons = iter([lexicon("zh"), lexicon("en"), lexicon("zh"), lexicon("zh")])
    writer = Writer(lexicon("zh"), lambda: next(lexicons))
    assert writer.clause(WOMAN_NOT_READING) == "女人早上在公园里 is not reading the book"


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_of_a_class_are_distinct_and_negation_changes_every_action(language: str) -> None:
    source = lexicon(language)
    for name, words in source.words.items():
        assert len({word.form(0) for word in words.values()}) == len(words), name
    assert all(word.form(0) != word.form(0, negative=True) for word in source.words["actions"].values())


def test_turkish_capital_keeps_its_dot() -> None:
    assert capitalised("iyi", "tr") == "İyi"
