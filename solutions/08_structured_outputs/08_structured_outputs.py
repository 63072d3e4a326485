# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#       jupytext_version: 1.19.6
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 08 Structured outputs
#
# A program that reads a model's answer needs a form: an object with these fields, a number, one
# word out of five, a query that runs. This notebook takes one task, a note in free words that is
# to become a record, and tries everything the chapter names: asking, mending, asking again,
# forbidding, training. Two models do it: SmolLM2, which has 135 million parameters and speaks
# English, and models of the course's miniature world, a thousand times smaller.
#
# You need notebook 07 (logits, samplers) and about three and a half hours with the exercises. All
# experiments together run for about two minutes on two CPU cores.
#
# **You will learn to**
#
# - measure validity and correctness apart, and see how far they can be from each other;
# - mend outputs, and say what a repair cannot do;
# - compute what retries cost;
# - turn a grammar over characters into a mask over tokens, and follow it through a choice, a
#   pattern, a schema;
# - say what a mask does to a distribution and what it costs per token;
# - decide between a prompt, a mask, finetuning and a classifier head;
# - judge SQL and regular expressions by what they do, safely.
#
# | section | exercises | difficulty | minutes |
# |---|---|---|---|
# | 1 Just ask | | | |
# | 2 Mend it | `repair_json` | 3 of 5 | 30 |
# | 3 Ask again | `expected_attempts` with `attempts_for`, `retry_until_valid` | 1 and 2 of 5 | 10 and 10 |
# | 4 Only what is allowed | `mask_logits`, `Automaton`, `allowed_tokens`, `constrained_choice` | 1 to 4 of 5 | 75 |
# | 5 From a schema to a mask | `is_json_prefix` | 4 of 5 | 35 |
# | 6 Valid is not correct | | | |
# | 7 Train the format | | | |
# | 8 A head for classes | `ClassifierHead` | 2 of 5 | 15 |
# | 9 Queries that run | `execution_match` | 3 of 5 | 25 |
#
# Each exercise is one cell with a gap. A visible test follows it, which you may read and run as
# often as you like, and graded tests after that. Nothing below an exercise depends on your answer.
#
# Every experiment ends with a line in a table: what the chapter says, what we measured, the 95%
# interval, and a verdict that the code computes from the numbers. Both models are small. Where a
# large model would do better, the text says so.

# %% tags=["setup"]
from utils.notebook import Verdicts, setup

budget = setup()
verdicts = Verdicts()

# %% [markdown]
# ## 1 Just ask
#
# **What the chapter claims.** Prompting is the first thing to try. You can ask for any format;
# whether you get it depends on how well the model follows instructions and how clear they are.
# There is no guarantee, and a few percent of invalid outputs can be too many.
#
# Here is the task. A note states an order, a visit or a lost animal, sometimes with a sentence
# that does not matter. The record has a JSON schema. `check_record` says what an output is worth:

# %%
import json

from utils.training.base_models import base_world
from utils.world import RECORD_SCHEMAS, check_record, draw_record_tasks

world = base_world()
example = draw_record_tasks(world, 1, seed=4, kinds=("notice",))[0]
print("note:  ", example.text)
print("record:", example.target)
print("schema:", json.dumps(RECORD_SCHEMAS["notice"])[:150], "...")
for output in (
    example.target,
    example.target.replace("town", "place"),
    "{'animal': 'goat'}",
    '{"animal": "whale"}',
):
    found = check_record(example, output)
    print(
        f"\n{output}\n  JSON {found.is_json}, valid {found.is_valid}, correct {found.is_correct}, "
        f"right fields {found.field_accuracy:.0%}: {found.error[:90]}"
    )

# %% [markdown]
# Three questions that are easily confused: is it **JSON** at all? Is it **valid**, that is, does
# it satisfy the schema? Is it **correct**, the record that the note states? The share of right
# fields is a softer measure of the last.
#
# SmolLM2 gets the schema in its prompt, then the note, in its own chat format. As earlier turns it
# sees 0, 1 or 3 worked examples: the same request, stated more and more clearly. As a control, a
# base model of the world gets the same notes; it has never seen an instruction. Weights are in 8
# bits here (notebook 03), which makes decoding about twice as fast.

# %% tags=["experiment", "row-90"]
import time

import matplotlib.pyplot as plt
import numpy as np
import torch

from utils.decoding.common_prefix import CommonPrefixDecoder
from utils.decoding.grammar import TokenSpellings
from utils.evaluation.structured_outputs import (
    pretrained_writer,
    repaired,
    retried,
    share,
    single,
    world_writer,
)
from utils.models.pretrained import load_gguf
from utils.notebook import COLOURS, show
from utils.training.base_models import load_base_model

smollm2 = load_gguf()
decoder = CommonPrefixDecoder(smollm2.model, "int8")
spellings = TokenSpellings.from_tokenizer(smollm2)
n_tasks = budget.pick(smoke=2, cpu=12, gpu=200)
longest = budget.pick(smoke=8, cpu=56)
kinds = budget.pick(smoke=("notice",), cpu=("visit",), gpu=("visit", "notice"))
tasks = draw_record_tasks(world, n_tasks, seed=7, kinds=kinds)
writers = {n: pretrained_writer(smollm2, decoder, spellings, n) for n in (0, 1, 3)}
by_examples = {
    n: single(f"{n} examples", writer.write(tasks, max_new_tokens=longest))
    for n, writer in writers.items()
}
base_writer = world_writer(load_base_model("world-small"), world)
world_tasks = draw_record_tasks(
    world, budget.pick(smoke=10, cpu=200, gpu=1000), seed=7, kinds=("visit", "notice")
)
untrained = single("base model of the world", base_writer.write(world_tasks))

for name, approach in (*by_examples.items(), ("world", untrained)):
    print(
        f"{name!s:5} JSON {share(approach.is_json)}; valid {share(approach.valid)}; fields {share(approach.accuracy)}"
    )
wrong = [
    one
    for n in by_examples
    for one in [one for one in by_examples[n].outputs if not one.check.is_valid][:2]
]
for one in wrong:
    print(f"\nasked for {one.task.target}\nwrote     {one.text!r}\n  {one.check.error[:110]}")

figure, axes = plt.subplots(constrained_layout=True)
for place, (label, values) in enumerate(
    (("JSON", "is_json"), ("valid", "valid"), ("right fields", "accuracy"))
):
    shares = [share(getattr(by_examples[n], values)) for n in by_examples]
    middles = np.arange(len(shares)) + 0.25 * (place - 1)
    axes.bar(middles, [one.mean for one in shares], 0.25, color=COLOURS[place], label=label)
    low = [one.mean - one.low for one in shares]
    high = [one.high - one.mean for one in shares]
    axes.errorbar(
        middles, [one.mean for one in shares], [low, high], fmt="none", color="black", capsize=3
    )
axes.set_xticks(range(3), [str(n) for n in by_examples])
axes.set(xlabel="worked examples in the prompt", ylabel="share of records", ylim=(0, 1.05))
axes.legend(loc="upper left")
show(
    figure,
    f"SmolLM2 on {n_tasks} notes: share of outputs that are JSON, that satisfy the schema, and of right fields, for 0, "
    "1 and 3 worked examples in the prompt; bars are 95% intervals.",
)
clear, unclear = share(by_examples[3].valid), share(by_examples[0].valid)
verdicts.add(
    row=90,
    claim="a prompt can ask for a format; clarity helps, and nothing is guaranteed",
    measured=f"valid: {unclear.mean:.0%} with the schema alone, {share(by_examples[1].valid).mean:.0%} with one example, "
    f"{clear.mean:.0%} with three",
    outcome="undecided"
    if clear.low <= unclear.high
    else "holds"
    if clear.mean < 1
    else "holds in part",
    interval=f"[{clear.low:.0%}, {clear.high:.0%}] with three, {n_tasks} notes",
)

# %% [markdown]
# Read the outputs, not only the shares. Without an example SmolLM2 copies the schema instead of
# filling it in. With one, most of what it writes is JSON, and the rest goes on after the last
# field, with a keyword of the schema or a name as if it were a field. Look at the values, too:
# some are the example's and not the note's. And twelve valid outputs out of twelve are no
# guarantee: see how far down the interval reaches.
#
# *To think about: three examples cost prompt tokens in every call. When is finetuning on a hundred
# of them cheaper?*
#
# ## 2 Mend it
#
# **What the chapter claims.** A model repeats its mistakes, so a script can correct the common
# ones. A defensive parser at LinkedIn raised the share of correct YAML from 90% to 99.99%; they
# had chosen YAML because it is less verbose than JSON, and so takes fewer tokens (Bottaro and
# Ramgopal, 2020).
#
# Here is a mistake that a program can mend without asking anybody, and one that it cannot:

# %%
for broken in (
    '{"animal": "goat", "reward": 12',
    '{"animal": "goat" "reward": 12}',
    '{"animal": "goat", "rew',
):
    try:
        print(json.loads(broken))
    except ValueError as error:
        print(f"{broken!r:40} {error}")

# %% [markdown]
# The first lacks a bracket, and there is one place to put it. In the third a name is cut off: a
# bracket and a quote make it JSON, and it is still wrong.

# %% [markdown]
# ### Exercise: `repair_json`
#
# *Difficulty 3 of 5, 30 minutes.* A model without constraints often writes almost JSON. Most of it
# can be mended without asking again, and without a model. Write a repairer for the defects that
# occur most:
#
# - a code fence around it, closed or not, with or without the word `json`;
# - text in front of the object or behind it, which may hold apostrophes, but no curly brackets;
# - strings and keys in single quotes, as Python prints them;
# - commas before a closing bracket, or where the text was cut off;
# - closing brackets and a closing quote that are missing at the end, because the text was cut off.
#
# Valid JSON comes back exactly as it was, character by character. What cannot be mended is refused
# with a `ValueError`: a guess would be worse than a second attempt. Whatever stands *inside* a
# string must survive: commas, brackets, apostrophes, white space.
#
# Hints: what a character means depends on whether it stands inside a string, and in which kind of
# quote, so walk through the text once and keep track of both. A stack knows which brackets are
# still open. At the end `json.loads` tells whether the mending has worked. The package
# `json_repair` does this exercise for you and is not allowed; anything from the standard library
# is.

