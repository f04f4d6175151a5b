"""Open a lecture in JupyterLab as slides, explorers live: `make present`, or `make present LESSON=02`.

JupyterLab runs with settings of its own, kept in the ignored folder `build/present`, in which slides are switched on;
the lecturer's own settings stay as they are. Whatever else is named is handed to JupyterLab.
"""

import json
import os
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
# Nothing may pop up over a slide, and Lab's own news and its search for updates want the network.
QUIET = {
    "@jupyterlab/apputils-extension/notification.jupyterlab-settings": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    },
}
SETTINGS = QUIET | {
    "jupyterlab-slideshow/plugin.jupyterlab-settings": {"active": True},
    # Slides hide the menus; one key runs the whole lesson.
    "@jupyterlab/shortcuts-extension/shortcuts.jupyterlab-settings": {
        "shortcuts": [{"command": "notebook:run-all-cells", "keys": ["F8"], "selector": "body"}]
    },
}


def write_settings(folder: Path, settings: dict[str, dict] = SETTINGS) -> Path:
    """Write settings of JupyterLab below the folder, where there are none yet; return their folder.

    Args:
        folder: where the folder `settings` is made.
        settings: name of a file of settings → what it holds.
    """
    for name, content in settings.items():
        file = folder / "settings" / name
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(content, indent=2), encoding="utf-8")
    return folder / "settings"


def lesson(wanted: str, folder: Path = ROOT / "notebooks") -> Path:
    """Return the notebook whose name begins with `wanted`, such as "02".

    Raises:
        ValueError: no lesson's name, or more than one, begins so.
    """
    lessons = [path for path in sorted(folder.glob("*.ipynb")) if not path.name.startswith("00")]
    found = [path for path in lessons if path.name.startswith(wanted)]
    if len(found) != 1:
        names = ", ".join(path.stem for path in lessons)
        raise ValueError(f"LESSON={wanted} names {len(found)} lessons; there are {names}")
    return found[0]


def command(path: Path, settings: Path, options: list[str]) -> list[str]:
    """Return the command that opens one notebook in JupyterLab with these settings."""
    return [
        *[sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={ROOT}"],
        f"--LabApp.default_url=/lab/workspaces/lecture/tree/notebooks/{path.name}?reset",
        f"--LabApp.user_settings_dir={settings}",
        f"--LabApp.workspaces_dir={settings.parent / 'workspaces'}",
        *options,
    ]


def main() -> None:
    """Open the lesson that `LESSON` names, else the first."""
    try:
        path = lesson(os.environ.get("LESSON") or "01")
    except ValueError as wrong:
        sys.exit(str(wrong))
    print(
        f"{path.stem}: press F8 to run all cells, so that the explorers are live; then click on the slide. "
        "→ and ↓ go forward, ← and ↑ back."
    )
    arguments = command(path, write_settings(ROOT / "build" / "present"), sys.argv[1:])
    os.execv(arguments[0], arguments)


if __name__ == "__main__":
    main()
