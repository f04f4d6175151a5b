"""What people read: whole sentences with named fields, labels, numbers in words.

English is in the code; other languages are catalogues (`messages/locale/<language>/LC_MESSAGES/messages.po`, compiled),
which `make messages` extracts and updates.

    say("{share} of the gradient is left.", share=percent(0.5))
    say_plural("{count} step back.", "{count} steps back.", 3)
    raise Refusal("Type a word: there is nothing to read yet.")

A sentence is one template, never glued from pieces, so that a translation may order its fields otherwise.
"""

import gettext
from pathlib import Path

DOMAIN, LOCALE = "messages", Path(__file__).with_name("locale")
_catalogue: gettext.NullTranslations = gettext.NullTranslations()


def languages() -> list[str]:
    """Return the languages that can be chosen: English, and those with a compiled catalogue."""
    return ["en", *sorted(path.parts[-3] for path in LOCALE.glob(f"*/LC_MESSAGES/{DOMAIN}.mo"))]


def choose(language: str) -> None:
    """Say everything in `language` from now on; what its catalogue lacks is said in English.

    Raises:
        ValueError: there is no catalogue of that language.
    """
    if language not in languages():
        raise ValueError(f"there is no catalogue for {language!r}; choose one of: {', '.join(languages())}")
    install(gettext.NullTranslations() if language == "en" else gettext.translation(DOMAIN, LOCALE, [language]))


def install(catalogue: gettext.NullTranslations) -> None:
    """Take every message from `catalogue` from now on."""
    global _catalogue
    _catalogue = catalogue


def say(template: str, /, **fields) -> str:
    """Return the sentence of a template in the chosen language, its `{named}` fields filled in."""
    return _catalogue.gettext(template).format(**fields)


def say_plural(one: str, many: str, count: int, /, **fields) -> str:
    """Return the sentence of two templates that fits `count`, which is their field `{count}`."""
    return _catalogue.ngettext(one, many, count).format(count=count, **fields)


def note(template: str) -> str:
    """Return a template as it is, noted for the catalogues: for tables whose texts are said later."""
    return template


def note_plural(one: str, many: str) -> tuple[str, str]:
    """Return two templates for `say_plural` as they are, noted for the catalogues."""
    return one, many


def template(text: str | tuple[str, str], /) -> str | list[str]:
    """Return a template in the chosen language, its fields left open; of two for a count, those for 1 and for 2."""
    if isinstance(text, str):
        return _catalogue.gettext(text)
    return [_catalogue.ngettext(*text, count) for count in (1, 2)]


class Refusal(ValueError):
    """Why an input cannot be taken, as a sentence for students; other errors are for developers.

    Args:
        template: the sentence, with `{named}` fields.
        **fields: what is filled in.
    """

    def __init__(self, template: str, /, **fields):
        super().__init__(say(template, **fields))
