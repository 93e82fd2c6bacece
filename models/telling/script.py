"""What the script does, of the steps of a schedule or a run."""

from __future__ import annotations

from models.faults.fault import STOP, Over, SpendFault, Turn
from models.faults.namespace import Heard
from models.kube.calls import DeleteCollection, GetObject, ListObjects
from sim.core import Step

USERS = "users"


def acts(step: Step) -> bool:
    """Whether a step is one of the script that does something: neither waits, nor looks; or does no more."""
    request = step.request
    if step.domain != USERS or isinstance(request, Over | Heard | SpendFault | GetObject):
        return False
    if isinstance(request, Turn):
        return bool(step.response == STOP)
    looks = isinstance(request, ListObjects) and not isinstance(request, DeleteCollection)
    return not looks and bool(request.words(step.choice, step.response) and request.matters(step.response))
