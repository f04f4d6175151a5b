"""Rebuild `attention.tsv` and two checkpoints: `nice python data/build_attention.py [language …]`.

About an hour on one core. Every design of attention is trained by the lesson's recipe and scored. Rows are
written as they come, and what the table holds is not computed again, so the script may be stopped and started;
delete the table to begin anew. `attention_korean.safetensors` is the translator from Korean that the lesson loads,
`attention_specimen.safetensors` the one whose scores never read the keys.
"""

import sys
from pathlib import Path

from tables import fill

from course_utils import runtime
from course_utils.datasets.corpus import Translations
from course_utils.experiments import designs

HERE = Path(__file__).parent
TABLE = HERE / "attention.tsv"
KEY = ["language", "design", "score", "seed"]
COLUMNS = ["bleu", "exact", "long", "early", "error_rate", "late", "together", "against", "parameters", "seconds"]
DIGITS = {"exact": 4, "early": 4, "error_rate": 4, "late": 4, "seconds": 0}
LANGUAGES = ("korean", "french")
# (design, score, seeds), in the order of need.
PLAN = [
    ("states_and_words", "scaled_dot", (0,)),
    ("states_and_words", "position", (0,)),
    ("no_attention", "none", (0,)),
    ("states_alone", "scaled_dot", (0,)),
    ("states_and_words", "uniform", (0,)),
    ("states_and_words", "scaled_general", (0,)),
    ("states_and_words", "general", (0,)),
    ("states_and_words", "additive", (0,)),
    ("states_and_words", "dot", (0,)),
    ("attention_first", "scaled_dot", (0,)),
    ("states_and_words", "scaled_dot", (1, 2)),
    ("no_attention", "none", (1, 2)),
    ("states_alone", "scaled_dot", (1, 2)),
    ("states_and_words", "uniform", (1, 2)),
    ("states_and_words", "scaled_general", (1, 2)),
    ("states_and_words", "position", (1, 2)),
    ("states_and_words", "additive", (1, 2)),
    ("states_and_words", "general", (1, 2)),
    ("states_and_words", "dot", (1, 2)),
]
CHECKPOINTS = {
    ("korean", "states_and_words", "scaled_dot", 0): "attention_korean",
    ("korean", "states_and_words", "position", 0): "attention_specimen",
}


def run(language: str, design: str, score: str, seed: int) -> dict:
    """Train and score one design, keep its weights where they are a checkpoint, and return its row."""
    data = Translations.course(language, device=runtime.setup(seed))
    row, translator = designs.measure_design(data, design, score, seed)
    if name := CHECKPOINTS.get((language, design, score, seed)):
        designs.save(translator.model, HERE / f"{name}.safetensors")
    # A model without attention has no alignment: its cells stay empty. Numbers get as many digits as they mean.
    found = {key: row.get(key, "") for key in COLUMNS}
    return {
        key: f"{value:.{DIGITS.get(key, 2)}f}" if isinstance(value, float) else value for key, value in found.items()
    }


def main() -> None:
    """Compute every point of the plan that the table does not hold yet."""
    wanted = sys.argv[1:] or list(LANGUAGES)
    if unknown := set(wanted) - set(LANGUAGES):
        raise SystemExit(f"no such language: {', '.join(sorted(unknown))}; choose from {', '.join(LANGUAGES)}")
    plan = [(language, *point) for point in PLAN for language in wanted]
    fill(TABLE, KEY, plan, run)


if __name__ == "__main__":
    main()
