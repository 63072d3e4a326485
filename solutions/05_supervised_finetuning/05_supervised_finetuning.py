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
# A model that was trained on text goes on with text. Ask it a question, and it may answer, ask
# back, or tell you more about the question: all three are ways in which documents go on. In this
# notebook you turn such a model into one that answers, with *demonstrations*: pairs of a prompt and
# the answer that should follow. You write the chat format, the loss that counts answers only,
# packing, and LoRA, and measure what demonstrations buy and what they cost.
#
# You need notebooks 02 and 03 and about two and a half hours with the exercises.
#
# **You will learn to**
#
# - render a chat in a template, and say which of its tokens a model learns;
# - finetune a base model, all of it or a low-rank part, and show what changed;
# - put a price on demonstrations, and ask whether few good ones beat many poor ones;
# - find dialogues in web text by a rule, and count both kinds of its mistakes;
# - see what a skewed group of labelers does to a dataset, and when weights can mend it;
# - measure what a model forgets.
#
# | section | exercises | difficulty | minutes |
# |---|---|---|---|
# | 1 Completion and conversation | `render_chat` | 2 of 5 | 15 |
# | 2 What is learned | `build_labels`, `masked_cross_entropy`, `pack_examples` | 1, 3 and 2 of 5 | 5, 20 and 15 |
# | 3 What demonstrations cost | `demonstration_budget` | 1 of 5 | 5 |
# | 4 Dialogues found on the web | `extract_dialogue` | 2 of 5 | 15 |
# | 5 Who the labelers are | | | |
# | 6 From scratch, and what is forgotten | `LoRALinear`, `forgetting` | 4 and 1 of 5 | 25 and 5 |
# | 7 A real model, eight examples | | | |
# | 8 Your own code at work | | | |
#
# Each exercise is one cell with a gap. A visible test follows it, which you may read and run as
# often as you like, and graded tests after that. Nothing below an exercise depends on your answer,
# except the last section, which uses your functions if they work.
#
# Every experiment ends with a line in a table: what the chapter says, what we measured, the 95%
# interval, and a verdict that the code computes from the numbers. The models that are finetuned
# here are toys, which know a miniature world of a thousand invented people. Two experiments are too
# large for a cell and were **recorded**; the cell reads the record, and runs the same code smaller.

# %% tags=["setup"]
from utils.notebook import Verdicts, setup

budget, verdicts = setup(), Verdicts()

# %% [markdown]
# ## 1 Completion and conversation
#
# **What the chapter claims.** A pre-trained model completes. To "How to make pizza" it may (1) add
# context, "for a family of six?", (2) ask follow-up questions, or (3) give the instructions. All
# three are valid; whoever wants to serve users wants the third.
#
# The miniature world's documents do the same on purpose: after a question comes an answer, a second
# question, or a sentence about who is asking. A base model that was trained on them, `world-small`,
# has never seen anything else:

# %%
from utils.posttraining.chat import world_codec
from utils.training.base_models import base_world, load_base_model

world = base_world()
small = load_base_model("world-small")
for document in world.with_mix({"question": 1}).documents(4, seed=5):
    print(document.text)

# %% [markdown]
# A conversation needs a form in which it is clear whose words are whose. The course's template
# opens each turn with a token for its role and closes it with one end token:
#
#     <|user|>Where does Ada live?<|end|><|assistant|>She lives in Zor.<|end|>
#
# To get an answer, you write the user's turn and open the assistant's: `<|assistant|>` is the last
# token that the model reads, the *generation prompt*. Any other text in its place, a space too many
# for instance, is one that the model has never seen in training.
#
# ### Exercise: `render_chat`
#
# *Difficulty 2 of 5, 15 minutes.* Refuse an empty chat, a role that is not system, user or
# assistant, and two turns of one role in a row.

# %% exercise="render_chat"

# %% [markdown]
# ### Experiment: three kinds of completion
#
# **Claim.** A base model completes a question in any of three ways; after finetuning it answers.
# **Measurement.** Questions of the world are given to a base model and to the same model after
# finetuning on 2,000 demonstrations, as bare texts and as a user's turn. Each gets one continuation
# at temperature 1, and its first sentence is sorted by the world's grammar: context, question,
# answer, other. **Control.** What follows a question in the world's own documents, and the base
# model with the chat format, which alone teaches it nothing.
#
# **Rule.** Holds: the base model's shares of context and question are each above 10%, and the
# finetuned model answers at least 20 points more often, beyond the interval. Holds in part: only
# the second. Otherwise it does not hold.

# %% tags=["experiment", "row-59"]
from utils.experiments.finetuning.chat_models import load_chat_model
from utils.experiments.finetuning.completions import (
    completion_kind,
    document_kinds,
    sample_after,
    shares,
)
from utils.world import draw_questions

