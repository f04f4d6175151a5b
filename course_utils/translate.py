"""Train, score and use a translator of one's own text from the command line (lesson 6).

python -m course_utils.translate train own.tsv --to my_translator
python -m course_utils.translate score my_translator test.tsv
echo "A sentence." | python -m course_utils.translate translate my_translator
"""

import argparse
import sys
from pathlib import Path

import torch

from course_utils.datasets.cleaning import MOST_ROWS, Report, clean
from course_utils.datasets.corpus import Translations
from course_utils.datasets.parallel import read_rows
from course_utils.experiments import own_text
from course_utils.measure import text_scores
from course_utils.measure.translation import Translator
from course_utils.messages.labels import label
from course_utils.runtime import choose_device

THREADS = (
    "processor threads. Lessons use one: sums are then added in one order, so that a lesson's numbers are the same on "
    "every machine, and students who share a server do not slow each other down. A longer training on a machine of "
    "your own gains from two"
)


def _count(text: str) -> int:
    """Return a number of at least 1."""
    if not text.strip().isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a number of at least 1, not {text!r}")
    return int(text)


def _columns(text: str) -> tuple:
    """Return two columns as they are written: `1,0` for a file with tabs, `en,ko` for a translation memory."""
    columns = text.split(",")
    if len(columns) != 2:
        raise argparse.ArgumentTypeError(f"expected two columns with a comma between them, not {text!r}")
    return tuple(int(column) if column.strip().isdecimal() else column.strip() for column in columns)


def _held_out(text: str) -> float | tuple:
    """Return a share, or the files that a comma parts."""
    try:
        return float(text)
    except ValueError:
        return tuple(text.split(","))


def _tell(report: Report) -> None:
    """Print what became of a text's rows."""
    print(f"{report.rows:,} pairs read, {report.kept:,} kept", file=sys.stderr)
    for reason, count in report.left_out.most_common():
        print(f"  {count:,} left out: {label('left_out', reason)}", file=sys.stderr)


def _print_score(name: str, score: text_scores.TextScore) -> None:
    print(f"{name}\tBLEU {score.bleu:.1f} ({score.low:.1f} to {score.high:.1f})\tchrF {score.chrf:.1f}")


def train(options: argparse.Namespace) -> None:
    """Train a translator, save it, and print its score on the held-out split beside two baselines."""
    languages = {f"{side}_language": getattr(options, f"{side}_language") for side in ("source", "target")}
    data = Translations.read(
        options.source, options.target, valid=options.valid, test=options.test, columns=options.columns,
        quoted=options.quoted, max_length=options.max_length, max_rows=options.max_rows,
        subwords=options.subwords or None, min_count=options.min_count, device=choose_device(options.device),
        **languages,
    )  # fmt: skip
    _tell(data.report)
    asked = {"seed": options.seed, "epochs": options.epochs, "hidden_size": options.hidden_size}
    recipe = own_text.recipe_for(data, options.model)._replace(**{k: v for k, v in asked.items() if v is not None})
    folder = Path(options.to)
    folder.parent.mkdir(parents=True, exist_ok=True)
    run = folder.with_name(f"{folder.name}.run")
    translator, history = own_text.train(data, recipe, checkpoint=run)
    if history.ended == "interrupted":
        print(f"interrupted: the same command goes on from {run}", file=sys.stderr)
        raise SystemExit(130)
    own_text.save(translator, recipe, folder)
    print(f"saved in {folder}: {history.ended} after {len(history.loss):,} steps", file=sys.stderr)
    _print_scores(translator, data)


def _print_scores(translator: Translator, data: Translations) -> None:
    """Print the score of a translator on the test split, of copying the source, and of the nearest sentence."""
    read, write = data.tokenisers
    sources, references = ([by.join(side) for side in sides] for by, sides in zip(
        (read, write), zip(*((pair.source, pair.target) for pair in data.test), strict=True), strict=True))  # fmt: skip
    nearest = text_scores.nearest_translations(data.train, [pair.source for pair in data.test])
    systems = {
        "translator": own_text.translate_texts(translator, sources),
        "copy of the source": sources,
        "nearest training sentence": list(map(write.join, nearest)),
    }
    scores = {name: text_scores.score_texts(texts, references) for name, texts in systems.items()}
    for name, score in scores.items():
        _print_score(name, score)
    print(scores["translator"].signature)


