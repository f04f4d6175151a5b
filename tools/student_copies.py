"""Write the folder that students get: lessons without outputs and speaker notes, the package and its data.

`make student` writes `build/student`. It is a folder to hand out as it is, or to commit to a repository of its own
from which nbgitpuller serves it; notebooks/README.md says how.
"""

import argparse
import shutil
from pathlib import Path

import nbformat

ROOT = Path(__file__).parents[1]
COPIED = ["course_utils/**/*.py", "course_utils/**/*.js", "data/*.tsv", "data/*.safetensors", "data/README.md"]
COPIED += ["pyproject.toml", "constraints.txt", "environment.yml", "LICENSE"]


def for_students(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Drop speaker notes, outputs and counts from a lesson, in place, and return it."""
    for cell in notebook.cells:
        cell.metadata.pop("speaker", None)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def write(folder: Path) -> list[Path]:
    """Write or renew the students' folder and return the lessons' paths in it.

    Files of the course are written anew; whatever else lies in the folder, such as a `.git`, stays. The same lessons
    give the same bytes, so a repository of this folder changes only where the course did.
    """
    for pattern in COPIED:
        for source in sorted(ROOT.glob(pattern)):
            target = folder / source.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
    shutil.copyfile(ROOT / "tools" / "student" / "README.md", folder / "README.md")
    (folder / "notebooks").mkdir(exist_ok=True)
    lessons = []
    for source in sorted((ROOT / "notebooks").glob("*.ipynb")):
        lessons.append(folder / "notebooks" / source.name)
        nbformat.write(for_students(nbformat.read(source, as_version=4)), lessons[-1])
    return lessons


def main() -> None:
    """Write the students' folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=ROOT / "build" / "student", metavar="FOLDER")
    folder = parser.parse_args().to
    lessons = write(folder)
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6
    print(f"{folder}: {len(lessons)} lessons, {size:.1f} MB")


if __name__ == "__main__":
    main()