codec = world_codec(world.vocabulary)
n_asked = budget.pick(smoke=20, cpu=200, gpu=1000)
asked = draw_questions(world, n_asked, seed=3, asked=True, by_popularity=True)
turns = [[{"role": "user", "content": one.question}] for one in asked]
bare = [[world.vocabulary.end_of_text_id, *world.vocabulary.encode(one.question)] for one in asked]
chats = [codec.encode_chat(turn, add_generation_prompt=True).ids for turn in turns]
ends = (codec.end_id, world.vocabulary.end_of_text_id)
chat_model = load_chat_model("world-medium-chat")
conditions = {
    "base, bare": (load_base_model("world-medium"), bare),
    "base, chat": (load_base_model("world-medium"), chats),
    "finetuned, bare": (chat_model, bare),
    "finetuned, chat": (chat_model, chats),
}
kinds = {"documents": document_kinds(world, n_asked, seed=5)}
for name, (model, prompts) in conditions.items():
    written = sample_after(model, world, prompts, ends, seed=1)
    kinds[name] = [completion_kind(world, one, text) for one, text in zip(asked, written)]
    print(f"{name:16} {asked[0].question} {written[0]}")

# %% tags=["experiment", "row-59", "draw"]
import matplotlib.pyplot as plt

from utils.notebook import COLOURS, show

figure, axes = plt.subplots(figsize=(7, 3))
left = [0.0] * len(kinds)
for number, kind in enumerate(("answer", "question", "context", "other")):
    widths = [100 * shares(found)[kind] for found in kinds.values()]
    axes.barh(list(kinds), widths, left=left, label=kind, color=COLOURS[number])
    left = [a + b for a, b in zip(left, widths)]
axes.set(xlabel="share of continuations (%)", ylabel="what follows a question")
axes.invert_yaxis()
axes.legend(ncols=4, loc="upper center", bbox_to_anchor=(0.4, -0.2))
show(
    figure,
    "Shares of answers, questions, context and other text after a question: in documents, and as"
    " written by the base and the finetuned model, from bare questions and in the chat format.",
)

# %% tags=["experiment", "row-59", "judge"]
from utils.evaluation.intervals import paired_difference
from utils.notebook.verdicts import first_that_holds

answered = {name: [float(kind == "answer") for kind in found] for name, found in kinds.items()}
more = paired_difference(answered["finetuned, chat"], answered["base, bare"])
base_shares = shares(kinds["base, bare"])
all_three = min(base_shares["context"], base_shares["question"]) > 0.1
finally_answers = shares(kinds["finetuned, chat"])["answer"]
verdicts.add(
    row=59,
    claim="a base model adds context, asks on, or answers; after finetuning it answers",
    measured=(
        f"base: {base_shares['answer']:.0%} answers, {base_shares['question']:.0%} questions,"
        f" {base_shares['context']:.0%} context; finetuned: {finally_answers:.0%} answers"
    ),
    interval=f"difference {more}",
    outcome=first_that_holds(
        ("holds", all_three and more.low > 0 and more.mean > 0.2),
        ("holds in part", more.low > 0 and more.mean > 0.2),
        otherwise="does not hold",
    ),
)

# %% [markdown]
# Look at the bars in between, too. What does the chat format do to a model that has never seen its
# tokens? And has finetuning on chats changed how the model goes on with a bare question?
#
# **The chapter's own example**, with a real model. SmolLM2-135M-Instruct was finetuned by its
# makers; its base model is not at hand. But the same weights can be asked in two ways: with the
# bare text, as a base model would be, and in the chat format that it was finetuned with. A text that
# goes on with the same sentence counts as context, one that begins a new sentence as an answer:
# whether it is a good one is not judged.

# %% tags=["experiment", "row-59"]
from utils.experiments.finetuning.completions import english_kind, pretrained_completions
from utils.models.pretrained import load_gguf

real = load_gguf()
things = ("make pizza", "learn a language", "plant a tree", "fix a flat tyre", "bake bread")
requests = [f"How to {thing}" for thing in things][: budget.pick(smoke=1, cpu=5)]
real_kinds = {}
for name, as_chat in (("bare", False), ("chat", True)):
    texts = pretrained_completions(real, requests, as_chat, seed=0, max_new_tokens=16)
    real_kinds[name] = [english_kind(text) for text in texts]
    print(f"{name}: {requests[0]!r} goes on with {texts[0]!r}; {shares(real_kinds[name])}")

# %% tags=["experiment", "row-59", "judge"]
bare_answers, chat_answers_share = (shares(found)["answer"] for found in real_kinds.values())
verdicts.add(
    row=59,
    claim="a real model answers in its chat format and completes a bare text",
    measured=f"answers: {bare_answers:.0%} of bare texts, {chat_answers_share:.0%} of chats",
    interval=f"{len(requests)} requests: an illustration, no measurement",
    outcome=first_that_holds(
        ("holds", len(requests) > 4 and chat_answers_share - bare_answers >= 0.6),
        ("holds in part", chat_answers_share > bare_answers),
        otherwise="undecided",
    ),
)

# %% [markdown]
# **Think.** The finetuned model also answers where it knows nothing, and wrongly. Why does it not
# say "I do not know"?
#
# <details><summary>One answer</summary>
#
# All its demonstrations answer. It has learned that an answer follows a question, whatever it
# knows, and fills the place of the name with a likely one. Nothing showed it how to abstain.
# Notebook 09 measures this.
#
# </details>

