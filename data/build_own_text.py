"""Rebuild `own_text.tsv`: `nice python data/build_own_text.py`, with `jupyterlab-language-pack-ko-KR` installed.

About twenty minutes on one core. Lesson 6's recipe is trained on two texts of equal size, JupyterLab's messages in
Korean and the course's corpus read as if it were a stranger's; all runs on a text are scored on the same sentences of
it. Rows are written as they come, and what the table holds is not computed again, so the script may be stopped and
started; delete the table to begin anew.
"""

import tempfile
import time
from functools import cache
from pathlib import Path

from tables import fill

from course_utils import runtime
from course_utils.datasets.corpus import Translations, load_translations
from course_utils.datasets.interface import interface_messages
from course_utils.datasets.parallel import Row
from course_utils.datasets.text import join
from course_utils.experiments import own_text
from course_utils.measure import text_scores

TABLE = Path(__file__).parent / "own_text.tsv"
KEY = ["text", "pairs", "tokens", "size", "epochs", "seed"]
WHOLE, USED = 1669, 2085  # the messages of at most 12 words: those to train on, and all of them
MOST, FEW, ALL = 12, 16, 40  # words of a message; passes of the lesson's live run; passes of the recipe
SEEDS, AMOUNTS = (0, 1, 2), (200, 400, 800, WHOLE)
PLAN = [
    *((text, WHOLE, "unigram", 1000, FEW, SEEDS) for text in ("messages", "corpus")),
    ("messages", WHOLE, "words", 0, FEW, SEEDS),
    *((text, pairs, "unigram", 1000, ALL, SEEDS[:2]) for pairs in AMOUNTS for text in ("messages", "corpus")),
    ("messages", WHOLE, "words", 0, ALL, SEEDS[:2]),
    ("messages", WHOLE, "unigram", 600, ALL, SEEDS[:2]),
    ("messages", WHOLE, "bpe", 1000, ALL, SEEDS[:2]),
]  # fmt: skip


def rows_of(text: str) -> list[Row]:
    """Return all pairs of a text; of the corpus as many short sentences as there are short messages."""
    if text == "messages":
        return interface_messages("ko-KR")
    rows = dict.fromkeys(Row(join(pair.source), join(pair.target)) for pair in load_translations("korean"))
    return [row for row in rows if max(len(side.split()) for side in row) <= MOST][:USED]


@cache
def files(text: str) -> dict[str, Path]:
    """Return files of the text's splits, the same for every run."""
    folder = Path(tempfile.mkdtemp())

    def written(name: str, rows: list) -> Path:
        path = folder / f"{text}-{name}.tsv"
        path.write_text("".join(f"{row[0]}\t{row[1]}\n" for row in rows), encoding="utf-8")
        return path

    data = Translations.read(written("all", rows_of(text)), max_length=MOST, subwords=1000)
    read, write = data.tokenisers
    return {
        split: written(split, [(read.join(pair.source), write.join(pair.target)) for pair in getattr(data, split)])
        for split in ("train", "valid", "test")
    }


def run(text: str, pairs: int, tokens: str, size: int, epochs: int, seed: int) -> dict:
    """Train one translator and return its scores on the held-out sentences, as they are written in the file."""
    paths = files(text)
    lines = paths["train"].read_text(encoding="utf-8").splitlines(keepends=True)[:pairs]
    paths["train"].with_suffix(".part").write_text("".join(lines), encoding="utf-8")
    subwords = {} if tokens == "words" else {"subwords": size, "subword_kind": tokens}
    data = Translations.read(
        paths["train"].with_suffix(".part"), valid=paths["valid"], test=paths["test"], **subwords,
        source_language="korean", target_language="english",
    )  # fmt: skip
    if len(data.train) != pairs:
        raise ValueError(f"{text}: {len(data.train)} pairs to train on, not {pairs}")
    recipe = own_text.recipe_for(data)._replace(epochs=epochs, seed=seed)
    began = time.process_time()
    translator, history = own_text.train(data, recipe)
    seconds = time.process_time() - began
    sources, references = zip(
        *(line.split("\t") for line in paths["test"].read_text(encoding="utf-8").splitlines()), strict=True
    )
    written = own_text.translate_texts(translator, sources)
    lowered = [[text.lower() for text in texts] for texts in (written, references)]
    scores = [text_scores.score_texts(*sides, resamples=100) for sides in ((written, references), lowered)]
    tokens_of_test = [token for pair in data.test for token in pair.source]
    unknown = sum(token not in data.source_words for token in tokens_of_test) / len(tokens_of_test)
    row = {"bleu": scores[0].bleu, "chrf": scores[0].chrf, "bleu_lower": scores[1].bleu, "chrf_lower": scores[1].chrf}
    row |= {"unknown": 100 * unknown, "valid_loss": -history.best}
    return {name: round(value, 2) for name, value in row.items()} | {
        "steps": len(history.loss), "seconds": round(seconds)
    }  # fmt: skip


if __name__ == "__main__":
    runtime.setup(seed=0)
    fill(TABLE, KEY, PLAN, run)