# %% exercise="repair_json"

# %% [markdown]
# ### What a repair gains
#
# First the outputs of SmolLM2 from above, mended in three ways: by the course's `repair_json`
# (rules like yours), by the package `json-repair`, and by rules that also know the schema: drop
# unknown fields, take quotes off numbers, match choices without regard to case, turn "no reward"
# into `null`. The rules were written after reading outputs for *other* notes.
#
# Then thousands of records that we break ourselves: 10% of them, in ways that the rules foresee,
# and in ways that they do not (a comma missing between fields, a key without quotes, an output cut
# off in the middle). The control is a repair that does nothing.

# %% tags=["experiment", "row-91"]
from json_repair import repair_json as package_repair

from utils.evaluation.broken_records import break_records
from utils.evaluation.intervals import mean_interval
from utils.evaluation.repair import repair_json as course_repair


def by_hand(text):
    try:
        return course_repair(text)
    except ValueError:
        return text


for n in (1, 3):
    approach = by_examples[n]
    print(f"SmolLM2, {n} example{'s' if n > 1 else ''}:")
    for name, mended in (
        ("as written", approach),
        ("repair_json", repaired("by hand", approach, by_hand)),
        ("json-repair", repaired("package", approach, lambda text: str(package_repair(text)))),
        ("with schema", repaired("schema", approach)),
    ):
        print(f"  {name:12} JSON {share(mended.is_json).mean:4.0%}, valid {share(mended.valid)}, "
              f"fields {share(mended.accuracy).mean:.2f}")  # fmt: skip

n_broken, seeds = budget.pick(smoke=60, cpu=1000, gpu=20000), range(5)
originals = [task.target for task in draw_record_tasks(world, n_broken, seed=11)]
unforeseen_shares = (0.0, 0.01, 0.1, 0.5, 1.0)
repairs = {
    "nothing": lambda text: text,
    "repair_json": by_hand,
    "json-repair": lambda text: str(package_repair(text)),
}


def parsed(text):
    try:
        return json.loads(text)
    except ValueError:
        return None


rates = {}
for unforeseen in unforeseen_shares:
    for name, repair in repairs.items():
        per_seed = []
        for seed in seeds:
            pairs = zip(originals, break_records(originals, 0.1, unforeseen, seed), strict=True)
            per_seed.append(
                [(parsed(repair(text)), json.loads(original)) for original, (_, text) in pairs]
            )
        rates[name, unforeseen] = (
            mean_interval(
                [float(np.mean([got is not None for got, _ in pairs])) for pairs in per_seed]
            ),
            mean_interval(
                [float(np.mean([got == want for got, want in pairs])) for pairs in per_seed]
            ),
        )
print(f"\n{n_broken} records, 10% broken, {len(seeds)} seeds: parses, and is the original")
for (name, unforeseen), (parses, original) in rates.items():
    print(f"  unforeseen {unforeseen:4.0%}, {name:12} {parses.mean:.4f}  {original.mean:.4f}")

figure, axes = plt.subplots(constrained_layout=True)
for colour, (name, style) in zip(
    COLOURS, (("nothing", ":"), ("repair_json", "-"), ("json-repair", "--")), strict=False
):
    left = [max(1 - rates[name, x][1].mean, 2e-6) for x in unforeseen_shares]
    axes.plot(
        [max(x, 0.003) for x in unforeseen_shares],
        left,
        style,
        marker="o",
        color=colour,
        label=name,
    )
axes.axhline(1e-4, color=COLOURS[7], linewidth=0.8)
axes.text(0.0031, 1.2e-4, "99.99% right", fontsize=9)
axes.set(
    xscale="log",
    yscale="log",
    xlabel="share of broken records that break in an unforeseen way (0 drawn at 0.003)",
    ylabel="share of records left wrong",
)
axes.legend()
show(
    figure,
    "Share of records that are not what they were after a repair, against the share of mistakes that the course's rules "
    "do not foresee. A repair reaches 99.99% only where practically every mistake is one that it knows.",
)
all_foreseen, tenth = rates["repair_json", 0.0][1], rates["repair_json", 0.1][1]
package_tenth = rates["json-repair", 0.1][1]
verdicts.add(
    row=91,
    claim="mending common mistakes takes valid outputs from 90% to 99.99%",
    measured=f"from 90%: {all_foreseen.mean:.2%} when every mistake is of a kind the rules know, {tenth.mean:.2%} when one "
    f"in ten is not (json-repair: {package_tenth.mean:.2%})",
    outcome="undecided"
    if all_foreseen.mean < 0.9999 <= all_foreseen.high
    else "does not hold"
    if all_foreseen.mean < 0.9999
    else "holds"
    if tenth.low >= 0.9999
    else "holds in part",
    interval=f"[{tenth.low:.2%}, {tenth.high:.2%}] with one in ten unknown, 5 seeds",
)

# %% [markdown]
# From 90% to 99.99% means that 999 of 1,000 broken outputs are mended. That works exactly as far
# as mistakes repeat. SmolLM2's own mistakes are a sober example: most of its outputs with one
# example parse already, so a JSON repair mends what does not parse and makes no record valid;
# rules about the schema do. And mended is not right: compare the fields.
#
# ### YAML against JSON
#
# The same records, written four ways, in three vocabularies.

# %% tags=["experiment", "row-91"]
import yaml

from utils.text.vocabularies import load_vocabulary

forms = {
    "JSON, indented": lambda record: json.dumps(record, indent=2),
    "JSON, one line": json.dumps,
    "JSON, no spaces": lambda record: json.dumps(record, separators=(",", ":")),
    "YAML": lambda record: yaml.safe_dump(record, sort_keys=False),
}
records = [
    task.record for task in draw_record_tasks(world, budget.pick(smoke=20, cpu=150), seed=13)
]
assert all(yaml.safe_load(forms["YAML"](record)) == record for record in records)
counts = {
    (vocabulary, form): np.array(
        [len(load_vocabulary(vocabulary).encode(write(record))) for record in records]
    )
    for vocabulary in ("smollm2", "cl100k_base", "o200k_base")
    for form, write in forms.items()
}
for vocabulary in ("smollm2", "cl100k_base", "o200k_base"):
    print(
        f"{vocabulary:12}",
        {form: round(float(counts[vocabulary, form].mean()), 1) for form in forms},
    )
savings = {
    form: share(1 - counts["o200k_base", "YAML"] / counts["o200k_base", form])
    for form in list(forms)[:3]
}
for form, saved in savings.items():
    print(f"YAML saves against {form}: {saved.mean:.0%} [{saved.low:.0%}, {saved.high:.0%}]")

figure, axes = plt.subplots(constrained_layout=True)
for place, vocabulary in enumerate(("smollm2", "cl100k_base", "o200k_base")):
    middles = np.arange(len(forms)) + 0.26 * (place - 1)
    axes.bar(middles, [counts[vocabulary, form].mean() for form in forms], 0.26, label=vocabulary)
axes.set_xticks(range(len(forms)), list(forms))
axes.set(xlabel="how the record is written", ylabel="tokens per record (mean)")
axes.legend()
show(figure, f"Mean tokens of {len(records)} records in four notations and three vocabularies.")
against_compact = savings["JSON, no spaces"]
verdicts.add(
    row=91,
    claim="YAML takes fewer tokens than JSON",
    measured=", ".join(f"{saved.mean:+.0%} saved against {form}" for form, saved in savings.items())
    + " (o200k_base)",
    outcome="holds"
    if all(saved.low > 0 for saved in savings.values())
    else "holds in part"
    if any(saved.low > 0 for saved in savings.values())
    else "does not hold",
    interval=f"[{against_compact.low:+.0%}, {against_compact.high:+.0%}] against JSON without spaces, {len(records)} records",
)

# %% [markdown]
# *To think about: a repair that turns 98 invalid records of 100 into valid ones of which 10 are
# wrong: is the program that reads them better off?*
#
# ## 3 Ask again
#
# **What the chapter claims.** Post-processing and asking again are bandages: they work when the
# model is nearly there. When an output is valid with probability p and attempts are independent,
# the first valid one comes after 1/p attempts on average. Four numbers:

# %%
for p in (0.9, 0.5, 0.1, 0.01):
    print(
        f"p = {p:4}: {1 / p:6.1f} attempts on average; after 3 attempts {1 - (1 - p) ** 3:.1%} have a valid output"
    )

# %% [markdown]
# ### Exercise: `expected_attempts` and `attempts_for`
#
# *Difficulty 2 of 5, 10 minutes.* An output is valid with the probability `p_valid`, each time
# anew. You ask until one is. How many attempts does that take on average, the last, successful one
# included? And how many must you allow, so that at least one of them is valid with at least the
# probability `confidence`?
#
# With n attempts the probability that at least one is valid is 1 - (1 - p_valid)**n. Look for the
# *least* n for which it is at least `confidence`; it may be reached exactly. Think of a sampler
# that is always right, too.

# %% exercise="expected_attempts"

# %% [markdown]
# ### Exercise: `retry_until_valid`
#
# *Difficulty 1 of 5, 10 minutes.* Ask again until the answer is valid, but not for ever.
# `attempts` is the number of calls of `sample` that were made: each one is paid for.

