# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 09 Hallucination
#
# What this notebook is about, in three sentences. What you need, and how long it takes.
#
# **You will learn to**
#
# - ...

# %% tags=["setup"]
from utils.notebook import Verdicts, setup

budget, verdicts = setup(), Verdicts()

# %% [markdown]
# ## 1 The first idea
#
# **What the chapter claims.** ...

# %% [markdown]
# ### Exercise: `consistency`
#
# *Difficulty 2 of 5, 15 minutes.* What is given, what is due, what is refused.

# %% exercise="consistency"

# %% [markdown]
# ### Exercise: `capital_flip`
#
# *Difficulty 2 of 5, 15 minutes.* What is given, what is due, what is refused.

# %% exercise="capital_flip"

# %% [markdown]
# ### Exercise: `snowball_rate`
#
# *Difficulty 2 of 5, 15 minutes.* What is given, what is due, what is refused.

# %% exercise="snowball_rate"

# %% [markdown]
# ### Exercise: `outcome_rates`
#
# *Difficulty 2 of 5, 15 minutes.* What is given, what is due, what is refused.

# %% exercise="outcome_rates"

# %% [markdown]
# ### Exercise: `auroc`
#
# *Difficulty 2 of 5, 15 minutes.* What is given, what is due, what is refused.

# %% exercise="auroc"

# %% [markdown]
# ### Exercise: `calibration_error`
#
# *Difficulty 2 of 5, 15 minutes.* What is given, what is due, what is refused.

# %% exercise="calibration_error"

# %% [markdown]
# ### Exercise: `semantic_clusters`
#
# *Difficulty 2 of 5, 15 minutes.* What is given, what is due, what is refused.

# %% exercise="semantic_clusters"

# %% [markdown]
# ### Exercise: `supported`
#
# *Difficulty 2 of 5, 15 minutes.* What is given, what is due, what is refused.

# %% exercise="supported"

# %% [markdown]
# ### Exercise: `expected_score`
#
# *Difficulty 2 of 5, 15 minutes.* What is given, what is due, what is refused.

# %% exercise="expected_score"

# %% [markdown]
# ## What was measured

# %% tags=["experiment"]
verdicts