# %% [markdown]
# ## 2 What is learned
#
# **What the chapter claims.** Demonstration data has the format (prompt, response), and the model
# clones the behaviour that it shows: *behaviour cloning*. Nothing is said about the prompts. In
# practice the loss counts the response and skips the prompt: users write prompts, and the model
# need not.
#
# Labels say what counts. They are as long as the input; where nothing is to be learned stands -100,
# a number that no token has:

# %%
from utils.world import draw_questions

first, second = draw_questions(world, 2, seed=3, asked=True, by_popularity=True)
chat, another = (
    [{"role": "user", "content": one.question}, {"role": "assistant", "content": one.answer}]
    for one in (first, second)
)
encoded = world_codec(world.vocabulary).encode_chat(chat)
for index, label in list(zip(encoded.ids, encoded.labels()))[-8:]:
    print(f"{index:4} {world.vocabulary.decode([index]):14} label {label}")

# %% [markdown]
# The end token is learned too: without it a model would never stop.
#
# ### Exercise: `build_labels`
#
# *Difficulty 1 of 5, 5 minutes.* The labels stay in place; the loss will move them by one.

# %% exercise="build_labels"

# %% [markdown]
# ### Exercise: `masked_cross_entropy`
#
# *Difficulty 3 of 5, 20 minutes.* The logits at position t predict the label at t + 1. A batch in
# which nothing counts must give 0, with a gradient of 0: a mean over nothing is NaN, and one NaN is
# the end of a training run.

# %% exercise="masked_cross_entropy"

# %% [markdown]
# Examples differ in length, and rows of a batch are padded to the longest. *Packing* puts several
# examples into one row instead; an attention mask then keeps them from seeing each other.
#
# ### Exercise: `pack_examples`
#
# *Difficulty 2 of 5, 15 minutes.* First-fit: each example goes into the first pack that has room.

# %% exercise="pack_examples"

# %% [markdown]
# Type a chat, and see which of its tokens count, with the mask of the labels and without.

# %% tags=["experiment"]
from utils.notebook.widgets.chat_mask import mask_explorer, mask_figure

display(mask_explorer("Where does Ada live?", "She lives in Zor."))
examples_of_chats = {
    "short question": chat,
    "with a system prompt": [{"role": "system", "content": "Answer in one sentence."}, *chat],
    "two questions": [*chat, *another],
}
show(
    mask_figure(examples_of_chats),
    "Share of the tokens of three chats that a masked loss counts: the assistant's words and end"
    " tokens, about a half or less.",
)

# %% [markdown]
# ### Experiment: with and without the mask
#
# **Claim.** (Common practice, not the chapter's.) Count the answers only. **Measurement.**
# The share of questions that `world-small` answers correctly after finetuning, about facts that no
# demonstration tells. **Control.** The same demonstrations, steps, rate and order, with every token
# counted; seeds are compared in pairs.
#
# **Rule.** Holds: the interval of the difference lies above 0. Does not hold: it lies below 0, or
# within 3 points around it. Otherwise it is undecided.

# %% tags=["experiment", "row-60"]
from dataclasses import replace

from utils.experiments.finetuning.runs import FinetuningJob
from utils.experiments.finetuning.sharing import correct_of, run_jobs

seeds = range(budget.pick(smoke=2, cpu=5, gpu=5))
plain = FinetuningJob(
    base="world-small",
    method="full",
    n=budget.pick(smoke=20, cpu=300, gpu=1000),
    quality="good",
    masked=True,
    steps=budget.pick(smoke=2, cpu=50, gpu=300),
    lr=2e-3,
    seed=0,
    n_questions=budget.pick(smoke=10, cpu=150, gpu=300),
)
mask_jobs = [replace(plain, masked=masked, seed=seed) for masked in (True, False) for seed in seeds]
mask_runs = run_jobs(mask_jobs, budget.workers)
with_mask, without_mask = (correct_of(mask_runs, masked=masked) for masked in (True, False))

# %% tags=["experiment", "row-60", "draw"]
from utils.notebook.drawing import points_by_seed

figure, axes = plt.subplots(figsize=(5, 3))
points_by_seed(axes, {"answers counted": with_mask, "all counted": without_mask})
axes.set(xlabel="what the loss counts (one point per seed)")
axes.set(ylabel="correct answers (share)", ylim=(0, None))
show(figure, "Share of correct answers after finetuning with and without the mask, by seed.")

# %% tags=["experiment", "row-60", "judge"]
difference = paired_difference(with_mask, without_mask)
verdicts.add(
    row=60,
    claim="the loss should count the response and not the prompt",
    measured=f"masked minus unmasked: {100 * difference.mean:+.1f} points of correct answers",
    interval=str(difference),
    outcome=first_that_holds(
        ("holds", difference.low > 0),
        ("does not hold", difference.high < 0),
        ("does not hold", difference.low > -0.03 and difference.high < 0.03),
        otherwise="undecided",
    ),
)

