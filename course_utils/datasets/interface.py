"""JupyterLab's own interface as parallel text: its messages in English and another language, by human translators.

They are published as language packs, such as `jupyterlab-language-pack-ko-KR` (BSD 3-Clause licence, Project Jupyter
Contributors). A pack is an optional dependency: `pip install "course-utils[interface]"`.
"""

import importlib.util
import json
from pathlib import Path

from course_utils.datasets.parallel import Row
from course_utils.messages import Refusal

CONTEXT = "\x04"  # parts a message from the context in front of it, as in gettext


def interface_messages(language: str = "ko-KR", folder: str | Path | None = None) -> list[Row]:
    """Return the messages of JupyterLab and its extensions: source in a language, target in English.

    Args:
        language: of a published pack, such as `"ko-KR"` or `"fr-FR"`.
        folder: of the catalogues (`*.json`), where they are not those of the installed pack.

    Returns:
        Rows in the order of the catalogues' names; a message that is not translated is left out, and each line end
        within a message is a space. The same message may occur in several catalogues.

    Raises:
        Refusal: the pack is not installed; the sentence says how to install it.
        ValueError: a catalogue that cannot be read; its file is named.
    """
    folder = _installed(language) if folder is None else Path(folder)
    rows = []
    for path in sorted(folder.glob("*.json")):
        try:
            catalogue = json.loads(path.read_text(encoding="utf-8"))
            messages = {key: value for key, value in catalogue.items() if key}  # "" is the catalogue's own header
            rows += [_row(key, value) for key, value in messages.items() if value and value[0]]
        except (ValueError, AttributeError, TypeError, KeyError) as error:
            raise ValueError(f"{path}: expected a catalogue of messages ({error})") from None
    return rows


def _row(key: str, value: str | list[str]) -> Row:
    """Return an entry of a catalogue as one pair, of several plural forms the first."""
    translation = value if isinstance(value, str) else value[0]
    return Row(" ".join(translation.split()), " ".join(key.split(CONTEXT)[-1].split()))


def _installed(language: str) -> Path:
    """Return the folder of an installed pack's catalogues."""
    code = language.replace("-", "_")
    pack = importlib.util.find_spec(f"jupyterlab_language_pack_{code}")
    if pack is None or not pack.submodule_search_locations:
        raise Refusal(
            "JupyterLab’s language pack {language} is not installed: pip install jupyterlab-language-pack-{language}",
            language=language,
        )  # fmt: skip
    return Path(pack.submodule_search_locations[0], "locale", code, "LC_MESSAGES")
