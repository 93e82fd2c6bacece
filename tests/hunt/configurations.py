"""Small configurations of hunts, by the words that they end with, and races that they show."""

from __future__ import annotations

from models.catalogue import CATALOGUE
from sim.core.hunting import Configuration

HUNTER = CATALOGUE.hunter()
LOSING = {
    "R1": "unexport in a, then export in a",
    "N1": "type becomes Headless in a, then aggregates deleted by hand",
    "R2": "aggregates deleted by hand, then ports change in a",
    "R5": "; aggregates deleted by hand",
    "R12": "unexport in a, then agent of a crashes",
    "R17": "ports change in a, then delete the Service in a",
    "N2": "agent of a crashes, then unexport in a",
    "N3": "unexport in a, then type becomes Headless in a",
    "R1c": "; type becomes Headless in a",
    "R9": "unexport in a with the Service gets a label in b",
    "R13": "a gap in its watch of serviceexports, then the ServiceExport made anew in a",
    "R4": "a gap in its watch of namespaces, then the namespace made anew in b",
    "R11": "b: Headless; exported from a and b; unexport in b",
    "R5 (broker's slice)": "; broker-slice of a deleted by hand",
    "R5 (local import)": "; local-import of a deleted by hand",
    "R14": "the Service gets a label in a, then delete the Service in a",
    "R15": "not exported yet; export in a, then a call of the agent of a fails",
    "M6": "not exported yet; export in a, then a call of the agent of a fails",
    "N6": "export in a, then a status update of the agent of a fails",
    "R23": "the namespace goes in b, then agent of b crashes, then the namespace comes back in b",
}
"""Races and small configurations that show them."""


def configuration(words: str) -> Configuration:
    """The smallest configuration that ends with these words."""
    both = [*HUNTER.configurations("tiny"), *HUNTER.configurations("small")]
    return next(each for each in both if each.words.endswith(words))
