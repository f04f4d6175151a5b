"""Rebuild `benchmark.tsv`, German to English on Multi30k: `make benchmark MULTI30K=folder`.

Seven to eight minutes per row with the LSTM, longer with the Transformer, on two quiet cores: two models, two forms of
the text, three seeds. The data's own tokens are words to the model, those seen once unknown; the raw text is cut into
subwords. (An earlier recipe's BLEU fell from 38.4 to 37.5, seed 0, when words seen twice were unknown, too.) A row is
written when it is measured, and what the table holds is not measured again, so the script may be stopped and started;
delete the table to begin anew. The data (Elliott et al. 2016) are published at github.com/multi30k/dataset, no part of
the course.
"""

import argparse
import gzip
import sys
import time
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import torch
from tables import fill

from course_utils.datasets.corpus import Translations
from course_utils.experiments import own_text
from course_utils.measure.text_scores import score_texts

TABLE = Path(__file__).parent / "benchmark.tsv"
KEYS = ("text", "model", "seed")
SEEDS = (0, 1, 2)
SPLITS, SIDES = ("train", "val", "test_2016_flickr"), ("de", "en")


class Form(NamedTuple):
    """A form of the text: names of its files, how sacreBLEU is to find the words, and what tokens are to the model."""

    files: str
    tokenize: str
    options: dict


TEXTS = {
    "tokens": Form("{split}.lc*.tok.{side}", "none", {"tokenise": str.split, "min_count": 2}),
    "raw": Form("{split}.{side}", "13a", {"subwords": 4000}),
}
# Of a clone of the data's repository, or of a folder of one's own.
FOLDERS = ("", "raw", "tok", "data/task1/raw", "data/task1/tok")


def find_files(folder: Path, text: str) -> dict[str, tuple[Path, Path]]:
    """Return the German and the English file of each split, packed with gzip or not.

    Args:
        folder: the repository of the data, its folder `data/task1`, or any folder with the files.
        text: a key of `TEXTS`.

    Raises:
        ValueError: a file is missing; the message tells where the data are published and what is needed.
    """
    files, missing = {}, []
    for split in SPLITS:
        pair = []
        for side in SIDES:
            name = TEXTS[text].files.format(split=split, side=side)
            found = (
                path for part in FOLDERS for end in ("", ".gz") for path in sorted((folder / part).glob(name + end))
            )
            pair.append(next(found, None))
            missing += [name] if pair[-1] is None else []
        files[split] = tuple(pair)
    if missing:
        raise ValueError(
            f"{folder}: {', '.join(missing)} (or .gz) not found; Multi30k is published at github.com/multi30k/dataset: "
            "clone it and name its folder, MULTI30K=dataset, of which data/task1/raw and data/task1/tok are needed"
        )
    return files


def lines_of(path: Path) -> list[str]:
    """Return a file's lines as they are: references are never respelled."""
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8", newline="\n") as file:
        return file.read().removesuffix("\n").split("\n")


def measure(folder: Path, text: str, model: str, seed: int) -> dict:
    """Train and score one translator; return its row.

    Returns:
        `bleu` and `chrf` (0 to 100) on the test set with a beam of 5, and sacreBLEU's `signature`; `seconds` and
        `processor_seconds` of all threads, from the files to the trained translator; its `parameters`, `threads`, and
        the `passes` over the text.

    Raises:
        KeyboardInterrupt: training was interrupted.
    """
    start, processor = time.perf_counter(), time.process_time()
    train, valid, test = (find_files(folder, text)[split] for split in SPLITS)
    data = Translations.read(
        *train, valid=valid, test=test, max_length=None, max_ratio=None, one_script=False,
        source_language="german", target_language="english", device="cpu", **TEXTS[text].options,
    )  # fmt: skip
    recipe = own_text.recipe_for(data, model)._replace(seed=seed)
    translator, history = own_text.train(data, recipe)
    seconds, processor = time.perf_counter() - start, time.process_time() - processor
    if history.ended == "interrupted":
        raise KeyboardInterrupt
    score = score_texts(
        own_text.translate_texts(translator, lines_of(test[0])), lines_of(test[1]), tokenize=TEXTS[text].tokenize
    )
    return {
        "bleu": round(score.bleu, 2), "chrf": round(score.chrf, 2), "signature": score.signature,
        "seconds": round(seconds), "processor_seconds": round(processor),
        "parameters": sum(weight.numel() for weight in translator.model.parameters()),
        "threads": torch.get_num_threads(), "passes": len(history.metric),
    }  # fmt: skip


def readme_rows(table: pd.DataFrame) -> list[str]:
    """Return the rows of README's table: per model the means over its seeds, rounded, and how many seeds that are."""
    rows = []
    for model, runs in table.groupby("model", sort=False):
        cells = [f"{model}, {runs['passes'].iloc[0]} passes"]
        for text in TEXTS:
            bleu = runs.loc[runs["text"] == text, "bleu"]
            spread = f" ({bleu.min():.1f} to {bleu.max():.1f})" if len(bleu) > 1 else ""
            cells.append(f"{bleu.mean():.1f}{spread}" if len(bleu) else "")
        minutes, threads = runs["processor_seconds"].mean() / 60, runs["threads"].iloc[0]
        counts = (runs.loc[runs["text"] == text, "parameters"] for text in TEXTS)  # in the order of the columns
        sizes = dict.fromkeys(f"{count / 1e6:.1f}" for column in counts for count in column)
        cells += [f"{minutes:.0f} min", str(threads), f"{' and '.join(sizes)} M", str(runs["seed"].nunique())]
        rows.append(f"| {' | '.join(cells)} |")
    return rows


def main(arguments: list[str] | None = None) -> int:
    """Fill the table and print it; a folder without the data is told in one line, and the exit status is 2."""
    parser = argparse.ArgumentParser(prog="make benchmark", description=__doc__.split("\n")[0])
    parser.add_argument("folder", help="where the data are")
    parser.add_argument("--threads", type=int, default=2, help="processor threads")
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    folder = Path(options.folder)
    try:
        for text in TEXTS:
            find_files(folder, text)
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    plan = [(text, model, (seed,)) for seed in SEEDS for text in TEXTS for model in own_text.MODELS]
    try:
        fill(TABLE, KEYS, plan, lambda *key: measure(folder, *key))
    except KeyboardInterrupt:
        print(f"interrupted: the same command goes on after the rows of {TABLE}", file=sys.stderr)
        return 130
    print(*readme_rows(pd.read_csv(TABLE, sep="\t")), sep="\n")
    print(f"{TABLE} holds all rows; delete it to measure again", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
