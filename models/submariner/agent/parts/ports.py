"""How the ports of an aggregate come about (docs/FACTS.md C2 and C30)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from models.kube.objects import EndpointSlice

Ports = tuple[str, ...]
Stamps = tuple[tuple[str, int], ...]


def first_of_each_name(offers: Iterable[Ports]) -> Ports:
    """The ports of all by name; of one name, the first."""
    by_name: dict[str, str] = {}
    for ports in offers:
        for port in ports:
            by_name.setdefault(port.split(":")[0], port)
    return tuple(by_name.values())


def every_port(offers: Iterable[Ports]) -> Ports:
    """The ports of all, each name with each number once."""
    return tuple(dict.fromkeys(port for ports in offers for port in ports))


class PortRule(msgspec.Struct, frozen=True):
    """How offers become one list of ports, and who puts it into the aggregate.

    ``merge`` takes offers in their order of precedence. ``by_age``: only slices of clusters with a timestamp, the
    oldest first; else all slices as they are listed. ``from_slices``: whoever syncs or removes a slice lists all of
    them and writes; else the exporter that takes precedence does, from the imports of all.
    """

    merge: Callable[[Iterable[Ports]], Ports]
    by_age: bool = False
    from_slices: bool = True

    def of_slices(self, timestamps: Stamps, slices: Iterable[EndpointSlice]) -> Ports:
        """The ports of the slices of one service."""
        if not self.by_age:
            return self.merge(slice_.ports for slice_ in slices)
        age = dict(timestamps)
        exporters = [slice_ for slice_ in slices if slice_.source_cluster in age]  # others have no say (FACTS C2)
        exporters.sort(key=lambda s: (age[s.source_cluster], s.source_cluster, s.name))
        return self.merge(slice_.ports for slice_ in exporters)


OLDEST_FIRST = PortRule(first_of_each_name, by_age=True)
"""Since 0.19: by name, the oldest exporter's first (``service_import_aggregator.go:setServicePorts`` at 9d3c39e)."""
EVERY_PORT = PortRule(every_port)
"""Before 0.19: ``setServicePorts`` unites by name and number, whoever exports."""
PRECEDENT_EXPORTER = PortRule(first_of_each_name, from_slices=False)
"""Since 0.22: S6 of the exporter that takes precedence (``service_import.go:onRemoteServiceImport`` at 1681e3f)."""
