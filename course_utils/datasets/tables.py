"""Where the course's data are, and its committed tables."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

_PACKAGE = Path(__file__).parents[1]
# Inside the package where it was installed from a wheel, beside it in a clone.
DATA = next((folder for folder in (_PACKAGE / "data", _PACKAGE.parent / "data") if folder.is_dir()), _PACKAGE / "data")


def read_table(name: str) -> "pd.DataFrame":
    """Return a committed table, `data/<name>.tsv`: one row per run, columns as in `data/README.md`.

    Raises:
        FileNotFoundError: the table was deleted; the script named in `data/README.md` rebuilds it.
    """
    import pandas as pd  # 32 MB per student that a lesson without a table does not need

    return pd.read_csv(DATA / f"{name}.tsv", sep="\t", keep_default_na=False, na_values=[""])
