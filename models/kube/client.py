"""Clients of API servers: they make the calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from models.kube.api_server import ApiServer
from models.kube.calls import (
    Create,
    CreateGenerated,
    Delete,
    DeleteCollection,
    GetObject,
    GetPart,
    ListObjects,
    Ping,
    Update,
    UpdatePart,
    UpdateStatus,
    Versioned,
)
from models.kube.objects import KubeObject
from sim.core import Link, Part


class Client:
    """A client of one API server over one link: makes requests."""

    def __init__(self, link: Link, api: ApiServer) -> None:
        self.link = link
        self.api = api

    def __repr__(self) -> str:
        return f"client {self.link.name}"

    def get(self, kind: str, namespace: str, name: str, part: Part | None = None) -> GetObject:
        return GetObject(self.link, self.api, kind, namespace, name, part)

    def list(
        self, kind: str, topic: str, namespace: str = "", where: Mapping[str, str] | None = None,
        part: Part | None = None,
    ) -> ListObjects:  # fmt: skip
        return ListObjects(self.link, self.api, kind, topic, namespace, tuple((where or {}).items()), part)

    def create(self, obj: KubeObject) -> Create:
        return Create(self.link, self.api, obj)

    def create_generated(self, obj: KubeObject) -> CreateGenerated:
        return CreateGenerated(self.link, self.api, obj)

    def update(self, obj: KubeObject, read: KubeObject) -> Update:
        return Update(self.link, self.api, obj, read)

    def update_status(self, obj: KubeObject, read: KubeObject) -> UpdateStatus:
        return UpdateStatus(self.link, self.api, obj, read)

    def get_part(self, kind: str, namespace: str, name: str, part: Part) -> GetPart:
        return GetPart(self.link, self.api, kind, namespace, name, part)

    def update_part(self, obj: KubeObject, read: Versioned, part: Part, merge: Callable[[Any, Any], Any]) -> UpdatePart:
        return UpdatePart(self.link, self.api, obj, read, part, merge)

    def delete(self, kind: str, namespace: str, name: str, topic: str = "", read: Any = None) -> Delete:
        return Delete(self.link, self.api, kind, namespace, name, topic or kind, read)

    def delete_collection(self, kind: str, topic: str, namespace: str, where: Mapping[str, str]) -> DeleteCollection:
        return DeleteCollection(self.link, self.api, kind, topic, namespace, tuple(where.items()))

    def call(self, what: str) -> Ping:
        return Ping(self.link, self.api, what)
