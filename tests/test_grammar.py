"""The grammar of the translation corpus against sentences written out by hand, and against its own promises."""

import random
from pathlib import Path

import pytest
from grammar import french, hangul, korean, korean_verbs
from grammar.flips import Flips, ambiguous
from grammar.hangul import Stem
from grammar.lexicon import Lexicon
from grammar.meaning import Clause, NounPhrase, Sentence, Unit
from grammar.render import Renderer
from grammar.sampling import Sampler
from translation_cases import CASES

from course_utils.datasets.text import join

LEXICON = Lexicon()
RENDERER = Renderer(LEXICON)


def expectations() -> dict[str, list[str]]:
    blocks = Path(__file__).with_name("translation_cases.txt").read_text(encoding="utf-8").strip().split("\n\n")
    return {block.split("\n")[0].removeprefix("# "): block.split("\n")[1:] for block in blocks}


EXPECTED = expectations()


def test_there_are_enough_hand_checked_sentences():
    assert list(EXPECTED) == list(CASES) and len(CASES) >= 60


@pytest.mark.parametrize("rule", CASES)
def test_a_meaning_is_rendered_as_written_by_hand(rule):
    english, korean_text, to_korean, french_text, to_french = EXPECTED[rule]
    row = RENDERER.row(CASES[rule])
    assert [" ".join(words) for words in row.words] == [english, korean_text, french_text]
    assert row.alignments == (to_korean, to_french)


# --- spelling after joining


@pytest.mark.parametrize(
    ("stem", "present", "past", "if_", "modifier"),
    [
        (Stem("먹"), "먹어요", "먹었어요", "먹으면", "먹은"),
        (Stem("가"), "가요", "갔어요", "가면", "간"),
        (Stem("오"), "와요", "왔어요", "오면", "온"),
        (Stem("보"), "봐요", "봤어요", "보면", "본"),
        (Stem("마시"), "마셔요", "마셨어요", "마시면", "마신"),
        (Stem("배우"), "배워요", "배웠어요", "배우면", "배운"),
        (Stem("보내"), "보내요", "보냈어요", "보내면", "보낸"),
        (Stem("공부하"), "공부해요", "공부했어요", "공부하면", "공부한"),
        (Stem("쓰"), "써요", "썼어요", "쓰면", "쓴"),
        (Stem("바쁘"), "바빠요", "바빴어요", "바쁘면", "바쁜"),
        (Stem("슬프"), "슬퍼요", "슬펐어요", "슬프면", "슬픈"),
        (Stem("쉬"), "쉬어요", "쉬었어요", "쉬면", "쉰"),
        (Stem("놓"), "놓아요", "놓았어요", "놓으면", "놓은"),
        (Stem("살"), "살아요", "살았어요", "살면", "산"),
        (Stem("길"), "길어요", "길었어요", "길면", "긴"),
        (Stem("듣", "ㄷ"), "들어요", "들었어요", "들으면", "들은"),
        (Stem("걷", "ㄷ"), "걸어요", "걸었어요", "걸으면", "걸은"),
        (Stem("덥", "ㅂ"), "더워요", "더웠어요", "더우면", "더운"),
        (Stem("돕", "ㅂ"), "도와요", "도왔어요", "도우면", "도운"),
        (Stem("아름답", "ㅂ"), "아름다워요", "아름다웠어요", "아름다우면", "아름다운"),
        (Stem("부르", "르"), "불러요", "불렀어요", "부르면", "부른"),
        (Stem("자르", "르"), "잘라요", "잘랐어요", "자르면", "자른"),
        (Stem("게으르", "르"), "게을러요", "게을렀어요", "게으르면", "게으른"),
        (Stem("빨갛", "ㅎ"), "빨개요", "빨갰어요", "빨가면", "빨간"),
        (Stem("하얗", "ㅎ"), "하얘요", "하얬어요", "하야면", "하얀"),
        (Stem("검"), "검어요", "검었어요", "검으면", "검은"),
        (Stem("있"), "있어요", "있었어요", "있으면", "있은"),
    ],
)
def test_stems_take_their_endings(stem, present, past, if_, modifier):
    def chain(past_tense=False):
        chain = korean_verbs.Chain(stem, ())
        if past_tense:
            chain.open("ㅆ", ())
            chain.past = True
        chain.polite()
        return join([text for text, _ in chain.tokens])

    assert (chain(), chain(True)) == (present, past)
    assert join(hangul.soft(stem, "면")) == if_ and join(hangul.soft(stem, "ㄴ")) == modifier


