"""Renamings of clusters under which a scenario stays as it is, applied to everything that a world is made of.

Which object of one cluster stands for which of another is found by walking both along the same attributes. Names in
values are renamed piece by piece: clusters, hosts, local ServiceImports and generated EndpointSlices. A list by name
stays one. Whether steps respect a renaming is not known here: who uses one checks it (handlers go through lists by
name, so some do not).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import suppress
from enum import Enum
from itertools import pairwise
from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from models.kube.objects import KubeObject, ServiceExport
from models.scenarios.alone import symmetries
from models.scenarios.scenario import ScenarioFile
from models.submariner.names import local_import_name
from sim.core import Cell, Domain, Link
from sim.core.model import NoImage

if TYPE_CHECKING:
    from models.model import ScenarioModel
    from models.releases.fleet import Fleet
    from models.releases.release import Release

PIECES = re.compile(r"([/ ])")
Names = dict[str, str]


def renamings(model: ScenarioModel, scenario: ScenarioFile, release: Release | Fleet) -> list[ClusterRenaming]:
    """Renamings of which all others that keep the scenario, and who exports what, are made."""
    exports = set(model.topology.exports)
    kept = [
        to
        for to in symmetries(scenario, release)
        if {replace(export, cluster=to[export.cluster]) for export in exports} == exports
    ]
    taken = _generators(kept) if not _collide(model, kept) else []
    out = []
    for to in taken:
        with suppress(NoImage):  # an operation is about a cluster in a way that the symmetries of a script know not
            out.append(ClusterRenaming(model, to, _hosts(scenario.hosts, to)))
    return out


def _generators(group: list[Names]) -> list[Names]:
    """Some renamings from which all of a group are made."""
    made: list[Names] = [{name: name for name in to} for to in group[:1]]
    out: list[Names] = []
    for to in group:
        if to not in made:
            out.append(to)
            for before in made:  # grows while it is gone through
                made += [after for g in out if (after := {n: g[before[n]] for n in before}) not in made]
    return out


def _collide(model: ScenarioModel, group: list[Names]) -> bool:
    """Whether a service or namespace is called like a cluster, so that names do not say what they are of."""
    pieces = {piece for key in model.topology.service_keys() for piece in key.split("/")}
    return any(name in pieces for to in group for name in to)


def _hosts(hosts: Mapping[str, Any], to: Names) -> Names:
    by_clusters = {frozenset(on): host for host, on in hosts.items()}
    return {host: by_clusters[frozenset(to[cluster] for cluster in on)] for host, on in hosts.items()}


class ClusterRenaming:
    """Implements :class:`sim.core.model.Renaming`."""

    def __init__(self, model: ScenarioModel, clusters: Names, hosts: Names) -> None:
        self.clusters = clusters
        topology = model.topology
        self._words = {**hosts, **clusters}
        for key in topology.service_keys():
            for one, other in clusters.items():
                self._words[local_import_name(key, one)] = local_import_name(key, other)
        services = "|".join(re.escape(key.split("/")[1]) for key in topology.service_keys())
        self._generated = re.compile(rf"({services})-({'|'.join(map(re.escape, clusters))})(\d+)")
        numbers = {export: number for number, export in enumerate(topology.exports, start=1)}
        self._ages = {n: numbers[replace(e, cluster=clusters[e.cluster])] for e, n in numbers.items()}
        self._images: dict[Any, Any] = {}  # objects of a model are compared by identity
        self._kinds: tuple[tuple[type, Callable[[Any], Any]], ...] = (
            (str, self._word), (tuple, self._listed), (msgspec.Struct, self._struct), (MethodType, self._method),
            (Domain, self.domain), (Cell, self.cell),
        )  # fmt: skip
        self._walk(model, model)
        self._operations = self._paired(model)

    def __repr__(self) -> str:
        return ", ".join(f"{one} for {other}" for one, other in self.clusters.items() if one != other)

    # -- objects of the model --------------------------------------------------------------------------------------

    def _walk(self, first: Any, second: Any) -> None:
        todo = [(first, second)]
        while todo:
            one, other = todo.pop()
            if type(one) is not type(other):
                raise NoImage(f"{one!r} and {other!r} differ")
            if self._images.setdefault(one, other) is not other:
                raise NoImage(f"{one!r} is paired with {other!r} and another")
            todo += [pair for pair in self._attributes(one, other) if pair[0] not in self._images]

    def _attributes(self, one: Any, other: Any) -> Iterator[tuple[Any, Any]]:
        names = vars(one) if hasattr(one, "__dict__") else () if isinstance(one, Domain) else type(one).__slots__
        for name in names:
            mine, theirs = getattr(one, name), getattr(other, name)
            if isinstance(mine, dict):
                yield from self._entries(mine, theirs)
            elif _is_part(mine) and theirs is not None:
                yield mine, theirs

    def _entries(self, mine: dict[Any, Any], theirs: dict[Any, Any]) -> Iterator[tuple[Any, Any]]:
        for key, value in mine.items():
            if _is_part(value) and not isinstance(key, Domain | Cell):
                image = theirs.get(self.value(key))
                if image is not None:
                    yield value, image

    def _paired(self, model: ScenarioModel) -> Names:
        """The processes of the script: equal operations in their order."""
        names = {f"operation {n:03} {each.name}": each for n, each in enumerate(model.operations, start=1)}
        left = list(names.items())
        out: Names = {}
        for name, operation in names.items():
            image = self.value(operation)
            found = next((each for each in left if each[1] == image), None)
            if found is None:
                raise NoImage(f"no operation is {image}")
            left.remove(found)
            out[name] = found[0]
        return out

    # -- what worlds are made of -----------------------------------------------------------------------------------

    def domain(self, domain: Domain) -> Domain:
        """The domain that stands for a domain."""
        found: Domain | None = self._images.get(domain)
        if found is None:
            raise NoImage(f"{domain} was not met")
        return found

    def process(self, domain: Domain, name: str) -> str:
        """The name of the process that stands for a process of the domain."""
        return self._operations.get(name) or self._word(name)

    def cell(self, cell: Cell) -> Cell:
        """The cell that stands for a cell."""
        own = cell.name.removeprefix(f"{cell.domain.name}/")
        found = self.domain(cell.domain).cell(self._word(own))
        if type(found) is not type(cell):
            raise NoImage(f"{found} is no channel, {cell} is one")
        return found

    def value(self, value: Any) -> Any:
        """The value with other names."""
        if isinstance(value, Enum | FunctionType | int | float | type | None):
            return value
        for kind, rename in self._kinds:
            if isinstance(value, kind):
                return rename(value)
        found = self._images.get(value) if isinstance(value, Hashable) else None
        if found is None:
            raise NoImage(f"{value!r} was not met")
        return found

    def _method(self, value: MethodType) -> MethodType:
        return MethodType(value.__func__, self.value(value.__self__))

    def response(self, value: Any) -> Any:
        """A response with other names; a number is the time of an export."""
        return self._ages.get(value, value) if type(value) is int else self.value(value)

    def _word(self, text: str) -> str:
        """The same object where nothing changes: handlers tell some words apart by identity."""
        pieces = PIECES.split(text)
        images = [self._piece(piece) for piece in pieces]
        return text if images == pieces else "".join(images)

    def _piece(self, piece: str) -> str:
        found = self._words.get(piece)
        if found is not None:
            return found
        made = self._generated.fullmatch(piece)
        return f"{made[1]}-{self.clusters[made[2]]}{made[3]}" if made else piece

    def _listed(self, values: tuple[Any, ...]) -> tuple[Any, ...]:
        """The images, in order if the values are in order: of names, or of the names of objects."""
        if len(values) == 2 and values[0] in self.clusters and type(values[1]) is int:
            return self.clusters[values[0]], self.response(values[1])  # the time of its export
        images = tuple(self.value(each) for each in values)
        if all(image is each for image, each in zip(images, values, strict=True)):
            return values
        if all(isinstance(each, KubeObject) for each in values):
            is_sorted = all(a.key <= b.key for a, b in pairwise(values))
            return tuple(sorted(images, key=lambda each: each.key)) if is_sorted else images
        try:
            return tuple(sorted(images)) if list(values) == sorted(values) else images
        except TypeError:
            return images

    def _struct(self, value: Any) -> Any:
        if isinstance(value, ServiceExport):
            value = replace(value, created=self.response(value.created))
        images = {name: self.value(getattr(value, name)) for name in value.__struct_fields__}
        changed = {name: image for name, image in images.items() if image is not getattr(value, name)}
        return replace(value, **changed) if changed else value


def _is_part(value: Any) -> bool:
    """Whether an attribute is an object with attributes, or a domain: not a value, a list or a cell."""
    if isinstance(value, Domain | Link):
        return True
    return type(value).__module__.startswith("models.") and not isinstance(
        value, msgspec.Struct | Enum | FunctionType | type
    )