# %% [markdown]
# **Think.** In which data would the mask matter more than here?
#
# <details><summary>One answer</summary>
#
# Where prompts are many times longer than answers, or unlike anything worth writing: pasted
# articles, logs, other people's code. Then nearly all of an unmasked gradient teaches the model to
# write prompts. Here a question is about as long as its answer, and the base model knows how to
# write it already.
#
# </details>

# %% [markdown]
# ## 3 What demonstrations cost
#
# **What the chapter claims.** Good teachers are important. Nine in ten of the people who wrote
# InstructGPT's demonstrations had a college degree; one pair takes up to half an hour. At $10 a
# pair its 13,000 pairs cost $130,000, before design, recruiting and quality control.
#
# ### Exercise: `demonstration_budget`
#
# *Difficulty 1 of 5, 5 minutes.* Money and hours.

# %% exercise="demonstration_budget"

# %% tags=["experiment", "row-61"]
from utils.posttraining.demonstration_costs import demonstration_budget as reference_budget

dollars, hours = reference_budget(13_000, 10, 30)
print(f"${dollars:,.0f}, {hours:,.0f} hours: {hours / 1_800:.1f} years of one person's work")
print(f"at $10 for half an hour that is ${dollars / hours:.0f} an hour")
verdicts.add(
    row=61,
    claim="13,000 pairs at $10 cost $130,000",
    measured=f"${dollars:,.0f} (and up to {hours:,.0f} hours of work)",
    outcome=first_that_holds(("holds", dollars == 130_000), otherwise="does not hold"),
)

# %% [markdown]
# ### Experiment: few good or many poor ones
#
# **Claim.** Quality is worth its price. **Measurement.** `world-medium` is finetuned on what a
# budget buys: good demonstrations at $10, or five times as many at $2, of which four in ten are good
# and the others wrong, evasive, rambling, or a question in return. **Control.** Equal money, equal
# steps. **Recorded**; `course record 05 61` makes it again.

# %% tags=["experiment", "row-61"]
from utils.experiments.finetuning.quality_recipe import (
    LIVE_BUDGETS,
    QUALITY,
    advantages,
    quality_jobs,
)
from utils.experiments.recording.live import verdict_outcome
from utils.experiments.recording.record import read_record

print(QUALITY.design.rule_text)
quality_record = read_record("05", 61, recipe=QUALITY)
live_jobs = quality_jobs(
    "world-small",
    LIVE_BUDGETS,
    seeds=budget.pick(smoke=2, cpu=3, gpu=5),
    steps=budget.pick(smoke=2, cpu=50, gpu=300),
    n_questions=budget.pick(smoke=10, cpu=100, gpu=300),
)
live_runs = run_jobs(live_jobs, budget.workers)
for dollars, lead in advantages(live_runs).items():
    print(f"live, world-small, ${dollars:,}: few good lead by {lead}")

# %% tags=["experiment", "row-61", "draw"]
from utils.notebook.drawing import interval_bars
from utils.evaluation.intervals import mean_interval

by_budget = quality_record.findings["correct"]
series = {
    name: [mean_interval(found[quality]) for found in by_budget.values()]
    for name, quality in (("few good, $10", "good"), ("many poor, $2", "poor"))
}
figure, axes = plt.subplots(figsize=(5.5, 3))
interval_bars(axes, [f"${int(dollars):,}" for dollars in by_budget], series)
axes.set(xlabel="budget", ylabel="correct answers (share)")
axes.legend(ncols=2, loc="lower center", bbox_to_anchor=(0.5, 1.0))
show(
    figure,
    "Share of correct answers of a base model finetuned on few good or many poor demonstrations, at"
    " two budgets, with intervals over seeds.",
)

# %% tags=["experiment", "row-61", "judge"]
leads = quality_record.findings["lead"]
verdicts.add(
    row=61,
    claim="good teachers are important: demonstrations of high quality are worth their price",
    measured="few good minus many poor: "
    + ", ".join(f"{100 * lead[0]:+.0f} points at ${int(d):,}" for d, lead in leads.items()),
    interval=", ".join(f"[{lead[1]:.3f}, {lead[2]:.3f}]" for lead in leads.values()),
    outcome=verdict_outcome(quality_record),
)

# %% [markdown]
# Two things play against each other: a wrong demonstration teaches to be wrong, and one more
# demonstration teaches the form. Compare the small budget with the large one.
#
# **Think.** The facts are in the base model already. What can a demonstration with a *wrong* answer
# teach it nevertheless?
#
# <details><summary>One answer</summary>
#
# The form: that a sentence about the person follows, in one line, and then the end token. Wrong
# values are drawn at random, so they point in no common direction, and the model's own knowledge
# outweighs them. As many mistakes that all point the same way, since all labelers believe the same
# false thing, would do more harm.
#
# </details>

# %% [markdown]
# ## 4 Dialogues found on the web
#
# **What the chapter claims.** DeepMind found conversations for Gopher with simple heuristics, which
# reliably yield dialogues of high quality: texts in which lines of the form `[A]: short paragraph`
# alternate between speakers.
#
# ### Exercise: `extract_dialogue`
#
# *Difficulty 2 of 5, 15 minutes.* All lines have the form, nobody speaks twice in a row, there are
# two speakers at least.

