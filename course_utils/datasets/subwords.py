"""From text to tokens and back, as two objects of one kind: words, or subwords learned from the training text."""

import io
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from course_utils.datasets.special_tokens import SPECIAL
from course_utils.datasets.text import check_tokens, join, tokenise

SPACE = "▁"  # U+2581: where a space was


class Tokeniser(Protocol):
    """What turns a text into tokens, and tokens into a text for people."""

    def split(self, text: str) -> list[str]:
        """Return the tokens of a text."""

    def join(self, tokens: Sequence[str]) -> str:
        """Return the text of tokens."""


class Words:
    """Tokens are words, as `split` finds them: the course's own tokeniser where none is given.

    Args:
        split: text → tokens, anything that iterates over strings; `str.split` for a text whose tokens have spaces
            between them, which comes back as it was.
    """

    def __init__(self, split: Callable[[str], Iterable[str]] = tokenise):
        self._split, self.is_own = split, split is not tokenise

    def split(self, text: str) -> list[str]:
        """Return the words of a text.

        Raises:
            ValueError: the tokeniser returns no tokens at all, but a string or something other than strings.
        """
        tokens = self._split(text)
        tokens = list(tokens) if isinstance(tokens, Iterable) and not isinstance(tokens, str) else tokens
        check_tokens(tokens)
        return tokens

    def join(self, tokens: Sequence[str]) -> str:
        """Return words as a sentence, as `text.join` writes them, or with the spaces that `str.split` took away."""
        return " ".join(tokens) if self._split is str.split else join(tokens)


def finds_course_words(tokeniser: Tokeniser) -> bool:
    """Return whether a tokeniser finds words as the course's own texts have them."""
    return isinstance(tokeniser, Words) and not tokeniser.is_own


class Subwords:
    """Pieces of words, learned from text: a frequent word is one piece, a rare one is several (Kudo 2018).

    A piece that begins with `▁` begins a word, so pieces join to exactly the text that they were made of, once it is
    `normalise`d and has no `▁` of its own. A character that was not in the training text is a piece of its own.

    Args:
        model: a sentencepiece model as bytes, as `learned` or a saved translator gives it.

    Raises:
        ValueError: bytes that are no such model.
    """

    def __init__(self, model: bytes):
        from sentencepiece import SentencePieceProcessor  # takes 30 ms, and most lessons do without

        try:
            self.processor = SentencePieceProcessor(model_proto=model)
        except (RuntimeError, TypeError) as error:
            raise ValueError(f"expected a sentencepiece model ({error})") from None
        self.model = model

    @classmethod
    def learned(cls, texts: Iterable[str], size: int = 8000, kind: str = "unigram") -> "Subwords":
        """Return the subwords of a training text; the same text gives the same pieces.

        Args:
            texts: sentences of the training split, normalised.
            size: most pieces; fewer where the text does not give so many.
            kind: `"unigram"` (Kudo 2018) or `"bpe"` (Sennrich et al. 2016).

        Raises:
            ValueError: another kind, or a size below the number of different characters.
        """
        from sentencepiece import SentencePieceTrainer

        if kind not in ("unigram", "bpe"):
            raise ValueError(f"kind must be 'unigram' or 'bpe', not {kind!r}")
        model, texts = io.BytesIO(), list(texts)
        characters = len(set().union(*texts) - {" "})
        if size <= characters:
            raise ValueError(
                f"no {size} subwords can be learned from this text: it has {characters} different characters, and each "
                "is one; ask for more subwords, or for whole words"
            )
        try:
            SentencePieceTrainer.train(
                sentence_iterator=iter(texts), model_writer=model, vocab_size=size, model_type=kind,
                hard_vocab_limit=False, character_coverage=1.0, normalization_rule_name="identity",
                num_threads=1, minloglevel=2, max_sentence_length=100_000, split_digits=True,
            )  # fmt: skip
        except RuntimeError as error:
            raise ValueError(f"no {size} subwords can be learned from this text: {error}") from None
        return cls(model.getvalue())

    def __len__(self) -> int:
        return self.processor.get_piece_size()

    def split(self, text: str) -> list[str]:
        """Return the pieces of a text; one that spells out a special token is parted into its characters."""
        pieces = self.processor.encode(text, out_type=str)
        return [part for piece in pieces for part in (piece if piece in SPECIAL else (piece,))]

    def join(self, tokens: Sequence[str]) -> str:
        """Return the text that pieces were made of."""
        return "".join(tokens).replace(SPACE, " ").strip()
