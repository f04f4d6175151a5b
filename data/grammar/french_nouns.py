"""French noun phrases and phrases of place, with elision and contraction."""

from grammar.lexicon import VOWELS, Agreement, Lexicon, Noun
from grammar.meaning import Clause, NounPhrase, Place

Token = tuple[str, tuple[str, ...]]
_ELIDED = frozenset(["le", "la", "de", "ne", "que", "je", "me", "se"])
_BEFORE_VOWEL = {"ma": "mon", "sa": "son", "ce": "cet", "beau": "bel", "nouveau": "nouvel", "vieux": "vieil"}
_POSSESSIVE = {
    "I": "mon ma mes", "you": "votre votre vos", "we": "notre notre nos", "they": "leur leur leurs",
}  # fmt: skip


def vowel_follows(text: str) -> bool:
    """Say whether a word makes the one before it elide: a vowel or a mute h (every h of the lexicon is mute)."""
    first = text[0].lower()
    return text == "y" or first == "h" or (first in VOWELS and first != "y")


def elide(tokens: list[Token]) -> list[Token]:
    """Write le, la, de, ne, que, je, me, se before a vowel, and si before il, with an apostrophe."""
    result = []
    for index, (text, keys) in enumerate(tokens):
        following = tokens[index + 1][0] if index + 1 < len(tokens) else "."
        if (text in _ELIDED and vowel_follows(following)) or (text == "si" and following in ("il", "ils")):
            text = text[:-1] + "'"
        result.append((text, keys))
    return result


def contract(tokens: list[Token]) -> list[Token]:
    """Melt the preposition de or à at the start with the article after it: du, des, au, aux."""
    (first, keys), (second, more), *rest = tokens
    melted = {"de le": "du", "de les": "des", "à le": "au", "à les": "aux"}.get(f"{first} {second}")
    return [(melted, keys + more), *rest] if melted else tokens


def form(forms: tuple[str, ...], agreement: Agreement) -> str:
    """Pick one of four forms by gender and number."""
    return forms[2 * agreement.plural + (agreement.gender == "f")]


class FrenchNouns:
    """The half of French that is about nouns; relative clauses are left to `clause`."""

    def __init__(self, lexicon: Lexicon):
        self.lexicon = lexicon

    def clause(self, clause: Clause, path: str, antecedent: Agreement | None) -> list[Token]:
        """Render a relative clause: what `French` does."""
        raise NotImplementedError

    def _noun(self, noun: Noun, plural: bool) -> str:
        if not plural:
            return noun.fr
        if noun.frpl or noun.fr.endswith(("s", "x", "z")):
            return noun.frpl or noun.fr
        return noun.fr + ("x" if noun.fr.endswith(("eau", "au", "eu")) else "s")

    def noun_phrase(
        self, phrase: NounPhrase, path: str, owner: Agreement, role: str = "", denied: bool = False
    ) -> list[Token]:
        """Render a noun phrase; `denied`: the object of a negated verb, where un and du become de."""
        noun_key, det = (f"{path}.noun",), (f"{path}.det",)
        if phrase.noun in self.lexicon.pronouns:
            strong = {"I": "moi", "he": "lui", "they": "eux"}
            subject = self.lexicon.pronouns[phrase.noun]["fr"].split()[0]
            return [(subject if role == "subject" else strong.get(phrase.noun, subject), noun_key)]
        noun = self.lexicon.nouns[phrase.noun]
        agreement = Agreement(3, phrase.plural, noun.g, "")
        tokens: list[Token] = []
        for name in phrase.adjectives:
            adjective = self.lexicon.adjectives[name]
            if adjective.before:
                tokens.append((form(adjective.fr, agreement), (f"{path}.{name}",)))
        tokens.append((self._noun(noun, phrase.plural), noun_key))
        for name in reversed(phrase.adjectives):
            adjective = self.lexicon.adjectives[name]
            if not adjective.before:
                tokens.append((form(adjective.fr, agreement), (f"{path}.{name}",)))
        article = self._determiner(phrase, noun, owner, denied)
        tokens = [(text, det) for text in article] + tokens
        tokens = self._before_vowels(tokens, phrase)
        if phrase.det == "that":
            tokens.append(("+-là", det))
        if phrase.relative:
            clause = phrase.relative
            tokens.append(("qui" if clause.gap == "subject" else "que", (f"{path}.rel",)))
            tokens += self.clause(clause, f"{path}.r", self.lexicon.agreement(phrase))
        tokens = elide(tokens)
        return contract(tokens) if article[:1] == ["de"] and phrase.det == "bare" else tokens

    def _before_vowels(self, tokens: list[Token], phrase: NounPhrase) -> list[Token]:
        """Use mon, cet, bel, nouvel, vieil before a vowel (singular only, and not after the noun)."""
        result, noun_passed = [], False
        for index, (text, keys) in enumerate(tokens):
            noun_passed = noun_passed or keys[0].endswith(".noun")
            if not phrase.plural and not noun_passed and vowel_follows(tokens[index + 1][0]):
                text = _BEFORE_VOWEL.get(text, text)
            result.append((text, keys))
        return result

    def _determiner(self, phrase: NounPhrase, noun: Noun, owner: Agreement, denied: bool) -> list[str]:
        index = 2 if phrase.plural else int(noun.g == "f")
        det = phrase.det
        if det in ("definite", "customary", "generic"):
            return [["le", "la", "les"][index]]
        if det in ("indefinite", "bare") and denied:
            return ["de"]
        if det == "indefinite":
            return [["un", "une", "des"][index]]
        if det == "bare":
            return ["de", ["le", "la", "les"][index]]
        if det in ("this", "that"):
            return [["ce", "cette", "ces"][index]]
        if det in ("my", "your", "our", "own"):
            who = {"my": "I", "your": "you", "our": "we"}.get(det) or owner.pronoun
            return [_POSSESSIVE.get(who, "son sa ses").split()[index]]
        return {"two": ["deux"], "three": ["trois"], "many": ["beaucoup", "de"]}.get(det, [])

    def prepositional(self, words: str, key: str, tokens: list[Token]) -> list[Token]:
        """Put a preposition before a noun phrase; à le becomes au, de le becomes du."""
        *before, last = [(word, (key,)) for word in words.split()]
        return before + contract([last, *tokens])

    def place(self, place: Place, path: str, owner: Agreement) -> list[Token]:
        """Render a phrase of place."""
        words = {"to": "à", "back": "à", "from": "de"}.get(place.relation)
        if place.relation in ("at", "in"):
            noun = self.lexicon.nouns[place.where.noun]
            particular = place.where.adjectives or place.where.det != "definite"
            words = noun.fr_in if particular else noun.fr_at  # à la plage, but sur cette plage
        elif words is None:
            words = self.lexicon.relations[place.relation]["fr"]
        return self.prepositional(words, f"{path}.prep", self.noun_phrase(place.where, path, owner))