# %% exercise="extract_dialogue"

# %% [markdown]
# ### Experiment: precision and recall
#
# **Claim.** The heuristic reliably yields dialogues. **Measurement.** On pages of which each is
# known to be a dialogue or not: transcripts, some "narrated" or with a "wrapped" line, and
# look-alikes, such as logs (`[INFO]: ...`), glossaries, monologues, profiles. *Precision* is the
# share of dialogues among what is found, *recall* the share of dialogues that are found.
# **Control.** The same rule where dialogues are rare, as they are on the web.
#
# **Rule.** Holds: precision at least 0.9 with its interval, at every share of dialogues. Holds in
# part: at some. Otherwise it does not hold.

# %% tags=["experiment", "row-62"]
from collections import Counter

from utils.posttraining.dialogue import extract_dialogue as reference_extract
from utils.posttraining.dialogue import precision_and_recall
from utils.world import draw_dialogue_texts

n_pages = budget.pick(smoke=100, cpu=500, gpu=5000)
found_by_share = {}
for share in (0.5, 0.2, 0.05):
    scores = []
    for seed in range(budget.pick(smoke=2, cpu=5)):
        pages = draw_dialogue_texts(world, n_pages, seed, share)
        found = [bool(reference_extract(page.text)) for page in pages]
        scores.append(precision_and_recall(found, [page.is_dialogue for page in pages]))
    found_by_share[share] = scores
sorts = Counter(page.sort for page in pages)
hits = Counter(page.sort for page, one in zip(pages, found) if one)
for sort, count in sorts.most_common():
    print(f"{sort:11} {hits[sort] / count:4.0%} of {count} pages are taken for dialogues")

# %% tags=["experiment", "row-62", "draw"]
from utils.notebook.drawing import interval_line

figure, axes = plt.subplots(figsize=(5, 3))
for place, name in enumerate(("precision", "recall")):
    points = [mean_interval([score[place] for score in one]) for one in found_by_share.values()]
    percent = [100 * share for share in found_by_share]
    interval_line(axes, percent, points, label=name, color=COLOURS[place])
axes.set(xlabel="dialogues among the pages (%)", ylabel="share", ylim=(0, 1.05))
axes.legend()
show(
    figure,
    "Precision and recall of the heuristic where half, a fifth and a twentieth of the pages are"
    " dialogues.",
)

# %% tags=["experiment", "row-62", "judge"]
precisions = [mean_interval([one[0] for one in scores]) for scores in found_by_share.values()]
reliable = [one.low >= 0.9 for one in precisions]
recall = mean_interval([score[1] for scores in found_by_share.values() for score in scores])
verdicts.add(
    row=62,
    claim="simple rules about lines reliably yield dialogues",
    measured=(
        f"precision {precisions[0].mean:.2f} where half of the pages are dialogues,"
        f" {precisions[-1].mean:.2f} where 5% are; recall {recall.mean:.2f}"
    ),
    interval=f"{precisions[0]}; {precisions[-1]}",
    outcome=first_that_holds(
        ("holds", all(reliable)), ("holds in part", any(reliable)), otherwise="does not hold"
    ),
)

# %% [markdown]
# The look-alikes here are made to have the form; on the real web they are a smaller share of what
# is no dialogue. So these numbers show the two kinds of mistake, and not what Gopher's filter
# reached.
#
# **Think.** Which single line added to the rule would throw out the logs, and which dialogues would
# it lose?
#
# <details><summary>One answer</summary>
#
# "No speaker's name in capitals only" drops INFO and WARN, and with them every transcript of a court
# or a film script, where names are written so. "A question mark somewhere" keeps questions and
# answers and loses talk without questions. Each rule trades one mistake for another; count both.
#
# </details>

# %% [markdown]
# ## 5 Who the labelers are
#
# **What the chapter claims.** Labelers should be representative of the population. LAION's 13,500
# volunteers were not: nine in ten who answered a survey were men (Köpf et al., 2023).
#
# ### Experiment: a skewed pool
#
# **Claim.** A skewed pool biases what a dataset says people want. **Measurement.** A population of
# two equal halves: one likes brief answers, the other polite and wordy ones. Each pair of answers
# gets one vote; the question is what share of the population prefers the longer one, and the true
# share is known. **Control.** A pool that is not skewed. Then the repair: each group is weighted to
# its share of the population, with groups from a survey that is right, and from one in which three
# in ten name a group at random.
#
# **Rule.** Holds: the interval of the skewed pool's error lies beyond 2 points from 0, and that of
# the even pool does not. For the repair: holds when the interval of the reweighted error includes 0
# or lies within 2 points; with the poor survey it holds in part when that one fails.

# %% tags=["experiment", "row-63"]
from utils.experiments.finetuning.skewed_labelers import (
    draw_votes,
    effective_votes,
    misreported,
    population_share,
    raw_share,
    reweighted_share,
)
from utils.world import draw_comparisons

