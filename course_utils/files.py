"""Files of a reader's own that must never be lost: written in full or not at all, by one program at a time."""

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

PATIENCE, STALE = 3.0, 10.0  # seconds: how long to wait for another program's lock; from when on a lock is left over


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that is there in full or not at all: an error, such as a full disk, leaves the old one in place.

    Raises:
        OSError: what the disk said.
    """
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        with fresh.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a file's lock inside a `with` block: another file, beside it, that only one program can make.

    Raises:
        OSError: the folder cannot be written, or another program holds the lock for longer than 3 seconds.
    """
    lock, began = path.with_name(f"{path.name}.lock"), time.monotonic()
    while True:
        try:
            os.close(os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
            break
        except FileExistsError:
            with contextlib.suppress(OSError):
                if time.time() - lock.stat().st_mtime > STALE:  # its program was killed
                    lock.unlink()
                    continue
            if time.monotonic() - began > PATIENCE:
                raise
            time.sleep(0.01)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            lock.unlink()
