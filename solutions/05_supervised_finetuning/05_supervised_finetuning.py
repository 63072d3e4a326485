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
# # 05 Supervised finetuning
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
# ### Exercise: `render_chat`
#
# *Difficulty 2 of 5, 15 minutes.* What is given, what is due, what is refused.

# %% exercise="render_chat"

# %% [markdown]
# ### Exercise: `build_labels`
#
# *Difficulty 2 of 5, 15 minutes.* What is given, what is due, what is refused.

# %% exercise="build_labels"

# %% [markdown]
# ### Exercise: `masked_cross_entropy`
#
# *Difficulty 2 of 5, 15 minutes.* What is given, what is due, what is refused.

# %% exercise="masked_cross_entropy"

# %% [markdown]
# ### Exercise: `pack_examples`
#
# *Difficulty 2 of 5, 15 minutes.* What is given, what is due, what is refused.

# %% exercise="pack_examples"

# %% [markdown]
# ### Exercise: `demonstration_budget`
#
# *Difficulty 2 of 5, 15 minutes.* What is given, what is due, what is refused.

# %% exercise="demonstration_budget"

# %% [markdown]
# ### Exercise: `extract_dialogue`
#
# *Difficulty 2 of 5, 15 minutes.* What is given, what is due, what is refused.

# %% exercise="extract_dialogue"

# %% [markdown]
# ### Exercise: `LoRALinear`
#
# *Difficulty 2 of 5, 15 minutes.* What is given, what is due, what is refused.

# %% exercise="LoRALinear"

# %% [markdown]
# ### Exercise: `forgetting`
#
# *Difficulty 2 of 5, 15 minutes.* What is given, what is due, what is refused.

# %% exercise="forgetting"

# %% [markdown]
# ## What was measured

# %% tags=["experiment"]
verdicts