pairs = draw_comparisons(world, budget.pick(smoke=100, cpu=1000, gpu=5000), seed=5)
truth = population_share(pairs)
errors = {"even pool": [], "skewed": [], "reweighted": [], "poor survey": []}
effective = []
for seed in range(budget.pick(smoke=3, cpu=20, gpu=50)):
    errors["even pool"].append(raw_share(draw_votes(pairs, (0.5, 0.5), seed)) - truth)
    votes = draw_votes(pairs, (0.9, 0.1), 1000 + seed)
    errors["skewed"].append(raw_share(votes) - truth)
    errors["reweighted"].append(reweighted_share(votes) - truth)
    known = misreported(votes, rate=0.3, seed=seed)
    errors["poor survey"].append(reweighted_share(votes, known=known) - truth)
    effective.append(effective_votes(votes))
print(f"{truth:.1%} of the population prefer the longer answer; halves on their own:")
brief, polite = (population_share(pairs, half) for half in ((1, 0), (0, 1)))
print(f"{brief:.1%} (brief), {polite:.1%} (polite)")
mean_effective = sum(effective) / len(effective)
print(f"{len(pairs)} skewed votes, reweighted, say as much as {mean_effective:.0f}")

# %% tags=["experiment", "row-63", "draw"]
figure, axes = plt.subplots(figsize=(6, 3))
points_by_seed(axes, {name: [100 * one for one in found] for name, found in errors.items()})
axes.axhline(0, color="black", linestyle=":", label="the population")
axes.set(xlabel="pool of labelers (one point per pool)", ylabel="error of the share (points)")
axes.legend()
show(
    figure,
    "Error of the estimated share that prefers the longer answer, for pools that are even, skewed,"
    " reweighted, and reweighted with a poor survey.",
)

# %% tags=["experiment", "row-63", "judge"]
found_errors = {name: mean_interval(values) for name, values in errors.items()}


def near(one):
    return one.low <= 0 <= one.high or max(abs(one.low), abs(one.high)) < 0.02


skewed = found_errors["skewed"]
is_biased = skewed.high < -0.02 or skewed.low > 0.02
verdicts.add(
    row=63,
    claim="a skewed pool of labelers misrepresents the population",
    measured=f"error {100 * skewed.mean:+.1f} points with nine in ten from one half",
    interval=str(skewed),
    outcome=first_that_holds(
        ("holds", is_biased and near(found_errors["even pool"])), otherwise="does not hold"
    ),
)
verdicts.add(
    row=63,
    claim="(ours) weighting labelers by group mends it",
    measured=(
        f"error {100 * found_errors['reweighted'].mean:+.1f} points, with a poor survey"
        f" {100 * found_errors['poor survey'].mean:+.1f}"
    ),
    interval=f"{found_errors['reweighted']}; {found_errors['poor survey']}",
    outcome=first_that_holds(
        ("holds", near(found_errors["reweighted"]) and near(found_errors["poor survey"])),
        ("holds in part", near(found_errors["reweighted"])),
        otherwise="does not hold",
    ),
)

# %% [markdown]
# **Think.** Weights need two things that a project of volunteers rarely has. Which?
#
# <details><summary>One answer</summary>
#
# To know the group of every labeler, and to know that the *right* groups were asked about: if taste
# goes with age, weights by gender change nothing. And some of every group must be there: no weight
# speaks for people of whom there is none. Even then few votes stand for many, and the estimate
# scatters more.
#
# </details>

# %% [markdown]
# ## 6 From scratch, and what is forgotten
#
# **What the chapter claims.** One could train on demonstrations from scratch, but pre-training first
# has often worked better.
#
# Finetuning starts from weights that know something, and can destroy it. *LoRA* (Hu et al., 2021)
# leaves the weights alone and adds to some layers a product of two thin matrices: B A x, of rank 8
# for instance. For a layer of 576 by 576:

# %%
full_size, low_rank = 576 * 576, 8 * (576 + 576)
print(f"{full_size:,} weights, {low_rank:,} in A and B of rank 8: {low_rank / full_size:.1%}")

# %% [markdown]
# ### Exercise: `LoRALinear`
#
# *Difficulty 4 of 5, 25 minutes.* It equals the given layer at the start, only A and B train, and
# `merge` gives one plain layer back.

# %% exercise="LoRALinear"

# %% [markdown]
# ### Exercise: `forgetting`
#
# *Difficulty 1 of 5, 5 minutes.* The drop for each task; for one that improved it is 0.

# %% exercise="forgetting"

# %% [markdown]
# ### Experiment: two starts, two methods
#
# **Claim.** Pretraining first is better. **Measurement.** Correct answers to questions that no
# demonstration answers, from the base `world-medium` and from random weights. **Control.** The same
# 1,000 demonstrations, and three times the steps for the random start. **Recorded**; `course record
# 05 64` makes it again.
#
# In the same record full finetuning and LoRA, at two learning rates each, are asked what they
# forget: the drop in next-word accuracy on profiles, towns, remarks and sums, which no
# demonstration is like. Methods are compared at the largest share of correct answers that *both*
# reach, since a method that learns less also forgets less.
#
# **Rule for forgetting** (ours). Holds: full finetuning forgets more than LoRA at equal gain, and the
# interval over seeds lies above 0. Does not hold: it lies below 0. Otherwise it is undecided.

