"""Rebuild `transformer.tsv`: `nice python data/build_transformer.py [language …]`.

About two hours on one core. Every design of lesson 5 is trained by the lesson's recipe and scored, one factor
at a time from a base design. Rows are written as they come, and what the table holds is not computed again, so the
script may be stopped and started; delete the table to begin anew.
"""

import sys
from pathlib import Path

from tables import fill

from course_utils import runtime
from course_utils.datasets.corpus import Translations
from course_utils.experiments.designs import checkpoint, save
from course_utils.experiments.transformer import (
    BASE,
    KEPT,
    Design,
    build_transformer,
    measure_design,
    train,
)

TABLE = Path(__file__).parent / "transformer.tsv"
KEY = ["language", *Design._fields, "seed"]
COLUMNS = [
    "bleu", "exact", "long", "mean_predicting", "mean_reading", "best_predicting", "best_reading", "head_predicting",
    "head_reading", "loss", "parameters", "seconds",
]  # fmt: skip
DIGITS = {"bleu": 2, "long": 2, "seconds": 0}
LANGUAGES = ("french", "korean")


def factor(**changes) -> Design:
    """Return the base design with one factor changed."""
    return BASE._replace(**changes)


# Where the norm is placed matters in a deep stack: one pass each, seeds enough to count those that train.
DEEP = [factor(layers=6, passes=1, norm=norm, warm_up=steps) for norm in ("first", "after") for steps in (200, 0)]
POSITIONS = [BASE, *(factor(positions=kind) for kind in ("rotary", "none", "learned"))]
ONE_STACK = [factor(model=model) for model in ("decoder_only", "language_model")]
FEWER_OR_MORE = [
    *(factor(heads=heads) for heads in (1, 2, 8)),
    *(factor(norm=norm, warm_up=steps) for norm, steps in (("first", 0), ("after", 200), ("after", 0))),
    factor(model="no_causal_mask"),
]
EQUAL = [factor(positions=kind, passes=4) for kind in ("rotary", "sinusoidal")]  # the budget of lesson 4's models

# (language, design, seeds), in the order of need: a first seed, then the spread.
NEEDED = [("korean", EQUAL), ("french", DEEP), ("french", POSITIONS), ("french", ONE_STACK)]
PLAN = [
    (language, design, seeds)
    for seeds, groups in (
        ((0,), [("french", FEWER_OR_MORE), ("french", EQUAL), *NEEDED]),
        ((1, 2), [*NEEDED, ("french", FEWER_OR_MORE), ("french", EQUAL)]),
    )
    for language, designs in groups
    for design in designs
]


def run(language: str, *setting) -> dict:
    """Train and score one design, and return its row; numbers get as many digits as they mean."""
    *design, seed = setting
    data = Translations.course(language, device=runtime.setup(seed))
    row, _ = measure_design(data, Design(*design), seed)
    return {key: f"{row[key]:.{DIGITS.get(key, 4)}f}" if isinstance(row[key], float) else row[key] for key in COLUMNS}


def keep(name: str) -> None:
    """Train a translator that lesson 5 loads, and store its weights."""
    language, design = KEPT[name]
    data = Translations.course(language, device=runtime.setup(0))
    model = build_transformer(data, design)
    train(model, data, design, label=name)
    save(model, checkpoint(name))


def main() -> None:
    """Train the checkpoints that are missing, and compute every point of the plan that the table does not hold."""
    wanted = sys.argv[1:] or list(LANGUAGES)
    if unknown := set(wanted) - set(LANGUAGES):
        raise SystemExit(f"no such language: {', '.join(sorted(unknown))}; choose from {', '.join(LANGUAGES)}")
    for name in KEPT:
        if not checkpoint(name).exists():
            keep(name)
    fill(TABLE, KEY, [(language, *design, seeds) for language, design, seeds in PLAN if language in wanted], run)


if __name__ == "__main__":
    main()
