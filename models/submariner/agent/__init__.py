"""The lighthouse agent, one file per syncer; the numbers S1 to S7 and H1 to H14 are those of docs/FACTS.md."""
