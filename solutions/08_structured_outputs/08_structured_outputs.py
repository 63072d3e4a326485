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
# You need notebook 07 (logits, samplers) and about three and a half hours with the exercises.
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
# | 3 Ask again | `expected_attempts` with `attempts_for`, `retry_until_valid` | 2 and 1 of 5 | 10 and 10 |
# | 4 Only what is allowed | `mask_logits`, `Automaton`, `allowed_tokens`, `constrained_choice` | 1 to 3 of 5 | 70 |
# | 5 From a schema to a mask | `is_json_prefix` | 4 of 5 | 40 |
# | 6 Valid is not correct | | | |
# | 7 Train the format | | | |
# | 8 A head for classes | `ClassifierHead` | 2 of 5 | 15 |
# | 9 Queries that run | `execution_match` | 4 of 5 | 30 |
#
# No experiment depends on your answers. The rules of the verdicts stand with the recorded runs, and
# in `utils/experiments/structured/verdicts.py`.

# %% tags=["setup"]
from utils.notebook import Verdicts, setup

budget, verdicts = setup(), Verdicts()

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
# sees 0, 1 or 3 worked examples: the same request, stated more and more clearly.
#
# A minute is too short for a verdict, so several experiments of this notebook have a recorded run
# as well: the same code, more notes, written down once. **Recorded** (`course record 08 90` makes
# it again): 48 notes of each kind, with none and with three of the examples. First comes the rule
# of the verdict, which was written before the run:

# %% tags=["experiment", "row-90"]
from utils.experiments.recording.live import said
from utils.experiments.recording.record import read_record
from utils.experiments.structured.tables import print_shares

clarity = read_record("08", 90)
prompts_90, n_90 = clarity.findings["shares"], clarity.findings["notes"]
print(clarity.design["rule_text"], f"\n{said(clarity)}:")
print_shares(clarity.findings)

# %% [markdown]
# **Live**, on this machine: a few notes of one kind. As a control, a base model of the world gets
# notes too; it has never seen an instruction. Weights are in 8 bits here (notebook 03), to decode
# faster. Some outputs that are not valid are printed.

# %% tags=["experiment", "row-90"]
from utils.experiments.structured import real_model
from utils.experiments.structured.structured_outputs import (
    pretrained_writer,
    share,
    single,
    world_writer,
)
from utils.experiments.structured.tables import print_failures
from utils.training.base_models import load_base_model

smollm2, decoder, spellings = real_model.smollm2(), real_model.decoder(), real_model.spellings()
n_tasks = budget.pick(smoke=2, cpu=6, gpu=200)
longest = budget.pick(smoke=8, cpu=56)
kinds = budget.pick(smoke=("notice",), cpu=("visit",), gpu=("visit", "notice"))
tasks = draw_record_tasks(world, n_tasks, seed=7, kinds=kinds)
writers = {n: pretrained_writer(smollm2, decoder, spellings, n) for n in (0, 1, 3)}
written = {n: writer.write(tasks, max_new_tokens=longest) for n, writer in writers.items()}
by_examples = {n: single(f"{n} examples", texts) for n, texts in written.items()}
base_writer = world_writer(load_base_model("world-small"), world)
n_world_tasks = budget.pick(smoke=10, cpu=80, gpu=1000)
world_tasks = draw_record_tasks(world, n_world_tasks, seed=7, kinds=("visit", "notice"))
untrained = single("base model of the world", base_writer.write(world_tasks))
for name, approach in (*by_examples.items(), ("world", untrained)):
    valid, fields = share(approach.valid), share(approach.accuracy)
    print(f"{name!s:5} JSON {share(approach.is_json)}; valid {valid}; fields {fields}")
print_failures(by_examples)

# %% tags=["experiment", "row-90", "draw"]
from utils.experiments.structured import figures
from utils.notebook import show

show(
    figures.prompts_figure(clarity.findings, [by_examples[n].valid.mean() for n in (0, 3)]),
    f"SmolLM2 on {n_90} notes of the recorded run: share of outputs that are JSON, that satisfy "
    "the schema, and of right fields, with no and three worked examples in the prompt, with 95% "
    f"intervals; diamonds: valid outputs of {n_tasks} notes, live.",
)

# %% tags=["experiment", "row-90", "judge"]
from utils.experiments.structured import verdicts as judged

claim = "a prompt can ask for a format; clarity helps, and nothing is guaranteed"
verdicts.add(90, claim, **judged.prompted(clarity, by_examples))

# %% [markdown]
# Read the outputs, not only the shares. Does it fill the schema in, or copy it? Where does an
# output that is no JSON go wrong? Are the values the note's, or an example's? And compare the kinds
# of record above: one prompt may be clear enough for a flat record and not for an order, which has
# a list in it.
#
# *To think about: three examples cost prompt tokens in every call. When is finetuning on a hundred
# of them cheaper?*
#
# <details><summary>One answer</summary>
#
# Each call pays for the examples again, and finetuning is paid for once. Compare the price of the
# examples' tokens in all calls that you expect with that of a training run and of keeping another
# model. Few calls favour the examples; so does a format that still changes.
#
# </details>
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
# The first lacks a bracket, the second a comma: there is one place to put it. In the third a name is
# cut off; no bracket or quote brings back what stood there.
#
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
# First SmolLM2's own mistakes, those of the recorded run above, mended in three ways: by the
# course's `repair_json` (rules like yours), by the package `json-repair`, and by rules that also
# know the schema: drop unknown fields, take quotes off numbers, match choices without regard to
# case, turn "no reward" into `null`. The rules were written after reading outputs for *other*
# notes.
#
# Then thousands of records that we break ourselves, in ways that the rules foresee, and in ways
# that they do not (a comma missing between fields, a key without quotes, an output cut off in the
# middle). If one record in ten is broken, 99.99% right means that 999 of 1,000 broken ones are
# mended. The control is a repair that does nothing. The live run is as large as this rule needs.

