"""What a hub for one class needs from its machine: names, accounts, limits, and the students' copies in a repository.

`jupyterhub_config.py` puts these pieces together; none of them needs JupyterHub. `docs/hub.md` is the page for the
person who runs it.
"""

import grp
import os
import pwd
import re
import resource
import stat
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlencode

GROUP = "course-students"
PROCESSES = 512  # processes and threads of one student together
BRANCH = "main"
FOLDER = "course"  # in each student's home
NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")  # what useradd accepts on every Linux
PRIVATE = 0o700
RUNTIME = ".jupyter-run"
SOCKET_PATH = 107  # bytes that Linux allows for the path of a socket
SOCKET_NAME = len("/kernel-") + 36 + len("-ipc-1")


class Unsafe(Exception):
    """The hub must not run like this; the message says what to change."""


def read_class(text: str) -> tuple[set[str], set[str]]:
    """Return the names of all members of the class and, among them, of its teachers.

    Args:
        text: one member per line, `kim` or `lee teacher`; `#` begins a comment.

    Raises:
        Unsafe: a line that is neither, or nobody at all, which would admit everyone.
    """
    members, teachers = set(), set()
    for number, line in enumerate(text.splitlines(), 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        if not NAME.fullmatch(words[0]) or words[1:] not in ([], ["teacher"]):
            raise Unsafe(f"class list, line {number}: write a name in small letters, and “teacher” after a teacher's")
        members.add(words[0])
        if words[1:]:
            teachers.add(words[0])
    if not members:
        raise Unsafe("the class list names nobody: write one name per line")
    return members, teachers


def strangers(names: set[str], group: str = GROUP) -> list[str]:
    """Return the names that are accounts of this machine outside of the students' group, such as root, in order."""
    accounts = {account.pw_name for account in pwd.getpwall()}
    students = {name for entry in grp.getgrall() if entry.gr_name == group for name in entry.gr_mem}
    return sorted((names & accounts) - students)


def bind_url(address: str, port: int, certificate: str | None) -> str:
    """Return the address that students open; without a certificate only this machine may reach it.

    Raises:
        Unsafe: passwords would cross a network in plain text.
    """
    if not certificate and address not in ("127.0.0.1", "::1", "localhost"):
        raise Unsafe("name HUB_CERTIFICATE and HUB_KEY, or keep HUB_ADDRESS=127.0.0.1 behind a server that has them")
    return f"http{'s' if certificate else ''}://{address}:{port}/"


def unreadable(path: Path) -> Path | None:
    """Return the first folder on the way to a path, or the path itself, that other accounts cannot read; or None."""
    for step in [*reversed(path.resolve().parents), path.resolve()]:
        if not step.stat().st_mode & (stat.S_IXOTH if step.is_dir() else stat.S_IROTH):
            return step
    return None


def writable(folder: Path) -> Path | None:
    """Return the first file or folder in a folder that every account can write, or None."""
    for parent, folders, files in os.walk(folder):
        for path in (Path(parent, name) for name in [*folders, *files]):
            if not path.is_symlink() and path.stat().st_mode & stat.S_IWOTH:
                return path
    return None


def private_folder(path: Path) -> Path:
    """Make a folder that only its owner can enter, and return it; an older one is closed."""
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(PRIVATE)
    return path


def pull_url(repository: str, page: str = "notebooks/00_start.ipynb") -> str:
    """Return the path, below a student's server, that fetches what is new and opens a page in JupyterLab."""
    wanted = {"repo": repository, "branch": BRANCH, "targetpath": FOLDER, "urlpath": f"lab/tree/{FOLDER}/{page}"}
    return f"/git-pull?{urlencode(wanted)}"


def new_account(group: str = GROUP) -> list[str]:
    """Return the command that makes an account without a password and with a closed home; its name comes last."""
    closed = ["--key", "HOME_MODE=0700", "--key", "UMASK=077"]
    return ["useradd", "--create-home", "--groups", group, "--shell", "/bin/bash", *closed]


def git_settings(repository: Path) -> str:
    """Return git's settings for students: they may clone this repository although another account owns it."""
    return f"[include]\n\tpath = /etc/gitconfig\n[safe]\n\tdirectory = {repository}\n\tdirectory = {repository}/.git\n"


def runtime_folder(home: str) -> str:
    """Return where a student's kernels keep their sockets: in the home, and short enough for Linux.

    Raises:
        Unsafe: the home's path is too long.
    """
    folder = f"{home}/{RUNTIME}"
    if len(os.fsencode(folder)) + SOCKET_NAME > SOCKET_PATH:
        raise Unsafe(f"the path of the home {home} is too long for a socket below it")
    return folder


def limit_process(memory: int, processes: int = PROCESSES) -> None:
    """Limit this process and all that it starts; for a student's server, before it gives up root's rights.

    Args:
        memory: bytes that one process may write to. Files that it maps, such as PyTorch's libraries, do not count.
        processes: processes and threads of this student together.
    """
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_NPROC, (processes, processes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.umask(0o077)


def commit(folder: Path, message: str = "Course") -> bool:
    """Commit what is new in the students' folder to its repository, made at first; return whether something was new.

    Every account can read it.
    """
    git = ["git", "-C", str(folder), "-c", "user.name=course", "-c", "user.email=course@localhost"]
    if not (folder / ".git").exists():
        subprocess.run([*git, "init", "--quiet", f"--initial-branch={BRANCH}"], check=True)
    subprocess.run([*git, "add", "--all"], check=True)
    new = subprocess.run([*git, "diff", "--cached", "--quiet"]).returncode != 0
    if new:
        subprocess.run([*git, "commit", "--quiet", "-m", message], check=True)
    subprocess.run(["chmod", "-R", "go=rX", str(folder)], check=True)
    return new


if __name__ == "__main__":
    subprocess.run(["groupadd", "--force", GROUP], check=True)
    print("new for students" if commit(Path(sys.argv[1])) else "nothing new for students")
