"""How S7 names an own EndpointSlice, and finds it again (FACTS H7; docs/FACTS.md C30)."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any, Protocol

import msgspec
from msgspec.structs import replace

from models.kube.calls import NAMESPACE_NOT_FOUND, UNREACHABLE, Listed
from models.kube.create_or_update import LIST_FAILED, create_or_update, create_or_update_listed
from models.kube.objects import ENDPOINT_SLICES, LIGHTHOUSE_SLICES, EndpointSlice, origin_of
from models.releases.parts import RETRIES_LISTS

if TYPE_CHECKING:
    from models.submariner.agent.slice_controller import SliceController
    from sim.core import Request

Handling = Generator["Request", Any, bool]
Identity = dict[str, str]


class OwnSlices(Protocol):
    """Both return True if it must be tried again."""

    def distribute(self, controller: SliceController, wanted: EndpointSlice, identity: Identity) -> Handling:
        """Create or update the slice."""
        ...

    def delete(self, controller: SliceController, identity: Identity) -> Handling:
        """Delete the slice of one source, of a headless service."""
        ...


class Generated(msgspec.Struct, frozen=True):
    """generateName, and a list by labels: those that identify it, or all that it is to have (PR #1657)."""

    by_all_labels: bool = False

    def distribute(self, controller: SliceController, wanted: EndpointSlice, identity: Identity) -> Handling:
        where: dict[str, Any] = {**identity, "labels": wanted.labels} if self.by_all_labels else {**identity}
        result = yield from create_or_update_listed(controller.agent.local, wanted, where)
        if result is LIST_FAILED and not controller.agent.release.does(RETRIES_LISTS):
            yield from controller.panic()
        return not result and result is not NAMESPACE_NOT_FOUND  # without its namespace it is dropped

    def delete(self, controller: SliceController, identity: Identity) -> Handling:
        """A list by the name of the source, and a delete of the first that is found."""
        local, namespace = controller.agent.local, controller.service_key.split("/")[0]
        listed = yield local.list(ENDPOINT_SLICES, LIGHTHOUSE_SLICES, namespace, identity, origin_of)
        if not isinstance(listed, Listed):
            return True
        for found in listed.items[:1]:
            return (yield local.delete(ENDPOINT_SLICES, namespace, found.name, LIGHTHOUSE_SLICES)) is UNREACHABLE
        return False


class Fixed(msgspec.Struct, frozen=True):
    """``<service>-<namespace>-<cluster>``, found by its name; of a headless service its source stands for it (0.15)."""

    def _name(self, controller: SliceController, source: str) -> str:
        namespace, service = controller.service_key.split("/")
        return f"{source or service}-{namespace}-{controller.agent.cluster}"

    def distribute(self, controller: SliceController, wanted: EndpointSlice, identity: Identity) -> Handling:
        named = replace(wanted, name=self._name(controller, wanted.source), generate_name=False)
        result = yield from create_or_update(controller.agent.local, named)
        return not result and result is not NAMESPACE_NOT_FOUND

    def delete(self, controller: SliceController, identity: Identity) -> Handling:
        local, namespace = controller.agent.local, controller.service_key.split("/")[0]
        name = self._name(controller, identity["source"])
        return (yield local.delete(ENDPOINT_SLICES, namespace, name, LIGHTHOUSE_SLICES)) is UNREACHABLE


BY_IDENTITY = Generated()
BY_ALL_LABELS = Generated(by_all_labels=True)
FIXED_NAME = Fixed()
