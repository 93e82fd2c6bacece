"""Clients of API servers: they make the calls."""

from __future__ import annotations

from typing import Any

from models.kube.api_server import ApiServer
from models.kube.calls import (
    Create,
    CreateGenerated,
    Delete,
    DeleteCollection,
    GetObject,
    ListObjects,
    Ping,
    Update,
    UpdateStatus,
)
from models.kube.objects import KubeObject
from sim.core import Link


class Client:
    """A client of one API server over one link: makes requests."""

    def __init__(self, link: Link, api: ApiServer) -> None:
        self.link = link
        self.api = api

    def __repr__(self) -> str:
        return f"client {self.link.name}"

    def get(self, kind: str, namespace: str, name: str) -> GetObject:
        return GetObject(self.link, self.api, kind, namespace, name)

    def list(self, kind: str, topic: str, namespace: str = "", **where: str) -> ListObjects:
        return ListObjects(self.link, self.api, kind, topic, namespace, tuple(where.items()))

    def create(self, obj: KubeObject) -> Create:
        return Create(self.link, self.api, obj)

    def create_generated(self, obj: KubeObject) -> CreateGenerated:
        return CreateGenerated(self.link, self.api, obj)

    def update(self, obj: KubeObject, read: KubeObject) -> Update:
        return Update(self.link, self.api, obj, read)

    def update_status(self, obj: KubeObject, read: KubeObject) -> UpdateStatus:
        return UpdateStatus(self.link, self.api, obj, read)

    def delete(self, kind: str, namespace: str, name: str, topic: str = "", read: Any = None) -> Delete:
        return Delete(self.link, self.api, kind, namespace, name, topic or kind, read)

    def delete_collection(self, kind: str, topic: str, namespace: str, **where: str) -> DeleteCollection:
        return DeleteCollection(self.link, self.api, kind, topic, namespace, tuple(where.items()))

    def call(self, what: str) -> Ping:
        return Ping(self.link, self.api, what)
