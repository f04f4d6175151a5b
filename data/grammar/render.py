"""One meaning as three token lists and their word alignments."""

from typing import NamedTuple

from grammar.english import English
from grammar.french import French
from grammar.korean import Korean
from grammar.lexicon import Lexicon
from grammar.meaning import Sentence

Token = tuple[str, tuple[str, ...]]


def aligned(first: list[Token], second: list[Token]) -> list[tuple[int, int]]:
    """Return the sorted (first, second) positions of tokens that have a key in common."""
    where: dict[str, list[int]] = {}
    for index, (_, keys) in enumerate(second):
        for key in keys:
            where.setdefault(key, []).append(index)
    links = {(index, other) for index, (_, keys) in enumerate(first) for key in keys for other in where.get(key, ())}
    return sorted(links)


class Row(NamedTuple):
    """One meaning, rendered: the words in three languages and the two alignments with English."""

    meaning: Sentence
    words: tuple[list[str], ...]
    alignments: tuple[str, str]


class Renderer:
    """Renders meanings into rows."""

    def __init__(self, lexicon: Lexicon):
        self.english, self.korean, self.french = English(lexicon), Korean(lexicon), French(lexicon)

    def row(self, sentence: Sentence, english: list[Token] | None = None) -> Row:
        """Render one meaning; its English may be given."""
        english = english or self.english.sentence(sentence)
        others = [self.korean.sentence(sentence), self.french.sentence(sentence)]
        words = tuple([text for text, _ in tokens] for tokens in (english, *others))
        links = tuple(" ".join(f"{i}-{j}" for i, j in aligned(english, tokens)) for tokens in others)
        return Row(sentence, words, links)

    def text(self, sentence: Sentence, language: str) -> str:
        """Return the tokens of one language as a string."""
        return " ".join(text for text, _ in getattr(self, language).sentence(sentence))