# %% tags=["experiment", "row-91"]
from utils.experiments.structured.repairs import by_package, by_rules, repair_rates
from utils.experiments.structured.structured_outputs import repaired

own_mistakes = clarity.findings["mended"]["3 examples"]
as_written = {key: one[0] for key, one in prompts_90["3 examples"].items()}
print(f"SmolLM2, three examples, {n_90} notes of the recorded run:")
for name, found in {"as written": as_written, **own_mistakes}.items():
    print(f"  {name:12}", ", ".join(f"{key} {value:.2f}" for key, value in found.items()))

n_broken = budget.pick(smoke=60, cpu=3700, gpu=20000)  # 3,689 without a failure show 999 in 1,000
originals = [task.target for task in draw_record_tasks(world, n_broken, seed=11)]
unforeseen_shares = (0.0, 0.01, 0.1, 0.5, 1.0)
repairs = {"nothing": lambda text: text, "repair_json": by_rules, "json-repair": by_package}
rates = repair_rates(originals, repairs, unforeseen_shares)
print(f"\n{n_broken} broken records: parses, and is the original again")
for (name, unforeseen), (parses, original) in rates.items():
    print(f"  unforeseen {unforeseen:4.0%}, {name:12} {parses:.4f}  {original}")

# %% tags=["experiment", "row-91", "draw"]
show(
    figures.repair_figure(rates, n_broken),
    "Share of broken records that are not what they were after a repair, against the share of "
    "mistakes that the course's rules do not foresee; an open triangle at the bottom means that no "
    "record was left wrong.",
)

# %% tags=["experiment", "row-91", "judge"]
claim = "mending common mistakes takes valid outputs from 90% to 99.99%"
verdicts.add(91, claim, **judged.mended(rates, n_broken, as_written, own_mistakes))

# %% [markdown]
# A repair works as far as mistakes repeat. For SmolLM2's own mistakes compare in the first lines what
# a JSON repair changes in the share that parses, and what in the share that is valid. What do rules
# about the schema add? And mended is not right: compare the fields.
#
# ### YAML against JSON
#
# The same records, written four ways, in three vocabularies.

# %% tags=["experiment", "row-91"]
import numpy as np
import yaml

from utils.text.vocabularies import load_vocabulary

forms = {
    "JSON, indented": lambda record: json.dumps(record, indent=2),
    "JSON, one line": json.dumps,
    "JSON, no spaces": lambda record: json.dumps(record, separators=(",", ":")),
    "YAML": lambda record: yaml.safe_dump(record, sort_keys=False),
}
n_records = budget.pick(smoke=20, cpu=150)
records = [task.record for task in draw_record_tasks(world, n_records, seed=13)]
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

# %% tags=["experiment", "row-91", "draw"]
show(
    figures.notations_figure(counts),
    f"Mean tokens of {len(records)} records in four notations and three vocabularies.",
)

# %% tags=["experiment", "row-91", "judge"]
verdicts.add(91, "YAML takes fewer tokens than JSON", **judged.shorter(savings))

# %% [markdown]
# *To think about: a repair that turns 98 invalid records of 100 into valid ones of which 10 are
# wrong: is the program that reads them better off?*
#
# <details><summary>One answer</summary>
#
# Not necessarily. Before, it knew that 98 records were broken and could ask again or ask a
# person. Now it cannot tell which ten are wrong. It depends on what a wrong record costs, against
# what no record costs.
#
# </details>
#
# ## 3 Ask again
#
# **What the chapter claims.** Post-processing and asking again are bandages: they work when the
# model is nearly there. When an output is valid with probability p and attempts are independent,
# the first valid one comes after 1/p attempts on average. Four numbers:

