"""A results folder: written whole or not at all, checked when it is read."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

import msgspec

from sim.core.errors import BadInput
from sim.study.manifest import MANIFEST, Manifest, as_json, load_manifest
from sim.study.rows import Row, Summary
from sim.study.table import rows_from_parquet, rows_to_parquet

ROWS = "rows.parquet"
SUMMARY = "summary.json"


class ResultsFolder:
    """The folder of one study while it is written.

    Each file is complete or absent, and the manifest, written last, says that all are there. Where there is no folder
    yet, or one to replace, the files are collected in a hidden folder beside it that :meth:`finish` puts in its place;
    an empty folder is filled where it is, since it may be one that cannot be renamed (a mount).

    As a context manager it takes away what was written if the study was not finished.
    """

    def __init__(self, path: Path, target: Path, collected_in: Path, lock: int) -> None:
        self.path = path
        self._target = target
        self._collected_in = collected_in
        self._lock: int | None = lock
        self._digests: dict[str, str] = {}

    @classmethod
    def create(cls, path: Path, *, replace: bool = False) -> Self:
        """A new folder at ``path``, or one that will replace the study there.

        Raises:
            BadInput: ``path`` holds something and ``replace`` is not given; or it is given and what is there is no
                finished study; or another run is writing it; or it cannot be written.
        """
        with _reported(path):
            target = path.resolve()
            _check_free(path, target, replace=replace)
            in_place = target.exists() and not any(target.iterdir())
            collected_in = target if in_place else _beside(target, "partial")
            collected_in.mkdir(parents=True, exist_ok=True)
            lock = _lock(path, collected_in)
            _empty(collected_in)
            return cls(path, target, collected_in, lock)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.abandon()

    def write_text(self, name: str, text: str) -> None:
        """Writes a text file of the folder, in UTF-8. Raises BadInput if it cannot be written."""
        self.write_bytes(name, text.encode())

    def write_bytes(self, name: str, data: bytes) -> None:
        """Writes a file of the folder. Raises BadInput if it cannot be written."""
        assert Path(name).name == name, f"{name!r} is no plain file name"
        with _reported(self.path / name):
            _write_whole(self._collected_in / name, data)
        self._digests[name] = _digest(data)

    def write_rows(self, rows: Sequence[Row]) -> None:
        """Writes the rows as a table, by seed and algorithm: the same rows in any order give the same bytes."""
        self.write_bytes(ROWS, rows_to_parquet(sorted(rows, key=lambda row: (row.seed, row.algorithm))))

    def write_summary(self, summary: Summary) -> None:
        """Writes the summary as JSON. Raises BadInput if it cannot be written."""
        self.write_text(SUMMARY, as_json(summary))

    def write_manifest(self, manifest: Manifest) -> None:
        """Writes the manifest, with the digests of all that was written before it; the last file of the folder."""
        files = {name: digest for name, digest in self._digests.items() if name != MANIFEST}
        self.write_text(MANIFEST, as_json(msgspec.structs.replace(manifest, files=files)))

    def finish(self) -> None:
        """Puts the complete folder in its place. The manifest must have been written.

        Files of a replaced study that no study wrote (notes, a page about it) are kept.

        Raises:
            BadInput: the folder cannot be put in its place; what was there still is.
        """
        assert MANIFEST in self._digests, "a folder without a manifest is not finished"
        with _reported(self.path):
            if self._collected_in != self._target:
                _carry_over(self._target, self._collected_in)
                _swap_in(self._collected_in, self._target)
        self._release()

    def abandon(self) -> None:
        """Takes away what was written, unless the folder is finished."""
        if self._lock is None:
            return
        with suppress(OSError):
            _empty(self._collected_in)
            if self._collected_in != self._target:
                self._collected_in.rmdir()
        self._release()

    def _release(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def read(path: Path) -> tuple[Manifest, list[Row], Summary]:
    """The study in the folder ``path``: its manifest, its rows by seed and algorithm, and its summary.

    Raises:
        BadInput: a file is missing, cut short or damaged; the message names it.
    """
    with _reported(path, "read"):
        target = path.resolve()
        _finish_swap(target)
        manifest = load_manifest(path, target)
        files = {name: _checked(path / name, target / name, digest) for name, digest in manifest.files.items()}
    for name in (ROWS, SUMMARY):
        if name not in files:
            raise BadInput(f"{path / MANIFEST} does not name {name}: the study in {path} is not complete")
    try:
        summary = msgspec.json.decode(files[SUMMARY], type=Summary)
    except msgspec.MsgspecError as error:
        raise BadInput(f"{path / SUMMARY} is not a summary of this program: {error}") from error
    return manifest, rows_from_parquet(files[ROWS], path / ROWS), summary


def _checked(path: Path, target: Path, digest: str) -> bytes:
    try:
        data = target.read_bytes()
    except FileNotFoundError as error:
        raise BadInput(f"{path} is missing, but {MANIFEST} names it") from error
    if _digest(data) != digest:
        raise BadInput(f"{path} is damaged or was changed: its SHA-256 is not the one in {MANIFEST}")
    return data


def _check_free(path: Path, target: Path, *, replace: bool) -> None:
    _finish_swap(target)
    if not target.exists():
        return
    if not target.is_dir():
        raise BadInput(f"{path} is a file, not a folder", accepted="another --out")
    if not any(target.iterdir()):
        return
    if not replace:
        raise BadInput(f"{path} is not empty", accepted="another --out, or --replace to replace the study in it")
    if target.is_mount():
        raise BadInput(f"{path} is a mount, which cannot be replaced", accepted="a folder below it as --out")
    try:
        load_manifest(path, target)
    except BadInput as error:
        raise BadInput(
            f"--replace only replaces a finished study: {error.problem}",
            accepted=f"another --out, or remove {path} yourself",
        ) from error


def _beside(target: Path, what: str) -> Path:
    return target.with_name(f".{target.name}.{what}")


def _lock(path: Path, folder: Path) -> int:
    """Keeps other runs out of ``folder`` while the result is open; the system lets go when this process ends."""
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Another run may have put this very folder in its place between the two calls above.
        ours = folder.exists() and folder.samestat_of(lock)  # type: ignore[attr-defined]
    except BlockingIOError:
        ours = False
    if not ours:
        os.close(lock)
        raise BadInput(f"another run is writing {path}", accepted="another --out, or wait until it has ended")
    return lock


def _empty(folder: Path) -> None:
    for entry in sorted(folder.iterdir()):
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def _write_whole(path: Path, data: bytes) -> None:
    """Writes under another name and renames, so that under its own name the file is whole or not there."""
    partial = _beside(path, "partial")
    try:
        with partial.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except BaseException:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise
