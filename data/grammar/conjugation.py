"""French verbs: present, imperfect, future and past participle."""

from grammar.lexicon import Agreement

_IMPERFECT = ("ais", "ais", "ait", "ions", "iez", "aient")
_FUTURE = ("ai", "as", "a", "ons", "ez", "ont")
_PRESENT = ("e", "es", "e", "ons", "ez", "ent")


class Conjugation:
    """Conjugates; `irregular` maps an infinitive to its present, participle and future stem."""

    def __init__(self, irregular: dict[str, dict[str, str]]):
        self.irregular = irregular

    def __call__(self, infinitive: str, tense: str, agreement: Agreement) -> str:
        """Return the form for a person; "you" is always vous."""
        index = agreement.person - 1 + 3 * agreement.plural if agreement.person != 2 else 4
        row = self.irregular.get(infinitive)
        if tense == "future":
            return (row["future"] if row else infinitive) + _FUTURE[index]
        present = row["present"].split() if row else self._regular(infinitive)
        if tense == "present":
            return present[index]
        stem = row["imperfect"] if row and "imperfect" in row else present[3].removesuffix("ons")
        if stem.endswith("ge") and _IMPERFECT[index].startswith("i"):
            stem = stem[:-1]  # mangeait, but mangions
        return stem + _IMPERFECT[index]

    def participle(self, infinitive: str) -> str:
        """Return the past participle, masculine singular."""
        row = self.irregular.get(infinitive)
        return row["participle"] if row else infinitive[:-2] + "é"

    def _regular(self, infinitive: str) -> list[str]:
        stem = infinitive.removesuffix("er")
        forms = [stem + ending for ending in _PRESENT]
        if stem.endswith("g"):
            forms[3] = stem + "eons"
        elif stem.endswith("c"):
            forms[3] = stem[:-1] + "çons"
        return forms
