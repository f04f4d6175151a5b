"""Why a typed text cannot be read: templates by id, for Python and for the browser, which reads texts alike."""

from types import SimpleNamespace as Texts

from course_utils.messages import Refusal, note

RECALL = Texts(
    count=note("Type 1 to 100 letters from A to {last}, not {count}."),
    unknown=note("The recall network knows the letters A to {last} only, not {others}."),
)
WORD = Texts(
    empty=note("Type a word: there is nothing to read yet."),
    long=note("That has {count} letters; the network reads words of up to {longest}."),
    unknown=note("The network has never seen {letters}: it learned its letters from words of {count} languages."),
)
SENTENCE = Texts(
    empty=note("There is nothing to read: type or choose a sentence."),
    long=note("That has {count} characters: type one sentence of up to {longest}."),
    unknown=note("The model does not know “{word}”: it has seen {count} words."),
)
ATTENTION = Texts(
    reference=note("A typed sentence has no reference: choose one of the beam's translations."),
    rank=note("The beam found no translation number {rank} with words in it."),
    alone=note("There is no other sentence whose memory could be taken."),
)
HEADS = Texts(
    reference=note("A typed sentence has no reference: let the model translate it."),
    nothing=note("The model writes nothing: there is no word to look at."),
)


def check_length(text: str, longest: int, texts: Texts) -> None:
    """Refuse a text with nothing to read in it, or with more than `longest` characters, by `texts.empty` and `.long`.

    Raises:
        Refusal: the sentence says which.
    """
    if not text:
        raise Refusal(texts.empty)
    if len(text) > longest:
        size = f"{len(text):,}"
        raise Refusal(texts.long, count=size, longest=longest)


REFUSALS = {"recall": RECALL, "word": WORD, "sentence": SENTENCE, "attention": ATTENTION, "heads": HEADS}