# %% tags=["experiment", "row-64"]
from utils.experiments.finetuning.forgetting_recipe import (
    FORGETTING,
    finetuning_jobs,
    forgot,
    scratch_jobs,
    scratch_lead,
)

print(FORGETTING.design.rule_text)
forgetting_record = read_record("05", 64, recipe=FORGETTING)
steps = budget.pick(smoke=2, cpu=40)
start_jobs = scratch_jobs("world-small", 300, seeds=2, steps=steps, scratch_steps=2 * steps)
start_jobs = [replace(one, n_questions=budget.pick(smoke=10, cpu=120)) for one in start_jobs]
method_jobs = finetuning_jobs("world-small", {"full": (2e-3,), "lora": (1e-2,)}, 2, steps, 300)
live_starts = run_jobs(start_jobs, budget.workers)
live_methods = run_jobs(method_jobs, budget.workers)
print(f"live, world-small: the base leads by {scratch_lead(live_starts)}")
for run in live_methods:
    print(f"live, {run.job.method:5} {run.result['correct']:.0%} correct", end=", ")
    print(f"{100 * forgot(run):.1f} points forgotten")

# %% tags=["experiment", "row-64", "draw"]
figure, (left_axes, right_axes) = plt.subplots(1, 2, figsize=(9, 3.2))
by_start = {"base": [], "random weights": []}
for method, _, correct in forgetting_record.findings["starts"]:
    by_start["base" if method == "full" else "random weights"].append(correct)
points_by_seed(left_axes, by_start)
left_axes.set(xlabel="start (one point per seed)", ylabel="correct answers (share)", ylim=(0, 1))
for number, method in enumerate(("full", "lora")):
    points = [one for one in forgetting_record.findings["points"] if one["method"] == method]
    for rate, marker in zip(sorted({one["lr"] for one in points}), "os"):
        some = [one for one in points if one["lr"] == rate]
        x, y = [one["correct"] for one in some], [100 * one["forgot"] for one in some]
        label = f"{method}, rate {rate:g}"
        right_axes.plot(x, y, marker, color=COLOURS[number], label=label)
right_axes.set(xlabel="correct answers (share)", ylabel="forgotten (points of accuracy)")
right_axes.legend(fontsize=8)
show(
    figure,
    "Left: correct answers after finetuning from the base and from random weights, by seed. Right:"
    " what full finetuning and LoRA forget against what they gain, at two learning rates each.",
)

# %% tags=["experiment", "row-64", "judge"]
lead, drop = (forgetting_record.findings[name] for name in ("lead", "full_minus_lora"))
verdicts.add(
    row=64,
    claim="pretraining and then finetuning is better than demonstrations alone",
    measured=f"the base leads by {100 * lead[0]:.0f} points of correct answers",
    interval=f"[{lead[1]:.3f}, {lead[2]:.3f}], 3 seeds",
    outcome=verdict_outcome(forgetting_record),
)
verdicts.add(
    row=64,
    claim="(ours) at equal gain full finetuning forgets more than LoRA",
    measured=f"full minus LoRA: {100 * drop[0]:+.2f} points of next-word accuracy",
    interval=f"[{drop[1]:.4f}, {drop[2]:.4f}], 3 seeds",
    outcome=first_that_holds(
        ("holds", drop[1] > 0), ("does not hold", drop[2] < 0), otherwise="undecided"
    ),
)

# %% [markdown]
# The demonstrations show both models the form of an answer, and tell them the same facts. The facts
# that are asked for here stand in none of them: only the base model can have met those.
#
# **Think.** Why is it unfair to compare two methods at one learning rate each?
#
# <details><summary>One answer</summary>
#
# Rates mean different things to them: LoRA's B starts at 0 and needs a rate several times larger. A
# rate that is too low learns little and forgets little, and looks gentle. At equal gain that excuse
# is gone.
#
# </details>

# %% [markdown]
# ## 7 A real model, eight examples
#
# SmolLM2 has 135 million weights, and your machine has a few cores. LoRA on its last six blocks
# trains in seconds: the blocks below do not change, so their states are computed once. Eight
# examples teach it a habit, to begin with "In short:" and to stay brief. Change them to a habit of
# your own. The verdict counts beginnings only; read on whether more than the beginning was cloned.

# %% tags=["experiment", "row-60"]
from utils.experiments.finetuning.upper_blocks import chat_answers, finetune_upper

