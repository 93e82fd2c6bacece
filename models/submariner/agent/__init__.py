"""The lighthouse agent, one file per syncer.

The names of syncers (S1), handlers (H1), reconciles (R-a) and races (R1) are explained in docs/FACTS.md C1, C9, C12
and C16.
"""
