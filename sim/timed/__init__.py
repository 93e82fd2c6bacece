"""The driver that owns time: SimPy processes, named delays, limiters, due times."""
