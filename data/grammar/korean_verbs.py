"""Korean verb chains: a stem, what hangs on it, its tense and its ending."""

from grammar import hangul
from grammar.hangul import Stem
from grammar.meaning import Clause

Token = tuple[str, tuple[str, ...]]


class Chain:
    """A verb with what hangs on it: the tokens so far, and the stem that the next ending attaches to."""

    def __init__(self, stem: Stem, keys: tuple[str, ...]):
        self.tokens: list[Token] = []
        self.stem, self.keys, self.past = stem, keys, False

    def then(self, ending: str, keys: tuple[str, ...], stem: Stem, *words: str) -> None:
        """Close the stem with an ending that begins with a consonant, and go on with another stem."""
        self.tokens += [(self.stem.text, self.keys), ("+" + ending, keys), *((word, keys) for word in words)]
        self.stem, self.keys = stem, keys

    def soft(self, ending: str, keys: tuple[str, ...]) -> None:
        """Close with an ending of the 으 kind."""
        if self.past:
            self.tokens.append(("+" + {"ㄹ": "을"}[ending], keys))
            return
        text, suffix = hangul.soft(self.stem, ending)
        self.tokens += [(text, self.keys), (suffix, keys)]

    def open(self, ending: str, keys: tuple[str, ...]) -> None:
        """Close with an ending of the 아/어 kind: 요, 야, or the past's ㅆ."""
        text, suffix = hangul.infinitive(self.stem)
        token = {"아ㅆ": "았", "어ㅆ": "었"}.get(suffix + ending, suffix + ending)
        self.tokens += [(text, self.keys), ("+" + token, keys)]

    def hard(self, ending: str, keys: tuple[str, ...]) -> None:
        """Close with an ending that begins with a consonant."""
        if not self.past:
            self.tokens.append((self.stem.text, self.keys))
        self.tokens.append(("+" + ending, keys))

    def polite(self) -> None:
        """Close with the polite ending of a statement or a question."""
        if self.past:
            self.tokens.append(("+어요", ()))
        else:
            self.open("요", ())


def ending(chain: Chain, clause: Clause, path: str, form: str, link: str) -> list[Token]:
    """Add tense and the ending that `form` asks for to a clause's verb."""
    tense, linked = (f"{path}.tense",), (link,) if link else ()
    if form == "relative":
        if clause.tense == "present":
            return [*chain.tokens, (hangul.before_n(chain.stem), chain.keys), ("+는", linked)]
        chain.soft("ㄴ" if clause.tense == "past" else "ㄹ", linked + tense)
        return chain.tokens
    if clause.tense == "past" and form != "sequence":
        chain.open("ㅆ", tense)
        chain.past = True
    elif clause.tense == "future" and form not in ("sequence", "if"):
        chain.soft("ㄹ", tense)
        if form == "final":
            return [*chain.tokens, ("거예요", tense)]
        chain.tokens.append(("것", tense))
        chain.stem, chain.keys = Stem("+이"), tense
    return close(chain, form, linked)


def close(chain: Chain, form: str, linked: tuple[str, ...]) -> list[Token]:
    """End the clause politely, or by the ending that links it to the next."""
    if form == "final":
        chain.polite()
    elif form == "because":
        chain.hard("기", linked)
        chain.tokens.append(("때문에", linked))
    elif form == "when":
        chain.soft("ㄹ", linked)
        chain.tokens.append(("때", linked))
    elif form == "if":
        chain.soft("면", linked)
    else:
        chain.hard("지만" if form == "but" else "고", linked)
    return chain.tokens
