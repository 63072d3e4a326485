# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Start here
#
# This course makes every claim of one chapter run: "Understanding Foundation Models" in Chip Huyen's book
# *AI Engineering*. You read a claim, see it measured on your own machine, and write the code that matters yourself.
# Each notebook takes an evening. A laptop is enough.
#
# Run the cells one after another with <kbd>Shift</kbd>+<kbd>Enter</kbd>.

# %% tags=["setup"]
from utils.notebook import setup

budget = setup()

# %% [markdown]
# The line above says which **budget** was chosen. It decides how large the experiments are:
#
# | budget | where | experiments of one notebook |
# |---|---|---|
# | `smoke` | anywhere | seconds; too small to conclude anything |
# | `cpu` | a laptop with two cores | a minute or two |
# | `gpu` | a machine with CUDA, or Colab | larger models, some minutes |
#
# ## Is this machine ready?
#
# The next cell examines it: versions, device, memory, disk, data, fonts. Each problem comes with what to do about it.
# A *note* limits something and breaks nothing: only instructors need the sandbox, for example.

# %%
from utils.course.doctor import examine

for finding in examine():
    advice = f"\n{'':10}{finding.advice}" if finding.advice else ""
    print(f"{finding.level:9} {finding.topic}: {finding.found}{advice}")

# %% [markdown]
# In a terminal, `course doctor` says the same.
#
# ## How a notebook works
#
# Sections share one rhythm: a claim, a small demonstration, an **exercise**, a test, an **experiment**, a picture, a
# question to think about.
#
# - An exercise is a cell with `# YOUR CODE HERE`. Write your answer in place of the line below it.
# - The cell after it tests your answer at once and shows a **card**. When something is wrong, the card says what.
# - The cells after that are graded. If your class uses them, they hold further tests that you do not see.
# - Experiments run on the course's own reference code. So nothing waits for you: skip an exercise and read on.
# - Before some experiments you may **guess** how they end. The last table of the notebook shows your guess beside the
#   measurement.
#
# Try it. The function below should return how many of the answers are right, as a share between 0 and 1. It has a
# mistake. Run both cells, read the card, and mend it.


# %%
def accuracy(answers: list[str], truths: list[str]) -> float:
    """Return the share of answers that equal the truth at the same place."""
    return sum(answer in truths for answer in answers) / len(answers)


# %%
from utils.notebook.cards import show_card
from utils.notebook.checks import Diagnosis
from utils.notebook.visible import run_examples

case = "answers yes, no, no for the truths yes, no, yes"
place = "An answer counts when it equals the truth at its own place, not when it occurs anywhere."


def examples(check):
    check(lambda: accuracy(["yes", "no", "no"], ["yes", "no", "yes"]), 1 / 3, case)


show_card(run_examples("accuracy", examples, lambda: {case: Diagnosis(mistakes={place: 1.0})}))

# %% [markdown]
# A card begins with one of four words:
#
# | the card says | what it means | what to do |
# |---|---|---|
# | **Passed** | every example gives the right value | go on; graded tests try more |
# | **Not yet** | an example gives a wrong value | read the hint, then the case; *Details* lists what else fails |
# | **Not answered** | the exercise still has its `raise NotImplementedError` | answer it, or read on |
# | **First** | something above has not been run | run the cell that it names |
#
# In the notebooks a failed test stops *Run All* at that cell. Run on below it when you want to read ahead.
#
# ## When you are stuck
#
# 1. Above each exercise there are **hints**, folded. Click one to unfold it; the first is a nudge, the last says nearly
#    everything. They look like this:
#
# <details><summary>Hint 1</summary>
#
# Compare each answer with one truth only. `zip` gives you the pairs.
#
# </details>
#
# 2. Below its tests there is a cell that shows **a solution and why it works**. Remove one `#` and run it. (An
#    instructor may have switched it off.)
# 3. `course check 01` in a terminal in the course's folder lists every exercise of a notebook with its hint.
# 4. When a cell says that a name is not defined, choose *Run, Run All Above Selected Cell*. When nothing works any more,
#    choose *Kernel, Restart Kernel and Run All Cells*; your answers stay.
# 5. Ask somebody. Bring the card and your cell, not only the last line of the message. What looks like a mistake of the
#    course belongs in the repository's issues, with what `course doctor` prints.
#
# ## The way
#
# | notebook | you will |
# |---|---|
# | [01 Data distribution](01_data_distribution/01_data_distribution.ipynb) | see what a model's data decide: languages, tokens, quality, domains |
# | [02 Attention from scratch](02_attention_from_scratch/02_attention_from_scratch.ipynb) | build attention, from a stable softmax to decoding with a cache |
# | [03 Transformer block](03_transformer_block/03_transformer_block.ipynb) | build the whole model, count it, compare its rivals, load real weights into it |
# | [04 Scaling laws](04_scaling_laws/04_scaling_laws.ipynb) | write the training loop, and learn from small runs what a larger one will give |
# | [05 Supervised finetuning](05_supervised_finetuning/05_supervised_finetuning.ipynb) | turn a model that completes into one that answers |
# | [06 Reward model](06_reward_model/06_reward_model.ipynb) | learn what people prefer from comparisons, and optimise for it, even too far |
# | [07 Samplers](07_samplers/07_samplers.ipynb) | turn logits into text in every usual way, and find out when more samples help |
# | [08 Structured outputs](08_structured_outputs/08_structured_outputs.ipynb) | repair, retry and constrain until a machine can read the answer |
# | [09 Hallucination](09_hallucination/09_hallucination.ipynb) | find out why models contradict themselves and make things up, and what helps |
#
# 07 and 08 need nothing from 04 to 06; 09 builds on 05 to 07.
#
# ## Where you are
#
# A small file on this machine remembers which exercises you have tried and which pass. Nobody else sees it, it is never
# sent, and no grade depends on it. `COURSE_PROGRESS=off` turns it off, `COURSE_PROGRESS=FILE` puts it elsewhere.

# %%
from utils.notebook import my_progress

my_progress()

# %% [markdown]
# Run this cell again whenever you come back. In a terminal:
#
# ```
# course progress       # this table
# course progress 02    # the exercises of one notebook
# course check 01       # run all your answers against the visible tests, and note what passes
# ```
