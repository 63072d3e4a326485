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
# # 06 Reward model
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
# ### Exercise: `ranking_to_pairs`
#
# *Difficulty 2 of 5, 15 minutes.* What is given, what is due, what is refused.


# %% [markdown]
# ### Exercise: `agreement`

# %% exercise="agreement"

# %% [markdown]
# ### Exercise: `ranking_to_pairs`

# %% exercise="ranking_to_pairs"

# %% [markdown]
# ### Exercise: `bradley_terry_loss`

# %% exercise="bradley_terry_loss"

# %% [markdown]
# ### Exercise: `last_token_score`

# %% exercise="last_token_score"

# %% [markdown]
# ### Exercise: `pairwise_accuracy`

# %% exercise="pairwise_accuracy"

# %% [markdown]
# ### Exercise: `best_of_n`

# %% exercise="best_of_n"

# %% [markdown]
# ### Exercise: `best_of_n_kl`

# %% exercise="best_of_n_kl"

# %% [markdown]
# ### Exercise: `penalised_rewards`

# %% exercise="penalised_rewards"

# %% [markdown]
# ### Exercise: `advantages`

# %% exercise="advantages"

# %% [markdown]
# ### Exercise: `ppo_loss`

# %% exercise="ppo_loss"

# %% [markdown]
# ### Exercise: `dpo_loss`

# %% exercise="dpo_loss"

# %% [markdown]
# ## What was measured

# %% tags=["experiment"]
verdicts