# %% exercise="retry_until_valid"

# %% [markdown]
# ### Attempts and cost, measured
#
# A model of the world that was finetuned on records (section 7 shows how) writes at a high
# temperature, so that it fails often: many attempts for each of many notes. We compare with 1/p in
# two ways: p of all outputs together, and p of each note. Then SmolLM2, with one worked example
# and a few attempts at temperature 0.7.

# %% tags=["experiment", "row-92"]
from utils.decoding.samplers import Temperature
from utils.evaluation.finetuned_models import load_finetuned

tuned_world = world_writer(load_finetuned("world-records"), world)
pool_tasks = draw_record_tasks(
    world, budget.pick(smoke=4, cpu=40, gpu=200), seed=17, kinds=("visit", "notice")
)
pool_size = budget.pick(smoke=20, cpu=100, gpu=400)
pool = tuned_world.write(
    pool_tasks, choose=Temperature(2.0).seeded(0), samples=pool_size, max_new_tokens=60
)
valid = np.array([[one.check.is_valid for one in of_task] for of_task in pool])
right = np.array([[one.check.is_correct for one in of_task] for of_task in pool])
p_task, p_all = valid.mean(1), float(valid.mean())
attempts = np.arange(1, 13)
measured = np.array(
    [[valid[:, : pool_size // k * k].reshape(len(pool), -1, k).any(2).mean()] for k in attempts]
)[:, 0]
same_p, own_p = 1 - (1 - p_all) ** attempts, (1 - (1 - p_task[:, None]) ** attempts).mean(0)
first = [int(row.argmax()) + 1 for row in valid if row.any()]
never = int((~valid.any(1)).sum())
mean_attempts = float((1 / p_task[p_task > 0]).mean()) if (p_task > 0).any() else float("nan")
print(
    f"valid {p_all:.2f} over {valid.size} outputs; by note from {p_task.min():.2f} to {p_task.max():.2f}; "
    f"{never} notes without any"
)
print(f"1/p of all outputs: {1 / max(p_all, 1e-9):.2f} attempts; mean of 1/p over notes: {mean_attempts:.2f}; "
      f"correct among the valid: {right[valid].mean() if valid.any() else float('nan'):.2f}")  # fmt: skip

n_samples = budget.pick(smoke=2, cpu=3, gpu=16)
samples = writers[1].write(
    tasks, choose=Temperature(0.7).seeded(1), samples=n_samples, max_new_tokens=longest
)
again = retried("retry", samples)
p_real = float(np.mean([one.check.is_valid for of_task in samples for one in of_task]))
real_curve = [
    float(np.mean([any(one.check.is_valid for one in row[:k]) for row in samples]))
    for k in range(1, n_samples + 1)
]
print(
    f"SmolLM2: valid {p_real:.2f} per attempt; after {n_samples} attempts {share(again.valid)}, "
    f"tokens per record {np.mean(again.tokens):.0f} instead of {np.mean([row[0].tokens for row in samples]):.0f}"
)

figure, (left, right_axes) = plt.subplots(1, 2, figsize=(9, 3.4), constrained_layout=True)
left.plot(attempts, measured, "o", color=COLOURS[0], label="measured, world")
left.plot(attempts, own_p, color=COLOURS[0], label="each note its own p")
left.plot(attempts, same_p, "--", color=COLOURS[1], label="one p for all")
left.plot(range(1, n_samples + 1), real_curve, "s", color=COLOURS[3], label="SmolLM2")
left.plot(attempts, 1 - (1 - p_real) ** attempts, ":", color=COLOURS[3], label="SmolLM2, one p")
left.set(xlabel="attempts", ylabel="share with a valid output", ylim=(0, 1.03))
left.legend(fontsize=8)
right_axes.hist(p_task, bins=np.linspace(0, 1, 21), color=COLOURS[0])
right_axes.set(xlabel="probability of a valid output", ylabel="notes")
show(
    figure,
    "Left: share of notes with a valid output after so many attempts; the curve with one probability for all lies above "
    "what was measured. Right: the probability differs from note to note.",
)
gap = mean_interval(list(1 / np.clip(p_task, 1 / pool_size, 1)))
verdicts.add(
    row=92,
    claim="asking again until it is valid works when the model is nearly there (1/p attempts)",
    measured=f"world, p = {p_all:.2f}: {gap.mean:.2f} attempts on average where 1/p says {1 / max(p_all, 1e-9):.2f}; SmolLM2 "
    f"{p_real:.0%} -> {again.valid.mean():.0%} valid after up to {n_samples} attempts",
    outcome="holds in part" if gap.low > 1 / max(p_all, 1e-9) else "holds",
    interval=f"[{gap.low:.2f}, {gap.high:.2f}] attempts, {len(pool)} notes",
)

# %% [markdown]
# 1/p holds for one note, and for a mean over notes only if all had the same p. They do not: the
# hard notes fail again and again, and the mean of 1/p is above 1/(mean p), whatever the
# distribution (Jensen's inequality). The last percent of validity is the expensive one.
#
# *To think about: retries at temperature 0 are pointless. Why, and what does raising the
# temperature do to correctness?*
#
# ## 4 Only what is allowed
#
# **What the chapter claims.** Constrained sampling filters the logits so that only tokens that
# meet the constraints remain, then samples among these. The form can be a set of options or a
# regular expression (the chapter's Figures 2-20 and 2-21).
#
# On five logits, with two tokens allowed:

# %%
import torch

logits = torch.tensor([2.0, 1.0, 0.5, 0.0, -1.0])
allowed = torch.tensor([False, True, False, True, False])
print("before", logits.softmax(-1).numpy().round(2))
print("after ", logits.masked_fill(~allowed, float("-inf")).softmax(-1).numpy().round(2))

# %% [markdown]
# The ratio of the two that remain is what it was. What is left is to know, at every step, *which*
# tokens are allowed: options are written in characters, and a model writes tokens that may hold
# half a word or the end of one and the beginning of another.

# %% [markdown]
# ### Exercise: `mask_logits`
#
# *Difficulty 1 of 5, 10 minutes.* Now the constraint moves into sampling. A token with the logit
# `-inf` has the probability exactly 0 after the softmax, at every temperature. Leave the allowed
# logits as they are and the input too: somebody may want to look at the unconstrained distribution
# later. `logits` may have leading batch dimensions.
#
# When nothing is allowed there is no distribution: the softmax over nothing but `-inf` gives NaN,
# and the error would show up far away. So the empty set is refused with a `ValueError`.

# %% exercise="mask_logits"

# %% [markdown]
# ### Exercise: `Automaton`, `choices_automaton` and `advance`
#
# *Difficulty 3 of 5, 25 minutes.* A constraint that is worth the name knows, after each character,
# what may follow. For a few fixed options a deterministic automaton knows it: it stands in a
# state, reads a character, and goes to exactly one other state or to nowhere. It accepts a text
# when reading it all leads from `start` into a state of the set `accepting`.
#
# `choices_automaton(options)` builds an automaton that accepts exactly the options.
# `advance(automaton, state, text)` reads the *whole* text from a state and returns the state that
# it leads to, or None as soon as no option can be reached any more. The empty text leads nowhere
# else. The automaton itself does not change while it reads: a sampler will try many tokens from
# one state.
#
# States may be whatever you like, as long as they can be members of a set. Hint: two options share
# what they begin with, and an option may be the beginning of another one (`no`, `north`): a state
# can be accepting and still lead on. `utils.decoding.grammar.choices` is the course's own
# solution, and not allowed here.

# %% exercise="Automaton"

# %% [markdown]
# The two exercises below use the course's own automaton under the names that you have just
# defined, so that they do not depend on your answer above. (Run the cell of your answer again if
# you want to use yours.)

# %%
from utils.decoding.grammar import choices


class CourseAutomaton:
    """The course's automaton of a few options, with the attributes that you gave to yours."""

    def __init__(self, options):
        self.grammar = choices(options)
        self.start = self.grammar.start
        self.accepting = {self.grammar.advance(self.start, option) for option in options}


def choices_automaton(options):
    """Return an automaton that accepts exactly the options."""
    return CourseAutomaton(options)


def advance(automaton, state, text):
    """Return the state after the whole text, or None."""
    return automaton.grammar.advance(state, text)


# %% [markdown]
# ### Exercise: `allowed_tokens`
#
# *Difficulty 2 of 5, 15 minutes.* The automaton reads characters, the model writes tokens. A token
# is allowed when its *whole* text can be read from the current state. One token has the empty
# text: the end token. It is special: it may come only where the text may end, in an accepting
# state. And there the others are still allowed, if the automaton can read them.
#
# `vocabulary` is a list of texts, and a token's id is its index. Use `advance(automaton, state,
# text)`, and remember what it says of the empty text.

# %% exercise="allowed_tokens"

# %% [markdown]
# ### Exercise: `constrained_choice`
#
# *Difficulty 3 of 5, 20 minutes.* Now put the parts together: greedy decoding that always ends
# with one of the options.
#
# `next_logits(ids)` gives the logits (V,) of the next token after the ids that were chosen so far;
# the first call gets an empty list. At each step take the token with the largest logit among the
# *allowed* ones. The end token (text "") is allowed where one of the options is complete, and then
# competes with the tokens that go on: an option may be the beginning of another one. The
# vocabulary has each single character of the options, so there is always a way on.
#
# This is not the option with the largest probability, which would need the logits of every option:
# greedy decoding decides token by token, and never looks back. You will see below what that costs.
# You may use `choices_automaton` and `advance` from above.

# %% exercise="constrained_choice"

# %% [markdown]
# ### Figures 2-20 and 2-21, on a real model
#
# SmolLM2 reads a note about a lost animal and is asked which animal it was, and what the finder
# gets. Free, it answers as it likes. Under a choice among the 24 animals of the world, or under
# the pattern of a number, it can only answer so. The control is the same model, same prompts,
# without the mask.

# %% tags=["experiment", "row-93"]
from utils.decoding.generation import generate
from utils.decoding.grammar import Constraint, choices, regular_expression
from utils.world import common

notices = [
    task
    for task in draw_record_tasks(world, budget.pick(smoke=12, cpu=80), seed=19, kinds=("notice",))
    if task.record["reward"] is not None
][: budget.pick(smoke=2, cpu=12, gpu=200)]
questions = {
    "choice": (
        "Which animal was lost? Answer with one word.",
        "animal",
        Constraint(choices(common.ANIMALS), spellings),
    ),
    "pattern": (
        "How much does the finder get? Answer like this: 7 coins.",
        "reward",
        Constraint(regular_expression(r"[1-9]\d? coins"), spellings),
    ),
}
answers = {}
for name, (question, wanted, constraint) in questions.items():
    prompts = [
        smollm2.encode_chat([{"role": "user", "content": f"{question}\n{task.text}"}])
        for task in notices
    ]
    for masked in (False, True):
        rows = generate(
            decoder,
            prompts,
            10,
            stop_ids=smollm2.eos_ids,
            adjust=constraint.adjust if masked else None,
        )
        texts = [smollm2.decode(row.ids, skip_special_tokens=True) for row in rows]
        fits = [float(constraint.grammar.accepts(text)) for text in texts]
        says = [
            float(fit and str(task.record[wanted]) == text.split()[0])
            for fit, text, task in zip(fits, texts, notices, strict=True)
        ]
        answers[name, masked] = (texts, fits, says)
for (name, masked), (texts, fits, says) in answers.items():
    print(
        f"{name:8} {'masked' if masked else 'free  '} form {share(fits)}; right {np.mean(says):.2f}; {texts[:3]}"
    )

question, _, constraint = questions["choice"]
prompt = smollm2.encode_chat([{"role": "user", "content": f"{question}\n{notices[0].text}"}])
free = decoder.prefill([prompt])[0]
masked = constraint.mask_logits(free[None], [constraint.start])[0]
top = free.topk(14).indices.tolist()
kept = masked.topk(6).indices.tolist()
shown = [*top, *(token for token in kept if token not in top)]
labels = [repr(smollm2.decode([token])) for token in shown]
figure, (above, below) = plt.subplots(2, 1, figsize=(8, 4.8), sharex=True, constrained_layout=True)
for axes, values, title in (
    (above, free, "as the model has it"),
    (below, masked, "after the mask"),
):
    probabilities = values.softmax(-1)[shown]
    colours = [COLOURS[2] if torch.isfinite(masked[token]) else COLOURS[3] for token in shown]
    axes.bar(range(len(shown)), probabilities, color=colours)
    axes.set(ylabel="probability", title=title)
above.set_xlabel("token")
below.set_xticks(range(len(shown)), labels, rotation=60, fontsize=9)
below.set_xlabel("token (green: allowed as the first one)")
show(
    figure,
    f"The next token after the question for an animal: above the model's own distribution, where tokens that no animal "
    f"begins with have most of the weight; below, after the mask, only beginnings of the 24 names remain. "
    f"{int(constraint.allowed(constraint.start).sum())} of {spellings.vocab_size} tokens are allowed.",
)
free_form = share([*answers["choice", False][1], *answers["pattern", False][1]])
masked_form = share([*answers["choice", True][1], *answers["pattern", True][1]])
verdicts.add(
    row=93,
    claim="filtering the logits makes every output meet the constraints",
    measured=f"form met: {masked_form.mean:.0%} with the mask, {free_form.mean:.0%} without; right answers "
    f"{np.mean([*answers['choice', True][2], *answers['pattern', True][2]]):.0%} and "
    f"{np.mean([*answers['choice', False][2], *answers['pattern', False][2]]):.0%}",
    outcome="holds" if masked_form.mean == 1 and free_form.mean < 1 else "does not hold",
    interval=f"[{masked_form.low:.0%}, {masked_form.high:.0%}], {masked_form.n} answers",
)

# %% [markdown]
# Many tokens are allowed for the same beginning: `g`, `go` and `goat` may all start a goat. A mask
# that thinks in whole words would forbid two of them, and take weight from the model's usual way
# of writing or force it into an unusual one.
#
# *To think about: the mask lets "go" pass because a goose and a goat begin so. What if the model,
# after "go", wants "ld"?*
#
# ## 5 From a schema to a mask
#
# **What the chapter claims.** Each format needs its own grammar, JSON, YAML, regular expressions,
# CSV, so constrained sampling is less general; building the grammar in is not trivial, and
# checking it can slow generation down.
#
# A JSON grammar nests, so an automaton with a fixed set of states does not suffice; the course's
# grammar draws up states as it needs them. At any moment it must know whether a text can still
# become JSON:

# %% [markdown]
# ### Exercise: `is_json_prefix`
#
# *Difficulty 4 of 5, 40 minutes.* A finite automaton cannot know JSON: brackets nest without end.
# But the question is the same. Can the text that was written so far still become a JSON document?
# Write it for the grammar of RFC 8259:
#
# - a document is *any* value with white space around it: an object, an array, a string, a number,
#   `true`, `false`, `null`;
# - white space is blank, tab, line feed and carriage return, nothing else;
# - a string has double quotes, no control character below U+0020, and after a backslash one of
#   `"\/bfnrt`, or `u` and four hexadecimal digits;
# - a number is an optional minus, digits without a leading zero, then optionally a point with
#   digits, then optionally `e` or `E`, a sign, and digits; digits are 0 to 9.
#
# The continuation may be empty: a complete document is a prefix too. Hints: write a parser that
# has one function per kind of value, and an exception of its own for the end of the text: where
# the text ends too early, all is well. Or keep a stack of what is open and a state. Mind numbers:
# `12` may be complete, `1.` is not, yet both are prefixes. `utils.decoding.grammar.json_document`
# does this exercise for you and is not allowed.

# %% exercise="is_json_prefix"

# %% [markdown]
# ### The same masks as llguidance, token by token
#
# `llguidance` is the library under `guidance`, written in Rust. We follow valid records of five
# schemas and compare all 49,152 entries of the mask at every step. Then the time of a mask: when a
# state is met for the first time, when it is met again, and beside both the model's own step.

# %% tags=["experiment", "row-94"]
from utils.evaluation.reference_masks import compare_masks, llguidance_tokenizer, schema_pair

further = {
    "numbers": (
        {
            "type": "object",
            "properties": {"x": {"type": "number"}, "on": {"type": "boolean"}},
            "required": ["x", "on"],
            "additionalProperties": False,  # llguidance would allow further ones; the course never does
        },
        [{"x": -1.5e-3, "on": True}, {"x": 40, "on": False}],
    ),
    "words": (
        {
            "type": "array",
            "items": {"type": "string", "minLength": 1, "maxLength": 8},
            "minItems": 1,
            "maxItems": 4,
        },
        [["höhe", "語"], ["a b", "\u00e9t\u00e9", "😀"]],
    ),
}
cases = {kind: (RECORD_SCHEMAS[kind], [t.record for t in draw_record_tasks(world, budget.pick(smoke=1, cpu=2), 23, (kind,))])
         for kind in ("order", "visit", "notice")} | further  # fmt: skip
comparisons = {}
try:
    reference = llguidance_tokenizer(smollm2)
except ValueError as error:
    print(f"This comparison is left out: {error}")
else:
    for name, (schema, values) in cases.items():
        for value in values:
            text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
            grammar, theirs = schema_pair(schema)
            comparisons[name, text] = compare_masks(
                grammar, spellings, smollm2.encode(text), reference, theirs
            )
steps = sum(one.steps for one in comparisons.values())
differing = sum(one.differing for one in comparisons.values())
print(
    f"{len(comparisons)} texts, {steps} masks of {spellings.vocab_size} tokens compared: {differing} differ"
)
print(
    "schemas with a difference:",
    sorted({name for (name, _), one in comparisons.items() if one.differing}) or "none",
)

prompt = smollm2.encode_chat([{"role": "user", "content": tasks[0].text}])
token_times, reading_times = [], []
n_steps = budget.pick(smoke=3, cpu=15)
for _ in range(budget.pick(smoke=1, cpu=3)):
    started = time.perf_counter()
    decoder.prefill([prompt], reserve=n_steps + 1)
    reading_times.append(time.perf_counter() - started)
    for token in prompt[:n_steps]:
        started = time.perf_counter()
        decoder.step(torch.tensor([token]))
        token_times.append(time.perf_counter() - started)
times = {
    "model's step": token_times,
    "mask, first time": [t for one in comparisons.values() for t in one.cold],
    "mask, known state": [t for one in comparisons.values() for t in one.cached],
    "llguidance": [t for one in comparisons.values() for t in one.reference],
}
times = {name: 1000 * np.array(values) for name, values in times.items() if values}
for name, values in times.items():
    print(
        f"{name:18} median {np.median(values):8.4f} ms, mean {values.mean():8.4f} ms, longest {values.max():8.3f} ms"
    )
figure, axes = plt.subplots(constrained_layout=True)
for place, values in enumerate(times.values()):
    axes.plot(values, [place] * len(values), "|", color=COLOURS[place], markersize=14)
    axes.plot([np.median(values)], [place], "o", color=COLOURS[7])
axes.set_yticks(range(len(times)), list(times))
axes.set(xscale="log", xlabel="milliseconds per token", ylabel="what is timed")
show(
    figure,
    "Time per token on a logarithmic axis: the model's step at batch 1, the course's mask in a new state and in a known "
    "one, and llguidance's mask. A stroke is one token, a dot the median.",
)
step_ms = float(np.median(times["model's step"]))
cold = share(times["mask, first time"] / step_ms) if comparisons else None
known = share(times["mask, known state"] / step_ms) if comparisons else None
verdicts.add(
    row=94,
    claim="checking a grammar can increase the latency of generation",
    measured="not measured without llguidance"
    if cold is None or known is None
    else f"{cold.mean:.1%} of a model's step in a new state, {known.mean:.2%} in a known one; "
    f"{differing} of {steps} masks differ from llguidance's",
    outcome="undecided"
    if cold is None or known is None
    else "holds in part"
    if cold.low > 0.01 and known.high < 0.01
    else "holds"
    if known.low > 0.01
    else "does not hold",
    interval="none"
    if cold is None
    else f"new state [{cold.low:.1%}, {cold.high:.1%}] of a step, {cold.n} masks",
)

# %% [markdown]
# The claim is about the naive way: at every step, try all 49,152 tokens. An automaton's state
# stands for all texts that lead to it, so a mask is computed once per *state* and then only looked
# up. What remains is a first-time cost, which a server pays once per schema and not once per
# request.
#
# ### What if? Type a schema and watch
#
# Type a JSON schema, then write a record character by character. The view shows which tokens may
# follow. Try half a word, a closing quote, a number at its upper bound, a property that is not
# required.

# %% tags=["experiment", "row-94"]
from IPython.display import display

from utils.notebook.widgets import mask_explorer

display(mask_explorer.mask_explorer(spellings, json.dumps(RECORD_SCHEMAS["notice"])))
steps_shown = mask_explorer.follow_text(
    json.dumps(RECORD_SCHEMAS["notice"]), spellings, '{"animal":"go'
)
print(mask_explorer.steps_text(steps_shown))
show(
    mask_explorer.steps_figure(
        mask_explorer.follow_text(
            json.dumps(RECORD_SCHEMAS["notice"]),
            spellings,
            json.dumps(example.record, separators=(",", ":")),
        )
    ),
    "How many of the tokens are allowed after each character of a record: one or a few where the schema dictates the "
    "text, hundreds inside a choice, tens of thousands inside a free string.",
)

# %% [markdown]
# *To think about: an object's properties may stand in any order in JSON. This grammar fixes the
# order of the schema. What would it cost to allow all orders of ten properties, and what might it
# do to the model's answer?*
#
# ## 6 Valid is not correct
#
# **What the chapter claims.** A JSON mode guarantees valid JSON, not the right content. And if
# generation stops at the most tokens allowed, the JSON is cut and does not parse; too high a limit
# makes answers slow and expensive.
#
# ### Five approaches, two models, one table
#
# Everything so far on the same notes, and the finetuned models of the next section beside it.
# SmolLM2's prompt has one worked example, unless it says three; the world's model gets the note
# alone. Latency is at batch 1, from the times above: reading the prompt's own part once per
# record, then every token of every attempt, and the mask on top where there is one.

# %% tags=["experiment", "row-95"]
from utils.decoding.grammar import json_document
from utils.evaluation.finetuned_models import finetuned_card, with_record_adapter
from utils.evaluation.structured_outputs import Costs, seconds

mask_seconds = float(np.mean(times.get("mask, known state", np.zeros(1)))) / 1000
costs = Costs(float(np.median(reading_times)), step_ms / 1000, mask_seconds)
constrained = single("mask", writers[1].write(tasks, constrained=True, max_new_tokens=longest))
tuned_decoder = CommonPrefixDecoder(with_record_adapter(smollm2), "int8")
tuned = pretrained_writer(smollm2, tuned_decoder, spellings, None)
real = {
    "prompting": by_examples[1],
    "+ repair": repaired("repair", by_examples[1]),
    "+ retry": again,
    "+ mask": constrained,
    "three examples": by_examples[3],
    "finetuned": single("finetuned", tuned.write(tasks, max_new_tokens=longest)),
    "finetuned + mask": single(
        "both", tuned.write(tasks, constrained=True, max_new_tokens=longest)
    ),
}
of_world = {
    "prompting": untrained,
    "+ repair": repaired("repair", untrained),
    "+ retry": retried(
        "retry", base_writer.write(world_tasks, choose=Temperature(1.0).seeded(0), samples=4)
    ),
    "+ mask": single("mask", base_writer.write(world_tasks, constrained=True)),
    "finetuned": single("finetuned", tuned_world.write(world_tasks)),
    "finetuned + mask": single("both", tuned_world.write(world_tasks, constrained=True)),
}
started, started_tokens = time.perf_counter(), tuned_world.write(world_tasks[:1])[0][0].tokens
world_costs = Costs(0.0, (time.perf_counter() - started) / max(started_tokens, 1), mask_seconds)
for title, approaches, priced in (("SmolLM2", real, costs), ("world model", of_world, world_costs)):
    print(
        f"\n{title:18} {'valid':>20} {'correct':>20} {'right fields':>20} {'tokens':>7} {'seconds':>16}"
    )
    for name, approach in approaches.items():
        cells = [share(values) for values in (approach.valid, approach.correct, approach.accuracy)]
        taken = share(seconds(approach, priced, "mask" in name))
        print(
            f"{name:18} "
            + " ".join(f"{cell.mean:6.2f} [{cell.low:.2f}, {cell.high:.2f}]" for cell in cells)
            + f" {np.mean(approach.tokens):7.1f} {taken.mean:6.3f} [{taken.low:.3f}, {taken.high:.3f}]"
        )

figure, all_axes = plt.subplots(1, 2, figsize=(10, 3.6), sharey=True, constrained_layout=True)
for axes, (title, approaches) in zip(
    all_axes, (("SmolLM2", real), ("world model", of_world)), strict=True
):
    for place, (label, measure) in enumerate(
        (("valid", "valid"), ("correct", "correct"), ("right fields", "accuracy"))
    ):
        shares = [share(getattr(approach, measure)) for approach in approaches.values()]
        middles = np.arange(len(shares)) + 0.26 * (place - 1)
        axes.bar(middles, [one.mean for one in shares], 0.26, color=COLOURS[place], label=label)
        gaps = [[one.mean - one.low for one in shares], [one.high - one.mean for one in shares]]
        axes.errorbar(
            middles, [one.mean for one in shares], gaps, fmt="none", color="black", linewidth=0.8
        )
    axes.set_xticks(range(len(approaches)), list(approaches), rotation=35, ha="right")
    axes.set(title=title, xlabel="approach", ylabel="share of records")
figure.legend(
    *all_axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=3, fontsize=8
)
show(
    figure,
    "Valid, correct and right fields for each approach, for SmolLM2 and for the world's models; bars are 95% intervals. "
    "Valid and correct are far apart wherever a model was not trained for the task.",
)
only_valid = share(constrained.valid - constrained.correct)
verdicts.add(
    row=95,
    claim="valid is not correct: a format can be guaranteed, content cannot",
    measured=f"under the mask SmolLM2 is {constrained.valid.mean():.0%} valid and {constrained.correct.mean():.0%} correct "
    f"({constrained.accuracy.mean():.0%} of fields), the world's base model {of_world['+ mask'].valid.mean():.0%} and "
    f"{of_world['+ mask'].correct.mean():.0%}",
    outcome="holds"
    if only_valid.low > 0
    else "undecided"
    if only_valid.high > 0
    else "does not hold",
    interval=f"valid and wrong [{only_valid.low:.0%}, {only_valid.high:.0%}], {n_tasks} notes",
)

# %% [markdown]
# Read the table downwards, and the columns apart. Repair and retry are nudges: a repair helps a
# model that is nearly there and does nothing for one that is not. A retry has to draw at a
# temperature above 0, and here that costs more validity at each attempt than three attempts bring
# back. Two more examples do as much for validity as a mask, and more for the content. A mask makes
# every record valid that comes to its end; a model that has no idea what to write may fill a
# string until the limit cuts it, and then the record is not even JSON. Content is another matter:
# that is what examples and training move. The finetuned models get a short prompt, without schema
# and examples. SmolLM2's small adapter has learned the fields better than their end: it starts a
# record well and then may go on with fields of its own, which a mask forbids. The two together
# give the most right fields.
#
# ### Cut off
#
# JSON mode is a mask for *any* JSON. SmolLM2 writes under it, with the schema and one example in
# the prompt. And for every limit on new tokens: how many records are whole?

# %% tags=["experiment", "row-95"]
any_json = Constraint(json_document(only_objects=True), spellings)
few = tasks[: budget.pick(smoke=2, cpu=4, gpu=100)]
json_mode = [
    generate(decoder, [writers[1].prompt(task) for task in few if task.kind == kind], longest,
             stop_ids=smollm2.eos_ids, adjust=Constraint(any_json.grammar, spellings).adjust)
    for kind in ("visit", "notice") if any(task.kind == kind for task in few)
]  # fmt: skip
ordered = [task for kind in ("visit", "notice") for task in few if task.kind == kind]
mode_rows = [row for rows in json_mode for row in rows]
mode_checks = [
    check_record(task, smollm2.decode(row.ids, skip_special_tokens=True))
    for task, row in zip(ordered, mode_rows, strict=True)
]
finished = [row.finish == "stop" for row in mode_rows]
print(f"JSON mode: {np.mean(finished):.0%} came to an end, {np.mean([c.is_json for c in mode_checks]):.0%} parse, "
      f"{np.mean([c.is_valid for c in mode_checks]):.0%} satisfy the schema, "
      f"{np.mean([c.is_correct for c in mode_checks]):.0%} correct")  # fmt: skip
limits = list(range(4, longest + 1, budget.pick(smoke=2, cpu=4)))
whole = {}
for name, approach in (
    ("SmolLM2, schema mask", constrained),
    ("world, finetuned + mask", of_world["finetuned + mask"]),
):
    encode = smollm2.encode if "SmolLM2" in name else None
    curve = []
    for limit in limits:
        complete = [
            parsed(smollm2.decode(encode(one.text)[:limit])) is not None
            if encode
            else one.finished and one.tokens <= limit
            for one in approach.outputs
        ]
        curve.append(float(np.mean(complete)))
    whole[name] = curve
mode_curve = [
    float(np.mean([parsed(smollm2.decode(row.ids[:limit])) is not None for row in mode_rows]))
    for limit in limits
]
whole["SmolLM2, JSON mode"] = mode_curve
figure, axes = plt.subplots(constrained_layout=True)
for (name, curve), style in zip(whole.items(), ("-", "--", ":"), strict=True):
    axes.plot(limits, curve, style, marker=".", label=name)
axes.set(xlabel="most new tokens", ylabel="share of outputs that parse", ylim=(0, 1.03))
axes.legend()
show(
    figure,
    "Share of outputs that parse against the limit on new tokens: nothing below the length of the shortest record, all "
    "above that of the longest, in JSON mode too.",
)
middle = limits[len(limits) // 3]
cut = share([float(parsed(smollm2.decode(row.ids[:middle])) is None) for row in mode_rows])
verdicts.add(
    row=95,
    claim="even in JSON mode an output that hits the token limit does not parse",
    measured=f"at a limit of {middle} tokens {cut.mean:.0%} of the outputs of JSON mode do not parse; at {longest} "
    f"{1 - mode_curve[-1]:.0%}",
    outcome="holds" if cut.low > 0 else "undecided",
    interval=f"[{cut.low:.0%}, {cut.high:.0%}], {cut.n} outputs",
)

# %% [markdown]
# ### What a mask does to the distribution
#
# One would like to draw from the model's distribution *given that the output is valid*. A mask
# does not do that. It renormalises at every step, without knowing where a step leads: an option
# with a likely first token gets all of that token's weight, however unlikely its rest. For a set
# of options both distributions can be computed exactly. Their distance is the total variation: the
# most by which the probability of any event is off.
#
# SmolLM2 chooses among the 24 animals, each in its usual tokens; a model of the world among 20
# people for a question about somebody's teacher, half of whom share a given name. The control has
# options of one token each: then there is one step, and nothing to distort.

# %% tags=["experiment", "row-95"]
from utils.evaluation.token_trees import option_distribution
from utils.decoding.cached import CachedDecoder
from utils.world import draw_questions

animal_ids = [[*smollm2.encode(animal), smollm2.eos_ids[0]] for animal in common.ANIMALS]
measures = {"SmolLM2, 24 animals": [], "world, 20 people": [], "control, single tokens": []}
for task in notices[: budget.pick(smoke=2, cpu=6, gpu=100)]:
    prompt = smollm2.encode_chat(
        [{"role": "user", "content": f"{questions['choice'][0]}\n{task.text}"}]
    )
    measures["SmolLM2, 24 animals"].append(option_distribution(decoder, prompt, animal_ids))
world_decoder = CachedDecoder(load_base_model("world-medium"))
vocabulary = world.vocabulary
asked = draw_questions(
    world, budget.pick(smoke=5, cpu=25), seed=3, splits=("known",), relations=("teacher",)
)
rng = np.random.default_rng(0)
for question in asked:
    names = [world.people[int(i)].name for i in rng.choice(len(world.people), 10, replace=False)]
    given = {name.split()[0] for name in names}
    names += [
        person.name
        for person in world.people
        if person.name.split()[0] in given and person.name not in names
    ][:10]
    opening = vocabulary.encode(question.question) + vocabulary.encode(
        " ".join(question.answer.split()[:-2])
    )
    dot = vocabulary.encode(".")
    options = [vocabulary.encode(name) + dot for name in names]
    measures["world, 20 people"].append(option_distribution(world_decoder, opening[-100:], options))
    towns = [vocabulary.encode(town) for town in world.towns[:20]]
    measures["control, single tokens"].append(
        option_distribution(world_decoder, opening[-100:], towns)
    )
distances = {name: share([one.distortion for one in found]) for name, found in measures.items()}
modes = {
    name: float(np.mean([one.greedy != int(one.exact.argmax()) for one in found]))
    for name, found in measures.items()
}
for name, distance in distances.items():
    print(f"{name:24} total variation {distance}; greedy misses the likeliest option in {modes[name]:.0%}; "
          f"weight of all options {np.mean([one.mass for one in measures[name]]):.3f}")  # fmt: skip
worst = max(measures["SmolLM2, 24 animals"], key=lambda one: one.distortion)
order = np.argsort(-worst.exact)[:12]
figure, (left, right_axes) = plt.subplots(1, 2, figsize=(9.5, 3.6), constrained_layout=True)
left.bar(np.arange(12) - 0.2, worst.exact[order], 0.4, label="given that it is valid")
left.bar(np.arange(12) + 0.2, worst.masked[order], 0.4, label="token by token under the mask")
left.set_xticks(range(12), [common.ANIMALS[i] for i in order], rotation=60, ha="right")
left.set(xlabel="option", ylabel="probability")
left.legend(fontsize=8)
right_axes.boxplot(
    [[one.distortion for one in found] for found in measures.values()], whis=(0, 100)
)
right_axes.set_xticks(range(1, 4), [name.replace(", ", "\n") for name in measures], fontsize=8)
right_axes.set(xlabel="model and options", ylabel="total variation (0 to 1)")
show(
    figure,
    "Left: the prompt of SmolLM2 with the largest distortion, exact probabilities of the likeliest options beside those "
    "under the mask. Right: total variation over prompts; single-token options have none.",
)
real_distance, control_distance = (
    distances["SmolLM2, 24 animals"],
    distances["control, single tokens"],
)
verdicts.add(
    row=95,
    claim="masking samples from the values that meet the constraints (as if given that they do)",
    measured=f"total variation to the exact conditional distribution: SmolLM2 {real_distance.mean:.2f}, world "
    f"{distances['world, 20 people'].mean:.2f}, single tokens {control_distance.mean:.0e}",
    outcome="does not hold"
    if real_distance.low > 0.05
    else "holds in part"
    if real_distance.low > 0.005
    else "holds",
    interval=f"[{real_distance.low:.2f}, {real_distance.high:.2f}], {real_distance.n} prompts",
)

# %% [markdown]
# *To think about: drawing freely and throwing away what is invalid gives the exact distribution.
# What does it cost when the options have a weight of 1%?*
#
# ## 7 Train the format
#
# **What the chapter claims.** Finetuning on examples of the format is the most effective and
# general way; where it does not guarantee the format, it is far more reliable than prompting. Some
# say that the effort for masks is better spent on making models follow instructions.
#
# First a curve that shows two things being learned at two speeds. A base model of the world, which
# has never seen a record, is finetuned in five runs; after 0, 10, 30 and more steps we measure
# validity without a mask, and right fields without and with one. The model that ships with the
# course is the end of the same road: 3,000 steps.

# %% tags=["experiment", "row-96"]
from utils.evaluation.record_runs import RecordJob, finetune_on_records
from utils.training.sweep import close_local_workers, run_sweep

points = budget.pick(smoke=(2, 4), cpu=(10, 30, 100), gpu=(10, 30, 100, 300, 1000))
jobs = [
    RecordJob(seed=seed, steps=points[-1], measured_at=points, n_tasks=budget.pick(smoke=50, cpu=2000),
              n_test=budget.pick(smoke=6, cpu=30, gpu=100))
    for seed in range(budget.pick(smoke=2, cpu=5))
]  # fmt: skip
runs = run_sweep(finetune_on_records, jobs, workers=budget.workers)
shipped = of_world["finetuned"]
reached = {step: [next(p for p in run if p.step == step) for run in runs] for step in (0, *points)}
for step, found in reached.items():
    print(f"step {step:4}: valid {mean_interval([p.valid for p in found])}; fields "
          f"{mean_interval([p.accuracy for p in found])}; masked {mean_interval([p.masked_accuracy for p in found])}")  # fmt: skip
print(
    f"step 3000: valid {share(shipped.valid)}; fields {share(shipped.accuracy)} (card: {finetuned_card('world-records')['field_accuracy']})"
)

figure, (left, right_axes) = plt.subplots(1, 2, figsize=(9.5, 3.5), constrained_layout=True)
drawn = [max(step, 3) for step in reached]
for label, name, style in (
    ("valid", "valid", "-"),
    ("right fields", "accuracy", "--"),
    ("right fields, masked", "masked_accuracy", ":"),
):
    found = [mean_interval([getattr(p, name) for p in reached[step]]) for step in reached]
    left.errorbar(
        drawn,
        [one.mean for one in found],
        [one.mean - max(one.low, 0) for one in found],
        fmt=style,
        marker="o",
        capsize=3,
        label=label,
    )
left.plot([3000], [shipped.valid.mean()], "o", color=COLOURS[0])
left.plot([3000], [shipped.accuracy.mean()], "o", color=COLOURS[1])
left.set(xscale="log", xlabel="finetuning steps (0 drawn at 3)", ylabel="share", ylim=(-0.03, 1.05))
left.legend(fontsize=8)
compared = {
    "1 example": real["prompting"],
    "1 example\n+ mask": constrained,
    "3 examples": real["three examples"],
    "finetuned": real["finetuned"],
    "finetuned\n+ mask": real["finetuned + mask"],
}
for place, (label, measure) in enumerate((("valid", "valid"), ("right fields", "accuracy"))):
    found = [share(getattr(approach, measure)) for approach in compared.values()]
    middles = np.arange(len(compared)) + 0.35 * (place - 0.5)
    right_axes.bar(middles, [one.mean for one in found], 0.35, label=label)
    right_axes.errorbar(
        middles,
        [one.mean for one in found],
        [[one.mean - one.low for one in found], [one.high - one.mean for one in found]],
        fmt="none",
        color="black",
        capsize=3,
    )
right_axes.set_xticks(range(len(compared)), list(compared), fontsize=8)
right_axes.set(xlabel="SmolLM2", ylabel="share", ylim=(0, 1.3))
right_axes.legend(fontsize=8, ncols=2, loc="upper center")
show(
    figure,
    "Left: a world model over finetuning steps; validity rises within a hundred steps, right fields come "
    "long after. Right: SmolLM2 with one example, with a mask, with three examples, and finetuned with a small adapter.",
)
best_prompt = real["three examples"]
gain = share(real["finetuned"].accuracy - best_prompt.accuracy)
gain_valid = share(real["finetuned"].valid - best_prompt.valid)
over_mask = share(real["finetuned"].accuracy - constrained.accuracy)
verdicts.add(
    row=96,
    claim="finetuning is more reliable than prompting for a format",
    measured=f"SmolLM2 with three examples -> finetuned without any: valid {best_prompt.valid.mean():.0%} -> "
    f"{real['finetuned'].valid.mean():.0%}, right fields {best_prompt.accuracy.mean():.0%} -> "
    f"{real['finetuned'].accuracy.mean():.0%} ({real['finetuned + mask'].accuracy.mean():.0%} with a mask, too); "
    f"world valid {reached[0][0].valid:.0%} -> "
    f"{np.mean([p.valid for p in reached[points[-1]]]):.0%} after {points[-1]} steps",
    outcome="holds"
    if gain_valid.low > 0 or (gain_valid.low >= 0 and gain.low > 0)
    else "undecided"
    if gain_valid.high > 0 or gain.high > 0
    else "does not hold",
    interval=f"fields [{gain.low:+.0%}, {gain.high:+.0%}], over the mask [{over_mask.low:+.0%}, {over_mask.high:+.0%}]",
)

# %% [markdown]
# Form is cheap and content is not. After a hundred steps the world model writes valid records and
# fills them with whatever is popular: the schema is in its weights, copying from the note is not.
# Validity alone would have told you that the training is done.
#
# SmolLM2's adapter is a low-rank addition to its last 8 blocks (LoRA, Hu et al., 2021), trained on
# 120 notes in a few minutes of CPU time. `scripts/make_record_adapter.py` remakes it. Its prompt
# is the note and one sentence: no schema, no examples.
#
# *To think about: the schema gets a new field next week. What has to be done under each of the
# approaches?*
#
# ## 8 A head for classes
#
# **What the chapter claims.** For classification you can guarantee the form by changing the
# architecture before finetuning: put a classifier head on the model, whose outputs are the classes
# (Figure 2-22). You can train the whole model, or the head only: less work, less good.

# %% [markdown]
# ### Exercise: `ClassifierHead`
#
# *Difficulty 2 of 5, 15 minutes.* If the output is one of a few classes, the text is a detour.
# Replace the layer that gives logits over the vocabulary by one that gives logits over the
# classes. In a causal transformer only the last token has seen the whole text, so its hidden state
# is the one to read.
#
# But a batch is padded. `mask` is 1 for a real token and 0 for padding, as tokenizers give it,
# with integers. Some rows are padded on the right, some on the left, also within one batch: find
# the last real token of each row. Return logits, without a softmax.

# %% exercise="ClassifierHead"

# %% [markdown]
# ### Head only, whole model, or just asking
#
# Six classes of notes: what it is about, and one detail (paid or not, in company or alone, with a
# reward or without). On the world's base model the head is trained alone, and with the whole
# model, five runs each on the same notes. SmolLM2 is asked in words, under a mask that allows the
# six names only, and gets a head on its frozen last hidden state. Guessing is right in one of six.

# %% tags=["experiment", "row-97"]
from utils.evaluation.note_classes import (
    NOTE_CLASSES,
    ClassifierJob,
    fit_head,
    last_states,
    note_class,
    train_classifier,
)

n_notes, head_steps = budget.pick(smoke=60, cpu=400), budget.pick(smoke=5, cpu=300)
whole_steps = budget.pick(smoke=3, cpu=60, gpu=200)
class_jobs = [
    ClassifierJob(
        seed,
        whole,
        n_notes,
        whole_steps if whole else head_steps,
        n_test=budget.pick(smoke=30, cpu=300),
    )
    for whole in (False, True)
    for seed in range(budget.pick(smoke=2, cpu=5))
]
class_runs = run_sweep(train_classifier, class_jobs, workers=budget.workers)
close_local_workers()
heads, wholes = ([run for run in class_runs if run.job.whole is whole] for whole in (False, True))
head_accuracy, whole_accuracy = (
    mean_interval([run.accuracy for run in found]) for found in (heads, wholes)
)
for name, found, accuracy in (
    ("head only", heads, head_accuracy),
    ("whole model", wholes, whole_accuracy),
):
    print(f"world, {name:12} accuracy {accuracy}; {found[0].parameters:,} parameters trained; "
          f"{np.mean([run.seconds for run in found]):.2f} s")  # fmt: skip

n_fit, n_ask = budget.pick(smoke=12, cpu=60, gpu=400), budget.pick(smoke=3, cpu=16, gpu=200)
class_tasks = draw_record_tasks(world, n_fit + n_ask, seed=29)
fit_tasks, ask_tasks = class_tasks[:n_fit], class_tasks[n_fit:]
started = time.perf_counter()
states = last_states(smollm2.model, [smollm2.encode(task.text) for task in class_tasks])
labels = torch.tensor([note_class(task) for task in class_tasks])
real_head = fit_head(states[:n_fit], labels[:n_fit], steps=budget.pick(smoke=5, cpu=300))
head_seconds = time.perf_counter() - started
with torch.inference_mode():
    head_says = real_head.linear(states[n_fit:]).argmax(-1)
head_right = (head_says == labels[n_fit:]).double().tolist()
class_mask = Constraint(choices(NOTE_CLASSES), spellings)
listed = ", ".join(NOTE_CLASSES)
class_prompts = [
    smollm2.encode_chat(
        [
            {
                "role": "user",
                "content": f"Which of these is the note: {listed}? Answer with one of them.\nNote: {task.text}",
            }
        ]
    )
    for task in ask_tasks
]
started = time.perf_counter()
said = [smollm2.decode(row.ids, skip_special_tokens=True)
        for row in generate(decoder, class_prompts, 8, stop_ids=smollm2.eos_ids, adjust=class_mask.adjust)]  # fmt: skip
asking_seconds = time.perf_counter() - started
asked_right = [
    float(NOTE_CLASSES[note_class(task)] == text)
    for task, text in zip(ask_tasks, said, strict=True)
]
asked_accuracy, real_accuracy = share(asked_right), share(head_right)
print(f"SmolLM2, asked under a mask: {asked_accuracy}, {asking_seconds / n_ask:.2f} s a note")
print(
    f"SmolLM2, head on {n_fit} notes: {real_accuracy}, {head_seconds:.1f} s to read all notes and to train"
)

figure, axes = plt.subplots(constrained_layout=True)
bars = {
    "world\nhead only": head_accuracy,
    "world\nwhole model": whole_accuracy,
    "SmolLM2\nasked": asked_accuracy,
    "SmolLM2\nhead only": real_accuracy,
}
axes.bar(
    range(4),
    [one.mean for one in bars.values()],
    color=[COLOURS[0], COLOURS[0], COLOURS[1], COLOURS[1]],
)
axes.errorbar(
    range(4),
    [one.mean for one in bars.values()],
    [
        [one.mean - max(one.low, 0) for one in bars.values()],
        [one.high - one.mean for one in bars.values()],
    ],
    fmt="none",
    color="black",
    capsize=4,
)
axes.axhline(1 / 6, color=COLOURS[7], linestyle=":", label="guessing")
axes.set_xticks(range(4), list(bars))
axes.set(xlabel="model and method", ylabel="accuracy (share of notes)", ylim=(0, 1.08))
axes.legend()
show(
    figure,
    "Accuracy in six classes: a head on the world's frozen model, its whole model trained, SmolLM2 asked in words, and a head on SmolLM2's frozen states.",
)
difference = mean_interval([b.accuracy - a.accuracy for a, b in zip(heads, wholes, strict=True)])
verdicts.add(
    row=97,
    claim="the whole model finetuned beats the head alone, which is cheaper; both always give a class",
    measured=f"world: head {head_accuracy.mean:.0%} with {heads[0].parameters:,} parameters in {np.mean([r.seconds for r in heads]):.1f} s, "
    f"whole model {whole_accuracy.mean:.0%} with {wholes[0].parameters:,} in {np.mean([r.seconds for r in wholes]):.1f} s; SmolLM2: asked "
    f"{asked_accuracy.mean:.0%}, head {real_accuracy.mean:.0%}",
    outcome="holds"
    if difference.low > 0
    else "undecided"
    if difference.high > 0
    else "does not hold",
    interval=f"whole - head [{difference.low:+.2f}, {difference.high:+.2f}], {len(heads)} runs",
)

# %% [markdown]
# Times of the head leave out the reading of the notes, which happens once: its training touches
# only D x C numbers. That is the whole attraction, and the limit: a head can only read what the
# frozen state already holds at the last token.
#
# *To think about: a head always names a class. What should it do with a note that belongs to
# none?*
#
# ## 9 Queries that run
#
# **What the chapter claims.** Semantic parsing turns language into something a machine runs:
# text-to-SQL, text-to-regex. The output must be valid, and people use it to talk to a database in
# plain words.
#
# Validity here can be tried out: run it. That needs care. A model's SQL is somebody else's code:
# it may write, or never end. The course runs it read-only, with a bound on instructions:

# %%
from utils.evaluation.safe_sql import SqlError, run_query
from utils.evaluation.sql_tasks import world_database

database = world_database(world)
endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
for sql in (
    "SELECT name, trade FROM people LIMIT 2",
    "DELETE FROM people",
    "SELECT 1; DROP TABLE people",
    endless,
):
    try:
        print(run_query(database, sql))
    except SqlError as error:
        print(f"{type(error).__name__}: {error}")

# %% [markdown]
# ### Exercise: `execution_match`
#
# *Difficulty 4 of 5, 30 minutes.* Two SQL queries that look different may mean the same. So
# text-to-SQL is judged by execution: run both queries on a database, and compare the rows.
#
# - Rows are a multiset: their order does not matter, but how often each occurs does. Column names
#   do not matter, the order of the columns does.
# - Only when the *gold* query has an `ORDER BY` at its top level does the order matter. One in a
#   subquery, a window or a text in quotes does not count. Upper and lower case, blanks and line
#   breaks are the same to SQL.
# - SQL that fails is no match, also when both fail. No error leaves the function.
# - SQL that writes is no match, and the database stays as it was: `DROP TABLE` in a prediction
#   must not drop anything. A query that only reads may hold any words in its texts and names.
#
# Hints: the connection can be told what it may do, and SQLite knows better than any list of words
# what a statement is going to do: look at `Connection.set_authorizer` or at `PRAGMA query_only`,
# and undo either afterwards. A rollback does not undo everything. To find a top-level `ORDER BY`,
# remove what stands in quotes, then what stands in brackets.

# %% exercise="execution_match"

# %% [markdown]
# ### Text against execution, with a mask and without
#
# A small model of the world was finetuned on both tasks; `scripts/make_query_model.py` remakes it.
# No test question occurred in its training; since there are only so many towns and rivers, most
# new questions are those with two values, a town and a year say. Most questions have two right
# queries, and which one counts as gold is a coin toss, as in data sets that several people wrote.
# Regular expressions are judged on strings: some that must match, and near misses that must not.
# The masks are regular expressions of all queries over the two tables, and of all expressions made
# of these pieces.
#
# Two controls. The same answers given to the next question: what a match by accident is worth. And
# questions about values, a fifth of the towns, trades and so on, that no training question ever
# named.

# %% tags=["experiment", "row-98"]
from utils.evaluation.query_models import QueryVocabulary, training_queries, write_queries
from utils.evaluation.regex_tasks import draw_regex_tasks, examples_match, regex_pattern
from utils.evaluation.safe_sql import execution_match as course_execution_match
from utils.evaluation.sql_tasks import SQL_FAMILIES, draw_sql_tasks, sql_pattern

query_vocabulary = QueryVocabulary(world)
query_model = load_finetuned("world-queries")
n_queries = budget.pick(smoke=8, cpu=120, gpu=500)
trained_questions = {
    task.question for tasks_of_kind in training_queries(world) for task in tasks_of_kind
}


def new_ones(drawn):
    return [task for task in drawn if task.question not in trained_questions][:n_queries]


sql_tasks = new_ones(draw_sql_tasks(world, 4 * n_queries, seed=31))
strange_tasks = new_ones(draw_sql_tasks(world, n_queries, seed=31, unseen=True))
regex_tasks = new_ones(draw_regex_tasks(4 * n_queries, seed=31))
piece_spellings = query_vocabulary.spellings()
masks = {
    "SQL": Constraint(regular_expression(sql_pattern()), piece_spellings),
    "regex": Constraint(regular_expression(regex_pattern()), piece_spellings),
}


def runs(sql):
    try:
        run_query(database, sql)
    except SqlError:
        return False
    return True


def judged(kind, given, written):
    gold = [task.sql if kind == "SQL" else task.pattern for task in given]
    if kind == "SQL":
        valid = [runs(query) for query in written]
        executed = [
            course_execution_match(query, task.sql, database)
            for query, task in zip(written, given, strict=True)
        ]
    else:
        valid = [masks["regex"].grammar.accepts(pattern) for pattern in written]
        executed = [
            examples_match(pattern, task) for pattern, task in zip(written, given, strict=True)
        ]
    text = [a == b for a, b in zip(written, gold, strict=True)]
    return (
        {"runs": share(valid), "same text": share(text), "same result": share(executed)},
        executed,
        text,
    )


results, written_queries = {}, {}
for kind, given in (("SQL", sql_tasks), ("regex", regex_tasks)):
    asked_questions = [task.question for task in given]
    for masked in (False, True):
        written = write_queries(
            query_model, query_vocabulary, asked_questions, masks[kind] if masked else None
        )
        written_queries[kind, masked] = written
        results[kind, "masked" if masked else "free"] = judged(kind, given, written)
    shuffled = written_queries[kind, False][1:] + written_queries[kind, False][:1]
    results[kind, "shuffled"] = judged(kind, given, shuffled)
strange = write_queries(query_model, query_vocabulary, [task.question for task in strange_tasks])
results["SQL", "new values"] = judged("SQL", strange_tasks, strange)
for (kind, how), (shares, _, _) in results.items():
    print(
        f"{kind:6} {how:9}",
        "; ".join(
            f"{name} {one.mean:.2f} [{one.low:.2f}, {one.high:.2f}]" for name, one in shares.items()
        ),
    )
_, executed, same_text = results["SQL", "free"]
by_family = {
    family: [
        float(ok) for task, ok in zip(sql_tasks, executed, strict=True) if task.family == family
    ]
    for family in SQL_FAMILIES
}
print({family: f"{np.mean(found):.2f}" for family, found in by_family.items() if found})
for task, query in (
    *list(zip(sql_tasks, written_queries["SQL", False], strict=True))[:3],
    (strange_tasks[0], strange[0]),
):
    print(f"  {task.question}\n    {query}")

figure, all_axes = plt.subplots(1, 2, figsize=(9.5, 3.5), sharey=True, constrained_layout=True)
for axes, kind in zip(all_axes, ("SQL", "regex"), strict=True):
    for place, how in enumerate(("free", "masked", "shuffled", "new values")):
        if (kind, how) not in results:
            continue
        found = list(results[kind, how][0].values())
        middles = np.arange(3) + 0.2 * (place - 1.5)
        axes.bar(middles, [one.mean for one in found], 0.2, label=how, color=COLOURS[place])
        axes.errorbar(
            middles,
            [one.mean for one in found],
            [[one.mean - one.low for one in found], [one.high - one.mean for one in found]],
            fmt="none",
            color="black",
            capsize=2,
        )
    axes.set_xticks(range(3), ["runs", "same text\nas gold", "same result"])
    axes.set(title=kind, xlabel="how it is judged", ylabel="share of questions")
all_axes[0].legend(fontsize=8)
show(
    figure,
    "Text-to-SQL and text-to-regex: share of outputs that run, that equal the gold text, and that give the same result, "
    "free, under a mask, with answers given to the wrong question, and for values that training never named.",
)
missed = share([float(ok and not same) for ok, same in zip(executed, same_text, strict=True)])
free_sql, masked_sql = results["SQL", "free"][0], results["SQL", "masked"][0]
verdicts.add(
    row=98,
    claim="text-to-SQL and text-to-regex need outputs that are valid, and can be judged by running them",
    measured=f"SQL: runs {free_sql['runs'].mean:.0%}, masked {masked_sql['runs'].mean:.0%}; same result "
    f"{free_sql['same result'].mean:.0%}, same text only {free_sql['same text'].mean:.0%}; regex: same result "
    f"{results['regex', 'free'][0]['same result'].mean:.0%}, same text {results['regex', 'free'][0]['same text'].mean:.0%}; "
    f"SQL on values never trained on {results['SQL', 'new values'][0]['same result'].mean:.0%}",
    outcome="holds"
    if masked_sql["runs"].mean == 1 and missed.low > 0
    else "holds in part"
    if missed.mean > 0 or masked_sql["runs"].mean == 1
    else "does not hold",
    interval=f"right but another text [{missed.low:.0%}, {missed.high:.0%}], {n_queries} questions",
)

# %% [markdown]
# Look at the queries for new values: they run, they look right, and they ask about another town.
# The model has learned which names belong into a query and picks one of those, instead of copying
# the one in the question. No mask sees that. Regular expressions are harder for it: for
# descriptions that it has not seen, most of what it writes is a valid expression of something
# else.
#
# Text match calls a right query wrong whenever its author would have written it otherwise.
# Execution match errs in the other direction: two different queries can agree on this database by
# accident (look at the shuffled control), and an empty result agrees with every other empty
# result, which is why no test question here has one. A second database with other facts would
# catch most of these.
#
# *To think about: which of the three fences around the SQL above would still hold if the database
# were a server that others use?*
#
# ## Summary

# %% tags=["experiment"]
verdicts

# %% [markdown]
# What this notebook showed, and what it did not. Both models are small; a large one is valid far
# more often from a prompt alone, and the order of the approaches may change with it. What does not
# change: validity and correctness are two numbers; a mask guarantees the first for finished
# outputs and shifts the distribution; repairs are as good as their author's list; retries pay most
# for what is hardest.
#
# **Read next**
#
# - Willard and Louf (2023), *Efficient guided generation for large language models*: automata over
#   tokens, the idea of sections 4 and 5.
# - Park et al. (2024), *Grammar-aligned decoding*: how to get the exact conditional distribution
#   back.
# - Hu et al. (2021), *LoRA*: the adapter of section 7.
# - Zhong et al. (2020), *Semantic evaluation for text-to-SQL with distilled test suites*: several
#   databases against accidental matches.
#
# In notebook 09 form is no longer the question. The answer is well formed, fluent, and perhaps not
# true.
