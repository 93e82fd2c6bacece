"""A results folder: written whole or not at all, and checked when it is read."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import importlib.metadata
import os
import platform
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self

import msgspec

from sim.core.errors import BadInput
from sim.study.rows import Row, Summary

MANIFEST, ROWS, SUMMARY = "manifest.json", "rows.parquet", "summary.json"
PARTIAL, COMPLETE, OLD = ".partial", ".complete", ".old"
"""The ends of hidden names: not yet whole; whole, but not yet in its place; to be deleted."""
PROGRAM = "multicluster-sim"
LIBRARIES = ("matplotlib", "msgspec", "numpy", "pyarrow", "scipy", "simpy")
"""The libraries that can change a byte of a result."""


class Taken(BadInput):
    """The folder holds another study, or another run is writing it: another name may be free."""


class Manifest(msgspec.Struct, frozen=True, tag_field="program", tag=PROGRAM):
    """What a study was made from, and the SHA-256 of each of its files. The same for the same input, on any machine.

    ``versions`` is that of :func:`versions`. ``files`` is filled in by :meth:`ResultsFolder.write_manifest`.
    """

    command: str
    scenario: str
    settings: dict[str, Any]
    seeds: str
    algorithms: list[str]
    versions: dict[str, str]
    scenario_digest: str
    files: dict[str, str] = {}


def versions() -> dict[str, str]:
    """The versions of Python, this program and the libraries that can change a result."""
    found = {"python": platform.python_version()}
    for name in (PROGRAM, *LIBRARIES):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "not installed"  # this program, run from its source
    return found


def as_json(value: Manifest | Summary) -> str:
    """The JSON text of a manifest or summary: keys sorted, indented, with a line end; always the same bytes."""
    return msgspec.json.format(msgspec.json.encode(value, order="sorted"), indent=2).decode() + "\n"


class ResultsFolder:
    """The folder of one study while it is written.

    The files are collected in a hidden folder, and :meth:`finish` puts them in their place: as one folder, or one by
    one, the manifest last, where an empty folder exists (it may be a mount, which cannot be renamed). So a kill leaves
    no half study, and what it leaves in the hidden folder the next run takes away.

    As a context manager it takes away what was written if the study was not finished.
    """

    def __init__(self, path: Path, target: Path, collected_in: Path, lock: int, *, replaces: bool) -> None:
        self.path = path
        self._target = target
        self._collected_in = collected_in
        self._lock: int | None = lock
        self._replaces = replaces
        self._digests: dict[str, str] = {}

    @classmethod
    def create(cls, path: Path, *, replace: bool = False) -> Self:
        """A new folder at ``path``, or with ``replace`` one that will take the place of the finished study there.

        Raises:
            BadInput: ``path`` holds something that may not be replaced, or another run is writing it, or it cannot be
                written.
        """
        with _reported("write", path):
            target = path.resolve()
            _put_in_place(target)
            occupied = _check_free(path, target, replace=replace)
            in_place = target.exists() and not occupied
            collected_in = target / PARTIAL if in_place else _beside(target, PARTIAL)
            collected_in.mkdir(parents=True, exist_ok=True)
            lock = _lock(path, collected_in)
            _empty(collected_in)
            return cls(path, target, collected_in, lock, replaces=occupied)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.abandon()

    def write_text(self, name: str, text: str) -> None:
        """Writes a text file, in UTF-8. Raises BadInput if it cannot be written."""
        self.write_bytes(name, text.encode())

    def write_bytes(self, name: str, data: bytes) -> None:
        """Writes a file. Raises BadInput if it cannot be written; no part of it is left then."""
        assert Path(name).name == name, f"{name!r} is no plain file name"
        assert MANIFEST not in self._digests, f"{name} is written after the manifest"
        with _reported("write", self.path / name):
            _write_whole(self._collected_in / name, data)
        self._digests[name] = hashlib.sha256(data).hexdigest()

    def write_rows(self, rows: Sequence[Row]) -> None:
        """Writes the rows as a table, by seed and algorithm: the same rows in any order give the same bytes."""
        self.write_bytes(ROWS, _parquet_of(sorted(rows, key=lambda row: (row.seed, row.algorithm))))

    def write_summary(self, summary: Summary) -> None:
        """Writes the summary as JSON. Raises BadInput if it cannot be written."""
        self.write_text(SUMMARY, as_json(summary))

    def write_manifest(self, manifest: Manifest) -> None:
        """Writes the manifest, with the digests of all files; nothing may be written after it."""
        self.write_text(MANIFEST, as_json(msgspec.structs.replace(manifest, files=dict(self._digests))))

    def finish(self) -> None:
        """Puts the complete folder in its place; files that a replaced study does not name (notes) move along.

        Raises:
            BadInput: it cannot be put in its place, or another run has filled that meanwhile.
        """
        assert MANIFEST in self._digests, "a folder without a manifest is not finished"
        with _reported("write", self.path):
            if self._collected_in.parent == self._target:
                for name in self._digests:
                    (self._collected_in / name).replace(self._target / name)
                self._collected_in.rmdir()
            else:
                if not self._replaces and self._target.exists():
                    raise BadInput(f"{self.path} was made by another run meanwhile", accepted="another --out")
                if self._replaces:
                    _carry_over(self._target, self._collected_in)
                self._collected_in.rename(_beside(self._target, COMPLETE))
                _put_in_place(self._target)
        self._release()

    def abandon(self) -> None:
        """Takes away what was written, unless the folder is finished."""
        if self._lock is None:
            return
        shutil.rmtree(self._collected_in, ignore_errors=True)
        self._release()

    def _release(self) -> None:
        if self._lock is not None:
            _held.discard(self._lock)
            os.close(self._lock)
            self._lock = None


def read(path: Path) -> tuple[Manifest, list[Row], Summary]:
    """The study in the folder ``path``: its manifest, its rows by seed and algorithm, and its summary.

    Raises:
        BadInput: a file is missing, cut short, damaged or changed; the message names it.
    """
    with _reported("read", path):
        _put_in_place(path.resolve())
        manifest = _read_manifest(path)
    files = {name: _read_checked(path / name, digest) for name, digest in manifest.files.items()}
    for name in (ROWS, SUMMARY):
        if name not in files:
            raise BadInput(f"{path / MANIFEST} does not name {name}, so the study is not complete")
    try:
        summary = msgspec.json.decode(files[SUMMARY], type=Summary)
    except msgspec.MsgspecError as error:
        raise BadInput(f"{path / SUMMARY} is not a summary: {error}") from error
    return manifest, _rows_of(files[ROWS], path / ROWS), summary


def _read_manifest(path: Path) -> Manifest:
    if not path.exists():
        raise BadInput(f"{path} does not exist")
    try:
        return msgspec.json.decode((path / MANIFEST).read_bytes(), type=Manifest)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise BadInput(f"{path} holds no {MANIFEST}, so it is not a finished study") from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BadInput(f"{path / MANIFEST} is not a manifest of this program, or damaged: {error}") from error


def _read_checked(path: Path, digest: str) -> bytes:
    with _reported("read", path):
        data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != digest:
        raise BadInput(f"{path} is damaged or was changed: its SHA-256 is not the one in {MANIFEST}")
    return data


def _parquet_of(rows: Sequence[Row]) -> bytes:
    # Imported here and below, because a command that writes no table need not wait for it.
    import pyarrow as pa
    import pyarrow.json
    import pyarrow.parquet

    types = {int: pa.int64(), float: pa.float64(), str: pa.string(), bool: pa.bool_(), float | None: pa.float64()}
    schema = pa.schema([(field.name, types[field.type]) for field in msgspec.structs.fields(Row)])
    table = pa.Table.from_batches([], schema)
    if rows:  # told as JSON, as an array from Python's values asks pandas first, which takes long to import
        lines = msgspec.json.Encoder().encode_lines(rows)
        table = pyarrow.json.read_json(
            pa.BufferReader(lines),
            pyarrow.json.ReadOptions(use_threads=False, block_size=len(lines) + 1),  # threads: see below
            pyarrow.json.ParseOptions(explicit_schema=schema),
        )
    sink = pa.BufferOutputStream()
    pyarrow.parquet.write_table(table, sink, compression="zstd")
    data: bytes = sink.getvalue().to_pybytes()
    return data


def _rows_of(parquet: bytes, path: Path) -> list[Row]:
    import pyarrow as pa
    import pyarrow.parquet

    try:
        # Without threads: one that still ends while the process does aborts it, once in some thousand commands.
        # (read_table starts one that reads ahead, whatever it is told.)
        table = pyarrow.parquet.ParquetFile(pa.BufferReader(parquet), pre_buffer=False).read(use_threads=False)
        return msgspec.convert(table.to_pylist(), list[Row])
    except (pa.ArrowException, OSError, msgspec.ValidationError) as error:
        raise BadInput(f"{path} is not a table of runs: {str(error).splitlines()[0]}") from error


@contextmanager
def _reported(what: str, path: Path) -> Iterator[None]:
    """Errors of the system become errors of the user, who chose the path."""
    try:
        yield
    except OSError as error:
        raise BadInput(f"cannot {what} {path}: {error.strerror or error}") from error


def _check_free(path: Path, target: Path, *, replace: bool) -> bool:
    """Whether ``path`` holds a study to replace. Raises BadInput if it holds anything else."""
    if not target.exists():
        return False
    if not target.is_dir():
        raise BadInput(f"{path} is a file, not a folder", accepted="another --out")
    if all(entry.name == PARTIAL for entry in target.iterdir()):
        return False
    if not replace:
        raise Taken(f"{path} is not empty", accepted="another --out, or --replace to replace the study in it")
    if target.is_mount():
        raise BadInput(f"{path} is a mount, which cannot be replaced as a whole", accepted="a folder below it as --out")
    try:
        _read_manifest(path)
    except BadInput as error:
        raise BadInput(
            f"--replace replaces only a finished study: {error.problem}",
            accepted="another --out, or remove it yourself",
        ) from error
    return True


def _beside(path: Path, what: str) -> Path:
    return path.with_name(f".{path.name}{what}")


_held: set[int] = set()
"""The locks of this process, as descriptors."""


def _let_go_in_a_worker() -> None:
    """A forked worker would go on holding the locks of a parent that was killed."""
    while _held:
        os.close(_held.pop())


os.register_at_fork(after_in_child=_let_go_in_a_worker)


def _lock(path: Path, folder: Path) -> int:
    """Keeps other runs out of ``folder`` until the descriptor is closed, at the latest when the process ends."""
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Another run may have put this very folder in its place before it was locked here.
        if os.path.samestat(os.fstat(lock), folder.stat()):
            _held.add(lock)
            return lock
    except (BlockingIOError, FileNotFoundError):
        pass
    os.close(lock)
    raise Taken(f"another run is writing {path}", accepted="another --out, or the same when that run has ended")


def _empty(folder: Path) -> None:
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def _write_whole(path: Path, data: bytes) -> None:
    """Writes under another name and renames, so that the file is whole under its own name, or not there."""
    partial = _beside(path, PARTIAL)
    try:
        with partial.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except BaseException:
        with suppress(OSError):
            partial.unlink()
        raise


def _carry_over(old: Path, new: Path) -> None:
    """Copies what a person has added to the old study."""
    written = {MANIFEST, *_read_manifest(old).files}
    for entry in old.iterdir():
        if entry.name in written or (new / entry.name).exists():
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.copytree(entry, new / entry.name, symlinks=True)
        else:
            shutil.copy2(entry, new / entry.name, follow_symlinks=False)


def _put_in_place(target: Path) -> None:
    """Puts a complete study, if one waits beside ``target``, in its place.

    A kill at any moment leaves the old study or the new one whole, and the next call does the rest.
    """
    complete, old = _beside(target, COMPLETE), _beside(target, OLD)
    if not complete.exists():
        return
    if target.exists():
        shutil.rmtree(old, ignore_errors=True)
        try:
            target.rename(old)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            shutil.rmtree(target)  # a folder of a lower layer of an overlay can be deleted but not renamed
    complete.rename(target)
    shutil.rmtree(old, ignore_errors=True)