# %%
for p in (0.9, 0.5, 0.1, 0.01):
    print(
        f"p = {p:4}: {1 / p:6.1f} attempts on average; after 3 attempts {1 - (1 - p) ** 3:.1%} "
        "have a valid output"
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
# A model of the world that was finetuned on records (section 7 shows how) writes each of many notes
# many times. The hotter its sampler, the further it is from a valid output, so one model stands for
# three: nearly there, on the way, far off. Asking again works, we said before the run, when three
# attempts give more than 85% of the notes a valid output; where an output in five or fewer is valid
# it should be less than 60%. Beside it SmolLM2, with one worked example and a few attempts at
# temperature 0.7.

# %% tags=["experiment", "row-92"]
import numpy as np

from utils.decoding.samplers import Temperature
from utils.experiments.structured.finetuned_models import load_finetuned
from utils.experiments.structured.retries import after_three, share_after
from utils.experiments.structured.structured_outputs import retried

tuned_world = world_writer(load_finetuned("world-records"), world)
n_notes, pool_size = budget.pick(smoke=4, cpu=48, gpu=200), budget.pick(smoke=12, cpu=30, gpu=400)
pool_tasks = draw_record_tasks(world, n_notes, seed=17, kinds=("visit", "notice"))
pools = {}
for temperature in (1.5, 2.0, 2.5):
    hot = Temperature(temperature).seeded(0)
    pool = tuned_world.write(pool_tasks, choose=hot, samples=pool_size, max_new_tokens=60)
    pools[temperature] = np.array([[one.check.is_valid for one in of_task] for of_task in pool])
    right = np.array([[one.check.is_correct for one in of_task] for of_task in pool])
    p, own = pools[temperature].mean(), pools[temperature].mean(1)
    print(f"temperature {temperature}: valid {p:.2f}, by note {own.min():.2f} to {own.max():.2f}; "
          f"correct {right.sum() / max(pools[temperature].sum(), 1):.2f} of the valid; "
          f"1/p is {1 / max(p, 1e-9):.2f} attempts")  # fmt: skip
retries = after_three(pools)

n_samples, warm = budget.pick(smoke=2, cpu=3, gpu=16), Temperature(0.7).seeded(1)
samples = writers[1].write(tasks, choose=warm, samples=n_samples, max_new_tokens=longest)
again = retried("retry", samples)
p_real = np.mean([one.check.is_valid for of_task in samples for one in of_task])
print(f"SmolLM2: valid {p_real:.2f} per attempt; after {n_samples} attempts {share(again.valid)}")

# %% tags=["experiment", "row-92", "draw"]
show(
    figures.attempts_figure(pools, share_after),
    "Left: share of notes with a valid output after so many attempts, by temperature: measured "
    "(points), with each note's own probability, and with one probability for all. Right: how the "
    "probability differs from note to note.",
)

# %% tags=["experiment", "row-92", "judge"]
claim = "asking again until it is valid works when the model is nearly there"
verdicts.add(92, claim, **judged.asked_again(retries, p_real, again))

# %% [markdown]
# 1/p holds for one note, and for a mean over notes only if all had the same p. Where they differ,
# the hard notes fail again and again, and the mean of 1/p is above 1/(mean p), whatever the
# distribution (Jensen's inequality): look at the gap between the two lines of a temperature.
#
# *To think about: retries at temperature 0 are pointless. Why, and what does raising the
# temperature do to correctness?*
#
# <details><summary>One answer</summary>
#
# At temperature 0 the same prompt gives the same output, so a failure repeats itself. A higher
# temperature makes the attempts differ, and it also draws less likely tokens into the fields:
# more attempts become valid in the end, with values that are right less often.
#
# </details>
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
#
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
# The two exercises below build on this automaton. Where yours is not ready yet, the next cell lends
# you the course's, under the same names, so that they do not depend on your answer above. (Run the
# cell of your answer again, and yours is back.)

# %%
from utils.notebook.lending import lend_automaton

lend_automaton()

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
# the pattern of a number, it can only answer so. A free answer in a whole sentence may be right
# without having the form, so we *search* it: it is right when it names the right value and no
# other. Two controls: the same prompts without the mask, and the mask after an opening such as
# "The lost animal is a", which we put into the model's mouth.

# %% tags=["experiment", "row-93"]
from utils.decoding.generation import generate
from utils.decoding.grammar import Constraint, choices, regular_expression
from utils.experiments.structured.choice_recipe import CHOICE
from utils.experiments.structured.choice_runs import (
    QUESTIONS,
    ChoiceJob,
    constraint_of,
    notices_with_reward,
    run_choice,
)
from utils.world import common

print(CHOICE.design.rule_text)
asked_record = read_record("08", 93, recipe=CHOICE)
asked = asked_record.findings
n_asked = budget.pick(smoke=2, cpu=8, gpu=96)
live = {name: run_choice(ChoiceJob(name, 0, n_asked)) for name in QUESTIONS}
for name, found in asked.items():
    print(f"\n{QUESTIONS[name].text} ({found['notes']} notes; live {n_asked})")
    for way in ("free", "masked", "opened"):
        form, right = found["form"][way][0], found["right"][way][0]
        here = [np.mean(live[name][key][way]) for key in ("form", "right")]
        print(f"  {way:6} form {form:4.0%} (live {here[0]:4.0%}), right {right:4.0%} (live "
              f"{here[1]:4.0%}), such as {live[name]['shown'][way]}")  # fmt: skip

# %% tags=["experiment", "row-93", "draw"]
show(
    figures.answers_figure(asked),
    "Recorded run: share of answers that have the asked form, and that say the right value and no "
    "other, free, under the mask, and under the mask after an opening; with 95% intervals.",
)
notices, which = notices_with_reward()[:n_asked], QUESTIONS["choice"].text
animals = constraint_of("choice", False)
prompt = smollm2.encode_chat([{"role": "user", "content": f"{which}\n{notices[0].text}"}])
free = decoder.prefill([prompt])[0]
show(
    figures.first_token_figure(
        free, animals.mask_logits(free[None], [animals.start])[0], smollm2.decode
    ),
    "The next token after the question for an animal: above the model's own distribution, below "
    f"after the mask, where only beginnings of the 24 names remain. "
    f"{int(animals.allowed(animals.start).sum())} of {spellings.vocab_size} tokens are allowed.",
)

# %% tags=["experiment", "row-93", "judge"]
claim = "filtering the logits makes every output meet the constraints"
verdicts.add(93, claim, **judged.masked_answers(asked_record))

# %% tags=["experiment", "row-93"]
if all(one["loss"][1] > 0 for one in asked.values()):
    print("The mask gave the form and took right answers. Look at the first token above: the model "
          "wants to begin a sentence, and nothing of what it wants is allowed. What is left of its "
          "distribution is hardly about the animals at all.")  # fmt: skip
if all(one["given back by an opening"][1] > 0 for one in asked.values()):
    print("The opening gives right answers back: at its end the model wants what the mask allows.")

# %% [markdown]
# Many tokens are allowed for the same beginning: `g`, `go` and `goat` may all start a goat. A mask
# of whole words would forbid two of them, perhaps the model's usual way of writing.
#
# *To think about: the mask lets "go" pass because a goose and a goat begin so. What if the model,
# after "go", wants "ld"?*
#
# <details><summary>One answer</summary>
#
# "ld" is masked, and its weight goes to the continuations that remain, here goose and goat: an
# option that the model never meant. The mask cannot know what the beginning stood for.
#
# </details>
#
# ## 5 From a schema to a mask
#
# **What the chapter claims.** Each format needs its own grammar, JSON, YAML, regular expressions,
# CSV, so constrained sampling is less general; building the grammar in is not trivial, and
# checking it can slow generation down.
#
# Brackets nest without end, so an automaton with a fixed set of states cannot know JSON; the
# course's grammar makes states as it needs them. The question is the same as for options.
#
# ### Exercise: `is_json_prefix`
#
# *Difficulty 4 of 5, 40 minutes.* Can the text that was written so far still become a JSON document?
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
from utils.experiments.structured.masks import compare_with_llguidance, time_steps

try:
    n_records = budget.pick(smoke=1, cpu=2)
    comparisons = compare_with_llguidance(smollm2, spellings, world, n_records)
except ValueError as error:
    comparisons = {}
    print(f"This comparison is left out: {error}")
steps = sum(one.steps for one in comparisons.values())
differing = sum(one.differing for one in comparisons.values())
different = sorted({name for (name, _), one in comparisons.items() if one.differing}) or "none"
print(
    f"{len(comparisons)} texts, {steps} masks of {spellings.vocab_size} tokens: {differing} differ"
)
print("schemas with a difference:", different)

prompt = smollm2.encode_chat([{"role": "user", "content": tasks[0].text}])
n_steps, repeats = budget.pick(smoke=3, cpu=15), budget.pick(smoke=1, cpu=3)
reading_times, token_times = time_steps(decoder, prompt, n_steps, repeats)
times = {
    "model's step": token_times,
    "mask, first time": [t for one in comparisons.values() for t in one.cold],
    "mask, known state": [t for one in comparisons.values() for t in one.cached],
    "llguidance": [t for one in comparisons.values() for t in one.reference],
}
times = {name: 1000 * np.array(values) for name, values in times.items() if values}
for name, values in times.items():
    middle, mean, most = np.median(values), values.mean(), values.max()
    print(f"{name:18} median {middle:8.4f} ms, mean {mean:8.4f} ms, longest {most:8.3f} ms")

# %% tags=["experiment", "row-94", "draw"]
show(
    figures.times_figure(times),
    "Time per token on a logarithmic axis: the model's step at batch 1, the course's mask in a "
    "new state and in a known one, and llguidance's mask. A stroke is one token, a dot the median.",
)

# %% tags=["experiment", "row-94", "judge"]
claim = "checking a grammar can increase the latency of generation"
verdicts.add(94, claim, **judged.latency(times, differing))

# %% [markdown]
# The claim fits the naive way: at every step, try all 49,152 tokens. A state stands for all texts
# that lead to it, so a mask is computed once per *state* and then only looked up. What remains is a
# first-time cost, which a server pays once per schema and not once per request.
#
# ### What if? Type a schema and watch
#
# Type a JSON schema, then write a record character by character. The view shows which tokens may
# follow. Try half a word, a closing quote, a number at its upper bound, a property that is not
# required.

# %% tags=["experiment", "row-94"]
from IPython.display import display

from utils.notebook.widgets import mask_explorer

notice_schema = json.dumps(RECORD_SCHEMAS["notice"])
notice_text = json.dumps(example.record, separators=(",", ":"))
display(mask_explorer.mask_explorer(spellings, notice_schema, notice_text))

# %% [markdown]
# *To think about: an object's properties may stand in any order in JSON. This grammar fixes the
# order of the schema. What would it cost to allow all orders of ten properties, and what might it
# do to the model's answer?*
#
# <details><summary>One answer</summary>
#
# A state would have to know which of the ten are already written, 2**10 sets instead of 10
# positions, and at each of them the names of all the rest are allowed. The model could then write
# first what it finds easiest; with a fixed order a field like a reason can be made to come before
# the verdict that depends on it.
#
# </details>
#
# ## 6 Valid is not correct
#
# **What the chapter claims.** A JSON mode guarantees valid JSON, not the right content. And if
# generation stops at the most tokens allowed, the JSON is cut and does not parse; too high a limit
# makes answers slow and expensive.
#
# ### Five approaches, two models, one table
#
# Everything so far on the same few notes, live, and the finetuned models of the next section beside
# it. This table is to look at; the recorded runs decide. SmolLM2's prompt has one worked example,
# unless it says three; the world's model gets the note alone. Latency is at batch 1, from the times
# above: reading the note once per record, then every token of every attempt, and the mask on top
# where there is one.

# %% tags=["experiment", "row-95"]
import time

from utils.experiments.structured.finetuned_models import ADAPTER_STEPS
from utils.experiments.structured.structured_outputs import Costs
from utils.experiments.structured.tables import print_approaches

constrained = single("mask", writers[1].write(tasks, constrained=True, max_new_tokens=longest))
tuned = pretrained_writer(smollm2, real_model.decoder(ADAPTER_STEPS[-1]), spellings, None)
both = tuned.write(tasks, constrained=True, max_new_tokens=longest)
real = {"prompting": by_examples[1], "+ repair": repaired("repair", by_examples[1])}
real |= {"+ retry": again, "+ mask": constrained, "three examples": by_examples[3]}
real["finetuned"] = single("finetuned", tuned.write(tasks, max_new_tokens=longest))
real["finetuned + mask"] = single("both", both)
drawn = base_writer.write(world_tasks, choose=Temperature(1.0).seeded(0), samples=4)
of_world = {"prompting": untrained, "+ repair": repaired("repair", untrained)}
of_world["+ retry"] = retried("retry", drawn)
of_world["+ mask"] = single("mask", base_writer.write(world_tasks, constrained=True))
of_world["finetuned"] = single("finetuned", tuned_world.write(world_tasks))
of_world["finetuned + mask"] = single("both", tuned_world.write(world_tasks, constrained=True))

mask_seconds = float(np.mean(times.get("mask, known state", np.zeros(1)))) / 1000
step_seconds = float(np.median(token_times))
print_approaches("SmolLM2", real, Costs(np.median(reading_times), step_seconds, mask_seconds))
started, n_tokens = time.perf_counter(), tuned_world.write(world_tasks[:1])[0][0].tokens
step_seconds = (time.perf_counter() - started) / max(n_tokens, 1)
print_approaches("world model", of_world, Costs(0.0, step_seconds, mask_seconds))

# %% tags=["experiment", "row-95", "draw"]
show(
    figures.approaches_figure({"SmolLM2": real, "world model": of_world}),
    "Valid, correct and right fields for each approach, for SmolLM2 and for the world's models; "
    "bars are 95% intervals.",
)

# %% [markdown]
# Read the table downwards, and the columns apart. A retry has to draw at a temperature above 0, which
# costs validity at each attempt: do three attempts bring it back here? Compare also what two more
# examples do, and what a mask does, for validity and for the content. A mask makes every record
# valid that comes to its end; a model that has no idea what to write may fill a string until the
# limit cuts it, and then the record is not even JSON. The finetuned models get a short prompt,
# without schema and examples.
#
# ### JSON mode, and cut off
#
# JSON mode is a mask for *any* JSON. In the recorded run SmolLM2 writes 48 notes of each kind under
# it, with the schema and three examples in the prompt. Of the outputs that it ended itself: how
# many parse, how many are wrong? And of the outputs that a limit on new tokens cuts: how many
# parse? Live: the same code on a few notes, and what the schema's mask wrote above.

# %% tags=["experiment", "row-95"]
from utils.experiments.structured.json_mode_recipe import JSON_MODE
from utils.experiments.structured.record_jobs import NotesJob, run_notes
from utils.experiments.structured.repairs import parsed

print(JSON_MODE.design.rule_text)
mode_record = read_record("08", 95, recipe=JSON_MODE)
mode = mode_record.findings
print(f"{mode['ended']:.0%} of {mode['notes']} outputs came to an end; of these "
      f"{mode['parses'][0]:.0%} parse, {mode['wrong'][0]:.0%} as another record. All:")  # fmt: skip
print_shares({name: {"JSON mode": mode[name]} for name in ("shares", "valid by kind")})
live_mode = run_notes(NotesJob("any JSON", "notice", 0, budget.pick(smoke=1, cpu=4, gpu=48)))
print("live, notices:", {key: live_mode[key] for key in ("json", "valid", "correct", "ended")})

# %% tags=["experiment", "row-95", "draw"]
show(
    figures.cut_figure(mode, constrained, longest),
    "Share of outputs that parse when they are cut at a part of the run's limit on new tokens: "
    "JSON mode on notes of three kinds (recorded), and the schema's mask on visits (live).",
)

# %% tags=["experiment", "row-95", "judge"]
claim = "JSON mode guarantees JSON, not the right content, and not when the limit cuts it off"
verdicts.add(95, claim, **judged.json_mode(mode_record))

# %% [markdown]
# ### What a mask does to the distribution
#
# One would like to draw from the model's distribution *given that the output is valid*. A mask does
# something else: it renormalises at every step, without knowing where a step leads. An option with
# a likely first token gets all of that token's weight, however unlikely its rest. That may explain
# lost answers of section 4, so here is a measurement without a verdict. For a set of options both
# distributions can be computed exactly. Their distance is the total variation: the most by which
# the probability of any event is off.
#
# SmolLM2 chooses among the 24 animals, each in its usual tokens; a model of the world among 20
# people for a question about somebody's teacher, half of whom share a given name. The control has
# options of one token each: then there is one step, and nothing to distort.

# %% tags=["experiment", "row-95"]
from utils.decoding.cached import CachedDecoder
from utils.experiments.structured.token_trees import option_distribution
from utils.experiments.structured.options import world_distributions

animal_ids = [[*smollm2.encode(animal), smollm2.eos_ids[0]] for animal in common.ANIMALS]
measures = {"SmolLM2, 24 animals": [], "world, 20 people": [], "control, single tokens": []}
for task in notices[: budget.pick(smoke=2, cpu=6, gpu=100)]:
    prompt = smollm2.encode_chat([{"role": "user", "content": f"{which}\n{task.text}"}])
    measures["SmolLM2, 24 animals"].append(option_distribution(decoder, prompt, animal_ids))
world_decoder = CachedDecoder(load_base_model("world-medium"))
for people, towns in world_distributions(world_decoder, world, budget.pick(smoke=5, cpu=25)):
    measures["world, 20 people"].append(people)
    measures["control, single tokens"].append(towns)
distances = {name: share([one.distortion for one in found]) for name, found in measures.items()}
for name, found in measures.items():
    missed = np.mean([one.greedy != int(one.exact.argmax()) for one in found])
    weight = np.mean([one.mass for one in found])
    print(f"{name:24} total variation {distances[name]}; greedy misses the likeliest option in "
          f"{missed:.0%}; weight of all options {weight:.3f}")  # fmt: skip

# %% tags=["experiment", "row-95", "draw"]
show(
    figures.distortion_figure(measures, common.ANIMALS),
    "Left: the prompt of SmolLM2 with the largest distortion, exact probabilities of the likeliest "
    "options beside those under the mask. Right: total variation over prompts.",
)

# %% [markdown]
# *To think about: drawing freely and throwing away what is invalid gives the exact distribution.
# What does it cost when the options have a weight of 1%?*
#
# <details><summary>One answer</summary>
#
# A hundred draws for one valid output on average, and each is a whole output. The mask pays with
# a wrong distribution instead, so one would weigh the two: draw under the mask and correct the
# weights, or reject only at the steps where the distortion arises.
#
# </details>
#
# ## 7 Train the format
#
# **What the chapter claims.** Finetuning on examples of the format is the most effective and
# general way; where it does not guarantee the format, it is far more reliable than prompting. Some
# say that the effort for masks is better spent on making models follow instructions.
#
# **Recorded:** SmolLM2 with a small adapter, trained for 10, 40 and 160 steps on a pool of 120
# notes, against the prompt with three worked examples from the same pool, on 48 other notes of each
# kind. The prompt is told the kind of record and its schema, the finetuned model neither.
#
# **Live:** two things being learned at two speeds. A base model of the world, which has never seen
# a record, is finetuned in a few runs; after 0, 10, 30 and more steps we measure validity without a
# mask, and right fields without and with one. The model that ships with the course is the end of
# the same road.

# %% tags=["experiment", "row-96"]
from utils.evaluation.intervals import mean_interval
from utils.experiments.structured.adapter_recipe import ADAPTER, PROMPTED
from utils.experiments.structured.finetuned_models import finetuned_card
from utils.experiments.structured.record_runs import RecordJob, finetune_on_records
from utils.training.sweep import close_local_workers, run_sweep

print(ADAPTER.design.rule_text)
adapter_record = read_record("08", 96, recipe=ADAPTER)
adapted = adapter_record.findings
print_shares(adapted)
points = budget.pick(smoke=(2, 4), cpu=(10, 30, 100), gpu=(10, 30, 100, 300, 1000))
n_notes, n_test = budget.pick(smoke=50, cpu=1000), budget.pick(smoke=6, cpu=12, gpu=100)
jobs = [
    RecordJob(seed=seed, steps=points[-1], measured_at=points, n_tasks=n_notes, n_test=n_test)
    for seed in range(budget.pick(smoke=2, cpu=4))
]
runs = run_sweep(finetune_on_records, jobs, workers=budget.workers)
shipped = of_world["finetuned"]
reached = {step: [next(p for p in run if p.step == step) for run in runs] for step in (0, *points)}
curves = {
    "valid": [mean_interval([p.valid for p in found]) for found in reached.values()],
    "right fields": [mean_interval([p.accuracy for p in found]) for found in reached.values()],
    "masked": [mean_interval([p.masked_accuracy for p in found]) for found in reached.values()],
}
for step, of_step in zip(reached, zip(*curves.values(), strict=True), strict=True):
    print(f"live, step {step}:", "; ".join(f"{name} {one}" for name, one in zip(curves, of_step)))
card = finetuned_card("world-records")["field_accuracy"]
print(f"shipped: valid {share(shipped.valid)}; fields {share(shipped.accuracy)} (card: {card})")

# %% tags=["experiment", "row-96", "draw"]
drawn_curves = {name: (list(reached), found) for name, found in curves.items()}
show(
    figures.format_steps_figure(drawn_curves, adapted, PROMPTED),
    "Left: a world model over finetuning steps, live, 0 drawn at 3. Right: SmolLM2 with an adapter "
    "over its training steps, recorded; dotted levels: the prompt with three worked examples.",
)

# %% tags=["experiment", "row-96", "judge"]
claim = "finetuning is more reliable than prompting for a format"
verdicts.add(96, claim, **judged.trained(adapter_record, curves["valid"], points[-1]))

# %% [markdown]
# A short training refutes nothing: does the curve on the right still rise at its end? A first run
# was judged by its last number of steps alone, while its curve still rose; the rule then got its
# condition on the end of the training. And which is learned first, the form or the content? Compare
# the curves on the left where they end: validity alone could tell you that the training is done.
#
# SmolLM2's adapter is a low-rank addition to its last 8 blocks (LoRA, Hu et al., 2021), trained on
# a few minutes of CPU time. `scripts/make_record_adapter.py` remakes it. Its prompt is the note and
# one sentence: no schema, no examples.
#
# *To think about: the schema gets a new field next week. What has to be done under each of the
# approaches?*
#
# <details><summary>One answer</summary>
#
# A prompt or a mask needs the new schema, and the examples a new value: minutes. A repair needs a
# rule for the new field. Finetuned models need new examples and another training run; until then
# they leave the field out, and a mask would make them invent it.
#
# </details>
#
# ## 8 A head for classes
#
# **What the chapter claims.** For classification you can guarantee the form by changing the
# architecture before finetuning: put a classifier head on the model, whose outputs are the classes
# (Figure 2-22). You can train the whole model, or the head only: less work, less good.
#
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
# All this fits into the live run, so none is recorded.

# %% tags=["experiment", "row-97"]
from utils.experiments.structured.note_classes import ClassifierJob, train_classifier

n_notes, n_test = budget.pick(smoke=60, cpu=400), budget.pick(smoke=30, cpu=300)
head_steps = budget.pick(smoke=5, cpu=300)
whole_steps = budget.pick(smoke=3, cpu=60, gpu=200)
class_jobs = [
    ClassifierJob(seed, whole, n_notes, whole_steps if whole else head_steps, n_test=n_test)
    for whole in (False, True)
    for seed in range(budget.pick(smoke=2, cpu=5))
]
class_runs = run_sweep(train_classifier, class_jobs, workers=budget.workers)
close_local_workers()
heads = [run for run in class_runs if not run.job.whole]
wholes = [run for run in class_runs if run.job.whole]
head_accuracy, whole_accuracy = (
    mean_interval([run.accuracy for run in found]) for found in (heads, wholes)
)
head_time, whole_time = (np.mean([run.seconds for run in found]) for found in (heads, wholes))
print(f"world, head only    accuracy {head_accuracy}; {heads[0].parameters:,} parameters trained; "
      f"{head_time:.2f} s")  # fmt: skip
print(f"world, whole model  accuracy {whole_accuracy}; {wholes[0].parameters:,} parameters "
      f"trained; {whole_time:.2f} s")  # fmt: skip

# %% tags=["experiment", "row-97"]
from utils.experiments.structured.note_classes import (
    NOTE_CLASSES,
    fit_head,
    last_states,
    note_class,
)

n_fit, n_ask = budget.pick(smoke=12, cpu=60, gpu=400), budget.pick(smoke=3, cpu=48, gpu=200)
class_tasks = draw_record_tasks(world, n_fit + n_ask, seed=29)
labels = torch.tensor([note_class(task) for task in class_tasks])
started = time.perf_counter()
states = last_states(smollm2.model, [smollm2.encode(task.text) for task in class_tasks])
real_head = fit_head(states[:n_fit], labels[:n_fit], steps=budget.pick(smoke=5, cpu=300))
head_seconds = time.perf_counter() - started
with torch.inference_mode():
    head_right = (real_head.linear(states[n_fit:]).argmax(-1) == labels[n_fit:]).double().tolist()

ask = f"Which of these is the note: {', '.join(NOTE_CLASSES)}? Answer with one of them."
requests = [f"{ask}\nNote: {task.text}" for task in class_tasks[n_fit:]]
prompts = [smollm2.encode_chat([{"role": "user", "content": request}]) for request in requests]
one_of_six = Constraint(choices(NOTE_CLASSES), spellings).adjust
started = time.perf_counter()
rows = generate(decoder, prompts, 8, stop_ids=smollm2.eos_ids, adjust=one_of_six)
asking_seconds = (time.perf_counter() - started) / n_ask
told = [smollm2.decode(row.ids, skip_special_tokens=True) for row in rows]
asked_right = [float(NOTE_CLASSES[k] == text) for k, text in zip(labels[n_fit:], told, strict=True)]
asked_accuracy, real_accuracy = share(asked_right), share(head_right)
print(f"SmolLM2, asked under a mask: {asked_accuracy}, {asking_seconds:.2f} s a note")
print(f"SmolLM2, head on {n_fit} notes: {real_accuracy}, {head_seconds:.1f} s to read and train")

# %% tags=["experiment", "row-97", "draw"]
bars = {
    "world\nhead only": head_accuracy,
    "world\nwhole model": whole_accuracy,
    "SmolLM2\nasked": asked_accuracy,
    "SmolLM2\nhead only": real_accuracy,
}
show(
    figures.classes_figure(bars, 1 / len(NOTE_CLASSES)),
    "Accuracy in six classes: a head on the world's frozen model, its whole model trained, SmolLM2 "
    "asked in words, and a head on SmolLM2's frozen states.",
)

# %% tags=["experiment", "row-97", "judge"]
claim = "the whole model finetuned beats the head alone, which is cheaper; both always give a class"
verdicts.add(97, claim, **judged.classified(heads, wholes, asked_accuracy, real_accuracy))

# %% [markdown]
# The world head's time leaves out the reading of the notes, which happens once: its training touches
# only D x C weights and C biases. That is its attraction, and its limit: a head can only read what
# the frozen state already holds at the last token.
#
# *To think about: a head always names a class. What should it do with a note that belongs to
# none?*
#
# <details><summary>One answer</summary>
#
# It needs a way to say none: a class of its own with examples, or a threshold on the largest
# probability, chosen on notes that belong to no class. Without either it names the nearest class,
# and nothing in its output shows that it should not have.
#
# </details>
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
from utils.experiments.structured.sql_tasks import world_database

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
# - SQL that fails is no match, also when both fail, and a text that holds no query is none either
#   (an empty one, or a comment). No error leaves the function.
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
# **Recorded:** a small model of the world is finetuned on questions of eight SQL templates and
# asked different ones: with values from the four fifths that training names, with values that it
# never named, and about two tables. A second model never sees a question about two tables in
# training, and is then asked these. A model with tied embeddings learns that a word which is never
# a target does not come, so both keep the rows of known words as they are; the control is the
# shipped model, which does not. Most questions have two right queries, and which one counts as gold
# is a coin toss, as in data sets that several people wrote.
#
# **Live:** the shipped model, on both tasks. No test question occurred in its training
# (`scripts/make_query_model.py`). Regular expressions are judged on strings: some that must match,
# and near misses that must not. The masks are regular expressions of all queries over the two
# tables, and of all expressions made of these pieces. As a control the same answers are given to
# the next question: what a match by accident is worth.

# %% tags=["experiment", "row-98"]
from utils.experiments.structured.query_recipe import QUERIES
from utils.experiments.structured.query_runs import TRAININGS

print(QUERIES.design.rule_text)
query_record = read_record("08", 98, recipe=QUERIES)
asked_sql = query_record.findings
print("questions:", asked_sql["questions"])
for training in TRAININGS:
    for group, found in asked_sql[training].items():
        told = ", ".join(f"{key} {value:.2f}" for key, value in found.items())
        print(f"{training:13} {group:22} {told}")
for group, found in asked_sql["by template"].items():
    print(f"{group}, right:", {name: round(value, 2) for name, value in found.items()})

# %% tags=["experiment", "row-98"]
from utils.experiments.structured.query_models import QueryVocabulary, write_queries
from utils.experiments.structured.regex_tasks import draw_regex_tasks, regex_pattern
from utils.experiments.structured.sql_tasks import draw_sql_tasks, sql_pattern
from utils.experiments.structured.queries import (
    judged_regex,
    judged_sql,
    new_questions,
    shares_by_family,
)

vocabulary, query_model = QueryVocabulary(world), load_finetuned("world-queries")
n_queries = budget.pick(smoke=8, cpu=60, gpu=500)
sql_tasks = new_questions(world, draw_sql_tasks(world, 4 * n_queries, seed=31), n_queries)
regex_tasks = new_questions(world, draw_regex_tasks(4 * n_queries, seed=31), n_queries)
unseen = draw_sql_tasks(world, n_queries, seed=31, unseen=True)
strange_tasks = new_questions(world, unseen, n_queries)
sql_mask = Constraint(regular_expression(sql_pattern()), vocabulary.spellings())
regex_mask = Constraint(regular_expression(regex_pattern()), vocabulary.spellings())


def write(given, mask=None):
    """Return the model's answers to questions, free or under a mask."""
    return write_queries(query_model, vocabulary, [task.question for task in given], mask)


# %% tags=["experiment", "row-98"]
free_queries, free_patterns = write(sql_tasks), write(regex_tasks)
strange = write(strange_tasks)
accepts = regex_mask.grammar.accepts
results = {
    ("SQL", "free"): judged_sql(database, sql_tasks, free_queries),
    ("SQL", "masked"): judged_sql(database, sql_tasks, write(sql_tasks, sql_mask)),
    ("SQL", "shuffled"): judged_sql(database, sql_tasks, free_queries[1:] + free_queries[:1]),
    ("regex", "free"): judged_regex(accepts, regex_tasks, free_patterns),
    ("regex", "masked"): judged_regex(accepts, regex_tasks, write(regex_tasks, regex_mask)),
    ("regex", "shuffled"): judged_regex(
        accepts, regex_tasks, free_patterns[1:] + free_patterns[:1]
    ),
    ("SQL", "new values"): judged_sql(database, strange_tasks, strange),
}
for (kind, how), (shares, _, _) in results.items():
    told = [
        f"{name} {one.mean:.2f} [{one.low:.2f}, {one.high:.2f}]" for name, one in shares.items()
    ]
    print(f"{kind:6} {how:10}", "; ".join(told))
_, executed, same_text = results["SQL", "free"]
print("same result by kind of question:", shares_by_family(sql_tasks, executed))
shown = [*list(zip(sql_tasks, free_queries))[:3], (strange_tasks[0], strange[0])]
for task, query in shown:
    print(f"  {task.question}\n    {query}")

# %% tags=["experiment", "row-98", "draw"]
show(
    figures.queries_figure(results),
    "Text-to-SQL and text-to-regex: share of outputs that run, that equal the gold text, and that "
    "give the same result, free, under a mask, with answers given to the wrong question, and (SQL) "
    "for values that training never named.",
)

# %% tags=["experiment", "row-98", "judge"]
claim = (
    "models turn questions into SQL that runs and is right, beyond what they were taught; "
    "running it judges it better than its text"
)
verdicts.add(98, claim, **judged.queried(query_record, results, n_queries))

# %% [markdown]
# Look at the queries for new values: do they ask about the town in the question, or about another
# one? A model that has learned which names belong into a query may pick one of those, instead of
# copying, and no mask sees that: the query runs and looks right. Compare the shipped model with the
# one whose known words were kept, and the templates with each other: towns stood in the records
# that both had learned to copy from, goods and rivers did not. The same holds for regular
# expressions: compare how many are valid with how many match what they should.
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
# <details><summary>One answer</summary>
#
# The limit on instructions and the read-only access hold only if the server enforces them: a role
# that may only read, and a time limit for each statement. Refusing a second statement depends on
# the driver. And other users' data may be readable: what the role must not see is a fourth fence.
#
# </details>
#
# ## Your own code at work
#
# Optional. Your `mask_logits` and your `is_json_prefix` make SmolLM2 write a record: at each step
# its tokens are tried from the likeliest down, and those after which the text can no longer become
# JSON are masked. Nothing here is the course's but the model.


# %% tags=["experiment"]
def json_ids(text, logits, ids_tried=500):
    """Return the ids, among the likeliest, after which the text can still become an object."""
    likeliest = logits.topk(ids_tried).indices.tolist()
    pieces = {token: smollm2.decode([token]) for token in likeliest}
    return {
        token
        for token, piece in pieces.items()
        if piece and (text + piece).lstrip().startswith("{") and is_json_prefix(text + piece)
    }


request = f'Write the note as JSON: {example.text}\nStart with {{"animal":'
prompt = smollm2.encode_chat([{"role": "user", "content": request}])
own_text, logits = "", decoder.prefill([prompt], reserve=longest + 1)[0]
try:
    for _ in range(longest):
        ids = json_ids(own_text, logits)
        if not ids:
            break
        token = int(mask_logits(logits, ids).argmax())
        own_text += smollm2.decode([token])
        if own_text.rstrip().endswith("}") and parsed(own_text) is not None:
            break
        logits = decoder.step(torch.tensor([token]))[0]
except NotImplementedError:
    print("Answer `mask_logits` and `is_json_prefix` first, then run this cell again.")
else:
    print(f"{example.text}\n{own_text}\nJSON: {parsed(own_text) is not None}")

# %% [markdown]
# ## Summary

# %% tags=["experiment"]
verdicts

# %% [markdown]
# Both models are small; we expect a large one to be valid far more often from a prompt alone, and
# the order of the approaches may change with it. What does not change: validity and correctness are
# two numbers; a mask guarantees the first for finished outputs and shifts the distribution; repairs
# are as good as their author's list; retries pay most for what is hardest.
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