def score(options: argparse.Namespace) -> None:
    """Print the score of a saved translator on a text."""
    translator, _ = own_text.load(options.translator, choose_device(options.device))
    rows = read_rows(options.source, options.target, columns=options.columns, quoted=options.quoted)
    limits = {"max_length": None, "max_ratio": None, "one_script": False, "unique": False, "spaces": False}
    kept, report = clean(rows, **limits)
    _tell(report)
    found = text_scores.score_texts(
        own_text.translate_texts(translator, [row.source for row in kept], options.width),
        [row.target for row in kept],
    )
    _print_score("translator", found)
    print(found.signature)


def translate(options: argparse.Namespace) -> None:
    """Print the translation of each line of a file, or of what is typed."""
    translator, _ = own_text.load(options.translator, choose_device(options.device))
    with open(options.file, encoding="utf-8") if options.file else sys.stdin as lines:
        for line in lines:
            print(*own_text.translate_texts(translator, [line], options.width), flush=True)


def parser() -> argparse.ArgumentParser:
    """Return the command line's parser."""
    main = argparse.ArgumentParser(prog="python -m course_utils.translate", description=__doc__.split("\n")[0])
    commands = main.add_subparsers(required=True, metavar="train|score|translate")

    def command(name: str, run, description: str) -> argparse.ArgumentParser:
        part = commands.add_parser(name, help=description, description=description,
                                   formatter_class=argparse.ArgumentDefaultsHelpFormatter)  # fmt: skip
        part.set_defaults(run=run)
        part.add_argument("--device", help="cpu or cuda; a GPU where there is one, if absent")
        part.add_argument("--threads", type=_count, default=torch.get_num_threads(), help=THREADS)
        return part

    def text(part: argparse.ArgumentParser) -> None:
        part.add_argument("source", help="a file with tabs, a .tmx file, or the source side of two files; .gz or not")
        part.add_argument("target", nargs="?", help="the target side of two files")
        part.add_argument("--columns", type=_columns, default=(0, 1), metavar="A,B",
                          help="columns of source and target from 0, or language codes of a .tmx file")  # fmt: skip
        part.add_argument("--quoted", action="store_true", help="cells may be in double quotes, as spreadsheets write")

    training = command("train", train, "Train a translator from a text, and save it in a folder.")
    text(training)
    training.add_argument("--to", required=True, metavar="FOLDER", help="where the translator is saved")
    for split in ("valid", "test"):
        training.add_argument(f"--{split}", type=_held_out, default=0.1, metavar="SHARE or FILES",
                              help="what is held out: a share, one file, or two with a comma between them")  # fmt: skip
    training.add_argument("--source-language", default="source", help="its name, such as korean")
    training.add_argument("--target-language", default="target", help="its name, such as english")
    training.add_argument("--subwords", type=int, default=4000, help="subwords per side; 0 for whole words")
    training.add_argument("--min-count", type=_count, default=1, help="tokens seen fewer times become <unk>")
    training.add_argument("--max-length", type=_count, default=100, help="words of the longest sentence that is kept")
    training.add_argument("--max-rows", type=_count, default=MOST_ROWS, help="refuse a text of more pairs than this")
    training.add_argument("--model", choices=own_text.MODELS, default=own_text.MODELS[0],
                          help="an LSTM with attention (lesson 4), or a Transformer (lesson 5)")  # fmt: skip
    training.add_argument("--epochs", type=_count, help="passes over the text, chosen by its size where absent")
    training.add_argument("--hidden-size", type=_count, help="units of the model, chosen by the text's size if absent")
    training.add_argument("--seed", type=int, default=0, help="of weights and order")
    scoring = command("score", score, "Score a saved translator on a text.")
    scoring.add_argument("translator", help="the folder")
    text(scoring)
    using = command("translate", translate, "Translate a file line by line, or what is typed.")
    using.add_argument("translator", help="the folder")
    using.add_argument("file", nargs="?", help="UTF-8 text, one sentence per line; standard input where absent")
    for part in (scoring, using):
        part.add_argument("--width", type=_count, default=5, help="width of the beam search")
    return main


def main(arguments: list[str] | None = None) -> int:
    """Run the command; bad input is told in one line, and the exit status is 2."""
    options = parser().parse_args(arguments)
    torch.set_num_threads(options.threads)
    try:
        options.run(options)
    except (ValueError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