@pytest.mark.parametrize(
    ("word", "particles"),
    [("책", "은 이 을 과 으로"), ("우유", "는 가 를 와 로"), ("칼", "은 이 을 과 로"), ("폴", "은 이 을 과 로")],
)
def test_particles_follow_the_final_consonant(word, particles):
    roles = ("topic", "subject", "object", "with", "by")
    assert [hangul.particle(word, role) for role in roles] == ["+" + text for text in particles.split()]


@pytest.mark.parametrize(
    ("verb", "tense", "forms"),
    [
        ("manger", "present", "mange mangeons mangez mangent"),
        ("manger", "imperfect", "mangeais mangions mangiez mangeaient"),
        ("aller", "future", "irai irons irez iront"),
        ("acheter", "present", "achète achetons achetez achètent"),
        ("être", "imperfect", "étais étions étiez étaient"),
        ("choisir", "present", "choisis choisissons choisissez choisissent"),
        ("vouloir", "future", "voudrai voudrons voudrez voudront"),
        ("lancer", "present", "lance lançons lancez lancent"),
    ],
)
def test_french_verbs_are_conjugated(verb, tense, forms):
    people = [LEXICON.agreement(NounPhrase(name, "none")) for name in ("I", "we", "you", "they")]
    conjugate = french.Conjugation(LEXICON.conjugation)
    assert [conjugate(verb, tense, person) for person in people] == forms.split()


def test_every_french_verb_has_all_its_forms():
    conjugate = french.Conjugation(LEXICON.conjugation)
    for verb in LEXICON.verbs.values():
        assert verb.fr in LEXICON.conjugation or verb.fr.endswith("er"), verb.fr
        for name in LEXICON.pronouns:
            person = LEXICON.agreement(NounPhrase(name, "none"))
            assert all(conjugate(verb.fr, tense, person) for tense in ("present", "imperfect", "future"))


# --- what the target says, the source says


def draw(count: int) -> list[Sentence]:
    sampler, generator, sentences = Sampler(LEXICON, 7), random.Random(7), []
    while len(sentences) < count:
        sentence = sampler.sentence(generator.randint(3, 32))
        sentences += [sentence] if sentence else []
    return sentences


SENTENCES = draw(150)


def test_flipping_a_feature_changes_the_source_whenever_it_changes_the_english():
    flips = Flips(LEXICON)
    for language in ("korean", "french"):
        cases = [case for sentence in SENTENCES if (case := ambiguous(sentence, RENDERER, language, flips))]
        assert len(cases) <= 0.01 * len(SENTENCES), cases[:3]


class _NoArticles(korean.Korean):
    """A Korean that leaves out 그 and 한, as everyday Korean does."""

    def noun_phrase(self, phrase, path, role, extra=()):
        tokens = super().noun_phrase(phrase, path, role, extra)
        return [token for token in tokens if token[0] not in ("그", "한") or not token[1][0].endswith(".det")]


class _NoPlural(korean.Korean):
    """A Korean that leaves out 들."""

    def noun_phrase(self, phrase, path, role, extra=()):
        return [token for token in super().noun_phrase(phrase, path, role, extra) if token[0] != "+들"]


class _OneDemonstrative(french.French):
    """A French in which this and that are both a bare ce."""

    def noun_phrase(self, phrase, path, owner, role="", denied=False):
        return [token for token in super().noun_phrase(phrase, path, owner, role, denied) if token[0] != "+-là"]


@pytest.mark.parametrize(
    ("language", "mutant"), [("korean", _NoArticles), ("korean", _NoPlural), ("french", _OneDemonstrative)]
)
def test_a_source_that_says_less_is_caught(language, mutant, monkeypatch):
    monkeypatch.setattr(RENDERER, language, mutant(LEXICON))
    flips = Flips(LEXICON)
    assert sum(bool(ambiguous(sentence, RENDERER, language, flips)) for sentence in SENTENCES) > 0.01 * len(SENTENCES)


def test_flips_reach_every_feature():
    mina = NounPhrase("Mina", "none")
    clause = Clause("event", "buy", mina, object=NounPhrase("apple", "definite", False, ("red",)), time="yesterday")
    texts = {RENDERER.text(other, "english") for other in Flips(LEXICON).sentence(Sentence((Unit(clause),)))}
    wanted = ["buys the red apple", "will buy", "did +n't buy", "was buying", "bought a red apple", "the red apples",
              "bought the apple y", "the green apple", "the red orange", "did Mina buy", "could buy", "wanted to",
              "had to", "Sora bought", "this red apple", "her red apple",
              "apple last night .", "sold the red", "apple ."]  # fmt: skip
    assert not [part for part in wanted if not any(part in text for text in texts)]
