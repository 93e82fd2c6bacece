"""CreateOrUpdate, Update and their conflict retries.

Source: admiral ``pkg/util/create_or_update.go`` (``maybeCreateOrUpdate``) and ``pkg/federate`` at bb36a19
(docs/FACTS.md C4): status and the rest are written by two calls; NotFound of an UpdateStatus is swallowed; a conflict
starts again.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from typing import Any, TypeVar

from msgspec.structs import replace

from models.kube.calls import ALREADY_EXISTS, CONFLICT, NOT_FOUND, Failure, Listed
from models.kube.client import Client
from models.kube.objects import KubeObject
from sim.core import Request, Sleep, by_result

LIST_FAILED = Failure("the list failed")
TRIES = 5
"""client-go ``retry.DefaultRetry``: 5 tries, 10 ms apart."""

T = TypeVar("T")
Outcome = Generator[Request, Any, Any]
"""Yields requests, returns the stored object, or what is told of it, or a Failure."""


def was_written(_before: Any, _stored: Any) -> bool:
    """What most callers want to know of an object that they made as desired: that it is."""
    return True


def create_or_update(
    client: Client,
    desired: Any,
    mutate: Callable[[Any], Any] | None = None,
    meanwhile: Callable[[Any, Any], Generator[Request, Any, None]] | None = None,
    *,
    make: Callable[[Any], Outcome] | None = None,
    told: Callable[[Any, Any], Any] = was_written,
    always_put: bool = False,
) -> Outcome:
    """Make the object as desired. ``mutate`` makes the desired object from the existing one (default: replace it);
    ``meanwhile`` is what upstream's mutate function does beside that, given the existing and the desired object.
    ``make`` completes the desired object where it is to be created (``MutateOnCreate``). Returns what ``told`` makes of
    the object that was there, or None, and of the one that is stored; or a Failure.

    ``always_put`` sends an update even where nothing differs: the federator of aggregate copies compares ``labels: {}``
    with absent labels (FACTS M5).
    """

    def attempt() -> Outcome:
        found = yield client.get(desired.kind, desired.namespace, desired.name)
        if found is NOT_FOUND:
            completed = (yield from make(desired)) if make else desired
            stored = (yield from _create(client, completed)) if completed else completed
            return told(None, stored) if stored else stored
        if not found:
            return found
        wanted = mutate(found) if mutate else desired
        if meanwhile is not None:
            yield from meanwhile(found, wanted)
        stored = yield from write_differences(client, found, wanted, always_put=always_put)
        return told(found, stored) if stored else stored

    return (yield from retry_on_conflict(attempt, holds=make is not None))


def retry_on_conflict(
    attempt: Callable[[], Generator[Request, Any, T]], *, holds: bool = False
) -> Generator[Request, Any, T | Failure]:
    """Attempt it again while it conflicts (``retry.OnError``). ``holds``: an attempt keeps something for the next."""
    for _ in range(TRIES):
        result = yield from (attempt() if holds else by_result(attempt()))
        if result is not CONFLICT:
            return result
        yield Sleep("conflict-retry")
    return CONFLICT


def create_or_update_listed(client: Client, desired: Any, identity: Mapping[str, str]) -> Outcome:
    """The same for an object with a generated name, found by its identifying labels. More than one match is an error.

    An error of the list panics the agent upstream (FACTS M6), so it is returned for the caller to crash on.
    """

    def attempt() -> Outcome:
        listed = yield client.list(desired.kind, desired.topic, desired.namespace, identity)
        if not isinstance(listed, Listed):
            return LIST_FAILED
        if len(listed.items) > 1:
            return Failure("found more than one")
        if not listed.items:
            stored = yield client.create_generated(desired)
        else:
            old = listed.items[0]
            wanted = replace(desired, name=old.name, generate_name=False)
            stored = yield from write_differences(client, old, wanted)
        return True if stored else stored

    return (yield from retry_on_conflict(attempt))


def _create(client: Client, desired: Any) -> Outcome:
    created = yield client.create(desired)
    if created is ALREADY_EXISTS:
        return CONFLICT
    if created and has_status(desired):
        updated = yield client.update_status(desired, created)
        if updated is NOT_FOUND:
            return created  # swallowed: the caller believes that the object is there (FACTS R2)
        return updated
    return created


def write_differences(client: Client, found: Any, wanted: Any, *, always_put: bool = False) -> Outcome:
    """Update the status if it is given and differs, then the rest if that differs.

    Where the object is not found at the first of the two, the second is tried nevertheless, and fails (FACTS C4).
    """
    if wanted == found and not always_put:
        return found
    status_differs = has_status(wanted) and status_of(wanted) != status_of(found)
    rest_differs = with_status_of(wanted, found) != found
    if status_differs:
        updated = yield client.update_status(wanted, found)
        if updated:
            found = updated
        elif updated is NOT_FOUND:
            rest_differs = True
        else:
            return updated
    if rest_differs or always_put:
        return (yield client.update(wanted, found))
    return found


def write_status_last(client: Client, found: Any, wanted: Any) -> Outcome:
    """The same the other way round: what is tried again after a failure in between finds the status as it was."""
    if with_status_of(wanted, found) != found:
        found = yield client.update(wanted, found)
        if not found:
            return found
    return (yield client.update_status(wanted, found)) if status_of(wanted) != status_of(found) else found


def status_of(obj: KubeObject) -> tuple[Any, ...]:
    """The values of the status subresource."""
    return tuple(getattr(obj, field) for field in obj.status_fields)


def has_status(obj: KubeObject) -> bool:
    """Whether any part of the status is set."""
    return any(status_of(obj))


def with_status_of(obj: Any, other: Any) -> Any:
    """The object with the status of another."""
    return replace(obj, **{field: getattr(other, field) for field in obj.status_fields}) if obj.status_fields else obj
