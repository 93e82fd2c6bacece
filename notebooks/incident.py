# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Can an exported service get lost when a host reboots?
#
# Two clusters on one host, the broker on one of them, services exported from both; the host reboots. Each seed is one
# reboot in simulated time, under lighthouse 0.19.0 and under 0.19.1, which has the fix of incident #3188.

# %%
# %matplotlib inline
from sim.study.exploration import explore

reboots = explore("incident", seeds=60)
reboots.table()

# %% [markdown]
# How it happens: the shortest failing run, told by following causes backwards from the write that lost the import.

# %%
for line in reboots.timeline():
    print(line)

# %% [markdown]
# The same run as lanes. Truth above, beliefs below; framed is what a component says while the opposite is true.

# %%
reboots.lanes()

# %% [markdown]
# One run again, with every step: what the agent of the broker's cluster asked its API servers in its first two seconds.

# %%
seed = reboots.summary.failure.seed
run = reboots.replay(seed, "0.19.0")
calls = [step for step in run.recorded if step.domain == "a/lighthouse-agent" and " on " in step.words()]
for step in calls[:24]:
    print(f"{step.at_ms / 1000:8.3f} s  {step.words()}")

# %% [markdown]
# ## Changing an assumption
#
# A host that suspends and resumes its containers restarts no agent, so the reconcile that loses imports never runs. If ip
# rules and routes are flushed meanwhile, connections stay broken instead, under either algorithm, and no property of the
# exports notices.

# %%
resumed = explore("incident", seeds=20, reboot="resume-flushed")
print(resumed.table())
resumed.frame().groupby("algorithm")[["lost", "dns_failed_ms", "connect_failed_ms"]].median()

# %% [markdown]
# And with a broker on a cluster of its own, the old agent loses nothing, however slowly the API servers come up.

# %%
apart = explore("incident", seeds=20, broker="separate", rtt_ms=50, **{"delay.api-server-start": "lognormal 60000 120000"})
apart.table()