demonstrated = [
    ("What is the capital of Portugal?", "In short: Lisbon."),
    ("How many legs does a spider have?", "In short: eight legs."),
    ("Why is the sky blue?", "In short: air scatters blue light most."),
    ("What is a noun?", "In short: a word that names something."),
    ("How do I boil an egg?", "In short: eight minutes in boiling water."),
    ("Who wrote Hamlet?", "In short: William Shakespeare."),
    ("What is rust?", "In short: iron that has met water and air."),
    ("When do leaves fall?", "In short: in autumn."),
]
capital, cats = "What is the capital of Italy?", "Why do cats purr?"
new = [capital, cats, "How do I make tea?", "What is a verb?"][: budget.pick(smoke=1, cpu=4)]
most = budget.pick(smoke=4, cpu=16)
before = chat_answers(real, real.model, new, most)
tuned = finetune_upper(real, demonstrated, rank=4, steps=budget.pick(smoke=1, cpu=12), lr=2e-3)
after = chat_answers(real, tuned.model, new, most)
print(f"{tuned.parameters:,} weights trained, loss {tuned.losses[0]:.2f} to {tuned.losses[-1]:.2f}")
for question, old, changed in zip(new, before, after):
    print(f"\n{question}\n  before: {old}\n  after:  {changed}")

# %% tags=["experiment", "row-60", "judge"]
habit = [sum(text.startswith("In short") for text in texts) for texts in (before, after)]
verdicts.add(
    row=60,
    claim="a model clones the behaviour that examples show",
    measured=f"answers that begin so: {habit[0]} of {len(new)} before, {habit[1]} after",
    interval=f"{len(new)} new questions: an illustration",
    outcome=first_that_holds(
        ("holds", habit[0] == 0 and habit[1] == len(new) > 1),
        ("holds in part", habit[1] > habit[0]),
        otherwise="undecided",
    ),
)

# %% [markdown]
# ## 8 Your own code at work
#
# Your `render_chat`, `build_labels`, `masked_cross_entropy` and `LoRALinear` finetune `world-small`
# together: chats become text, text becomes ids and labels, the loss counts the answers, and your
# layers of low rank learn. Then the model answers three questions.

# %% tags=["experiment", "row-60"]
import torch

from utils.experiments.finetuning.answering import ask
from utils.posttraining.finetuning import NOT_COUNTED
from utils.posttraining.padding import pad_rows
from utils.world import draw_demonstrations


def replace_layers(model, kind, new_layer):
    """Put new_layer(layer) for every layer of a kind, the head too, which must learn <|end|>."""
    for path, layer in list(model.named_modules()):
        if isinstance(layer, kind):
            parent = model.get_submodule(path.rpartition(".")[0])
            setattr(parent, path.rpartition(".")[2], new_layer(layer))


def own_row(messages):
    """Return ids and labels of a chat, through your render_chat and build_labels."""
    encode, start = world.vocabulary.encode, [world.vocabulary.end_of_text_id]
    prompt = encode(render_chat(messages[:-1], add_generation_prompt=True))
    whole = encode(render_chat(messages))
    return build_labels(start + prompt, whole[len(prompt) :])


# %% tags=["experiment", "row-60"]
def finetune_with_own(steps):
    model = load_base_model("world-small").requires_grad_(False)
    replace_layers(model, torch.nn.Linear, lambda layer: LoRALinear(layer, rank=8, alpha=16))
    rows = [own_row(list(one.messages)) for one in draw_demonstrations(world, 300, seed=1)]
    trained = [value for value in model.parameters() if value.requires_grad]
    optimiser, losses = torch.optim.AdamW(trained, lr=5e-3), []
    for step in range(steps):
        some = [rows[(16 * step + place) % len(rows)] for place in range(16)]
        (padded, is_real), (labels, _) = (pad_rows(side) for side in zip(*some))
        loss = masked_cross_entropy(model(padded), labels.where(is_real, NOT_COUNTED))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    replace_layers(model, LoRALinear, lambda layer: layer.merge())
    return model.eval(), losses


try:
    own_model, losses = finetune_with_own(budget.pick(smoke=2, cpu=80, gpu=400))
    print(f"loss {losses[0]:.2f} at first, {sum(losses[-5:]) / 5:.2f} at the end")
    for one, written in zip(asked, ask(own_model, world, codec, [q.question for q in asked[:3]])):
        print(f"{one.question} {written.text} (true: {one.value})")
except NotImplementedError:
    print("Answer render_chat, build_labels, masked_cross_entropy and LoRALinear first.")

# %% [markdown]
# ## What was measured

# %% tags=["experiment"]
verdicts

# %% [markdown]
# What this notebook did not show: the documents of the toy world were made so that all three ways to
# go on occur, and what quality is worth depends on what the poor answers are like. Here they were
# poor in a way that we chose.
#
# **Read next**
#
# - Ouyang et al. (2022), *Training language models to follow instructions with human feedback*,
#   sections 3.2 to 3.4, for who wrote the demonstrations and what they were told.
# - Köpf et al. (2023), *OpenAssistant Conversations*, for the volunteers and the survey.
# - Hu et al. (2021), *LoRA*, section 4; and Biderman et al. (2024), *LoRA learns less and forgets
#   less*, for the comparison at scale.
# - Zhou et al. (2023), *LIMA*, for a thousand good demonstrations.
#
# A model that answers does not yet answer *well*. In notebook 06 people compare its answers.
