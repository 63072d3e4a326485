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
# # 08 Structured outputs
#
# A program that reads a model's answer needs a form: an object with these fields, a number, one word out of five, a
# query that runs. This notebook takes one task, a note in free words that is to become a record, and tries everything
# the chapter names: asking, mending, asking again, forbidding, training. Two models do it: SmolLM2, which has 135 million
# parameters and speaks English, and models of the course's miniature world, a thousand times smaller.
#
# You need notebook 07 (logits, samplers) and about three and a half hours with the exercises. All experiments together
# run for about two minutes on two CPU cores.
#
# **You will learn to**
#
# - measure validity and correctness apart, and see how far they can be from each other;
# - mend outputs, and say what a repair cannot do;
# - compute what retries cost;
# - turn a grammar over characters into a mask over tokens, and follow it through a choice, a pattern, a schema;
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
# Each exercise is one cell with a gap. A visible test follows it, which you may read and run as often as you like, and
# graded tests after that. Nothing below an exercise depends on your answer.
#
# Every experiment ends with a line in a table: what the chapter says, what we measured, the 95% interval, and a verdict
# that the code computes from the numbers. Both models are small. Where a large model would do better, the text says so.

# %% tags=["setup"]
from utils.notebook import Verdicts, setup

budget = setup()
verdicts = Verdicts()

# %% [markdown]
# ## 1 Just ask
#
# **What the chapter claims.** Prompting is the first thing to try. You can ask for any format; whether you get it
# depends on how well the model follows instructions and how clear they are. There is no guarantee, and a few percent of
# invalid outputs can be too many.
#
# Here is the task. A note states an order, a visit or a lost animal, sometimes with a sentence that does not matter. The
# record has a JSON schema. `check_record` says what an output is worth:

# %%
import json

from utils.training.base_models import base_world
from utils.world import RECORD_SCHEMAS, check_record, draw_record_tasks

world = base_world()
example = draw_record_tasks(world, 1, seed=4, kinds=("notice",))[0]
print("note:  ", example.text)
print("record:", example.target)
print("schema:", json.dumps(RECORD_SCHEMAS["notice"])[:150], "...")
for output in (example.target, example.target.replace("town", "place"), "{'animal': 'goat'}", '{"animal": "whale"}'):
    found = check_record(example, output)
    print(
        f"\n{output}\n  JSON {found.is_json}, valid {found.is_valid}, correct {found.is_correct}, "
        f"right fields {found.field_accuracy:.0%}: {found.error[:90]}"
    )

# %% [markdown]
# Three questions that are easily confused: is it **JSON** at all? Is it **valid**, that is, does it satisfy the schema?
# Is it **correct**, the record that the note states? The share of right fields is a softer measure of the last.
#
# SmolLM2 gets the schema in its prompt, then the note, in its own chat format. As earlier turns it sees 0, 1 or 3
# worked examples: the same request, stated more and more clearly. As a control, a base model of the world gets the same
# notes; it has never seen an instruction. Weights are in 8 bits here (notebook 03), which makes decoding about
# twice as fast.

# %% tags=["experiment", "row-90"]
import time

import matplotlib.pyplot as plt
import numpy as np
import torch

from utils.decoding.common_prefix import CommonPrefixDecoder
from utils.decoding.grammar import TokenSpellings
from utils.evaluation.structured_outputs import pretrained_writer, repaired, retried, share, single, world_writer
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
by_examples = {n: single(f"{n} examples", writer.write(tasks, max_new_tokens=longest)) for n, writer in writers.items()}
base_writer = world_writer(load_base_model("world-small"), world)
world_tasks = draw_record_tasks(world, budget.pick(smoke=10, cpu=200, gpu=1000), seed=7, kinds=("visit", "notice"))
untrained = single("base model of the world", base_writer.write(world_tasks))

for name, approach in (*by_examples.items(), ("world", untrained)):
    print(
        f"{name!s:5} JSON {share(approach.is_json)}; valid {share(approach.valid)}; fields {share(approach.accuracy)}"
    )
wrong = [one for n in by_examples for one in [one for one in by_examples[n].outputs if not one.check.is_valid][:2]]
for one in wrong:
    print(f"\nasked for {one.task.target}\nwrote     {one.text!r}\n  {one.check.error[:110]}")

figure, axes = plt.subplots(constrained_layout=True)
for place, (label, values) in enumerate((("JSON", "is_json"), ("valid", "valid"), ("right fields", "accuracy"))):
    shares = [share(getattr(by_examples[n], values)) for n in by_examples]
    middles = np.arange(len(shares)) + 0.25 * (place - 1)
    axes.bar(middles, [one.mean for one in shares], 0.25, color=COLOURS[place], label=label)
    low = [one.mean - one.low for one in shares]
    high = [one.high - one.mean for one in shares]
    axes.errorbar(middles, [one.mean for one in shares], [low, high], fmt="none", color="black", capsize=3)
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
# Read the outputs, not only the shares. Without an example SmolLM2 copies the schema instead of filling it in. With one,
# most of what it writes is JSON, and the rest goes on after the last field, with a keyword of the schema or a name as if
# it were a field. Look at the values, too: some are the example's and not the note's. And twelve valid outputs out of
# twelve are no guarantee: see how far down the interval reaches.
#
# *To think about: three examples cost prompt tokens in every call. When is finetuning on a hundred of them cheaper?*
#
# ## 2 Mend it
#
# **What the chapter claims.** A model repeats its mistakes, so a script can correct the common ones. A defensive parser
# at LinkedIn raised the share of correct YAML from 90% to 99.99%; they had chosen YAML because it is less verbose than
# JSON, and so takes fewer tokens (Bottaro and Ramgopal, 2020).
#
# Here is a mistake that a program can mend without asking anybody, and one that it cannot:

# %%
for broken in ('{"animal": "goat", "reward": 12', '{"animal": "goat" "reward": 12}', '{"animal": "goat", "rew'):
    try:
        print(json.loads(broken))
    except ValueError as error:
        print(f"{broken!r:40} {error}")

# %% [markdown]
# The first lacks a bracket, and there is one place to put it. In the third a name is cut off: a bracket and a quote make
# it JSON, and it is still wrong.

# %% [markdown]
# ### Exercise: `repair_json`
#
# *Difficulty 3 of 5, 30 minutes.* A model without constraints often writes almost JSON. Most of it can be mended
# without asking again, and without a model. Write a repairer for the defects that occur most:
#
# - a code fence around it, closed or not, with or without the word `json`;
# - text in front of the object or behind it, which may hold apostrophes, but no curly brackets;
# - strings and keys in single quotes, as Python prints them;
# - commas before a closing bracket, or where the text was cut off;
# - closing brackets and a closing quote that are missing at the end, because the text was cut off.
#
# Valid JSON comes back exactly as it was, character by character. What cannot be mended is refused with a `ValueError`: a
# guess would be worse than a second attempt. Whatever stands *inside* a string must survive: commas, brackets,
# apostrophes, white space.
#
# Hints: what a character means depends on whether it stands inside a string, and in which kind of quote, so walk
# through the text once and keep track of both. A stack knows which brackets are still open. At the end `json.loads`
# tells whether the mending has worked. The package `json_repair` does this exercise for you and is not allowed; anything from
# the standard library is.

# %% nbgrader={"grade": false, "grade_id": "repair_json", "locked": false, "schema_version": 3, "solution": true, "task": false}
import json


def repair_json(text: str) -> str:
    """Return the JSON object in a text, mended where it needs mending.

    Args:
        text: valid JSON, or an object with a code fence or text around it, single quotes, trailing commas, or without
            its last brackets and quotes.

    Returns:
        The text itself when it is valid JSON, else valid JSON.

    Raises:
        ValueError: the text cannot be mended.
    """

    ### BEGIN SOLUTION
    def is_valid(candidate: str) -> bool:
        try:
            json.loads(candidate)
        except ValueError:
            return False
        return True

    def drop_comma(pieces: list[str]) -> None:
        while pieces and pieces[-1].isspace():
            pieces.pop()
        if pieces and pieces[-1] == ",":
            pieces.pop()

    if is_valid(text):
        return text
    pieces: list[str] = []  # strings in one piece, everything else character by character
    closers: list[str] = []
    position = text.find("{")
    while 0 <= position < len(text):
        character = text[position]
        position += 1
        if character in "\"'":
            content = []
            while position < len(text) and text[position] != character:
                if text[position] == "\\" and position + 1 < len(text):
                    escaped = text[position : position + 2]
                    content.append("'" if escaped == "\\'" else escaped)
                    position += 2
                else:
                    content.append('\\"' if text[position] == '"' else text[position])
                    position += 1
            pieces.append(f'"{"".join(content)}"')
            position += 1
        elif text.startswith("```", position - 1):
            break
        elif character in "}]":
            drop_comma(pieces)
            if not closers or closers.pop() != character:
                break
            pieces.append(character)
            if not closers:
                break
        else:
            if character in "{[":
                closers.append("}" if character == "{" else "]")
            pieces.append(character)
    drop_comma(pieces)
    mended = "".join(pieces + closers[::-1])
    if not is_valid(mended):
        raise ValueError(f"text cannot be mended into JSON: {text!r}")
    return mended
    ### END SOLUTION

# %% tags=["visible-test"] nbgrader={"grade": false, "grade_id": "repair_json-visible", "locked": true, "schema_version": 3, "solution": false, "task": false}
def visible_test():
    import json

    from utils.notebook.checks import check, check_refused

    valid = '{"dish": "it\'s soup", "price": 4.50}'
    check(
        lambda: repair_json(valid),
        valid,
        "valid JSON",
        mistakes={
            "Valid JSON must come back as it was, character by character: look with json.loads before you mend anything.": (
                lambda got: isinstance(got, str)
            )
        },
    )
    check(
        lambda: json.loads(repair_json("Here you are:\n```json\n{'dish': 'soup', 'prices': [4, 5,],}\n```")),
        {"dish": "soup", "prices": [4, 5]},
        "single quotes and trailing commas in a code fence, with text in front",
        if_raises="It should have been mended: single quotes, trailing commas, the fence, and the text in front of it.",
    )
    check(
        lambda: json.loads(repair_json('{"dish": "soup", "prices": [4, 5')),
        {"dish": "soup", "prices": [4, 5]},
        "an object that was cut off",
        if_raises="It should have been mended: the closing brackets are missing.",
    )
    check_refused(lambda: repair_json("I am sorry, I cannot tell."), "A text without any object")


visible_test()

# %% nbgrader={"grade": true, "grade_id": "repair_json-1", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: each defect alone; valid JSON comes back as it was.
### BEGIN HIDDEN TESTS
def graded_test():
    import json

    from utils.notebook.checks import case_rng, check, check_refused, forbidden

    def value_of(text):
        """Return the value of the mended text, or what is wrong with it."""
        mended = repair_json(text)
        if not isinstance(mended, str):
            return ("not a text", mended)
        try:
            return json.loads(mended)
        except ValueError:
            return f"not valid JSON: {mended}"

    common = {
        "Return the mended JSON as a text (str), not the object that it stands for (a dict).": lambda got: isinstance(
            got, tuple
        ),
    }
    rng = case_rng("repair_json", 1)
    price, count = rng.randint(3, 99), rng.randint(100, 999)
    record = {"dish": "soup", "price": price, "towns": ["Arvel", "Brunn"], "more": {"count": count, "open": True}}
    pretty, plain = json.dumps(record, indent=2), json.dumps(record)

    with forbidden("json_repair.repair_json", "json_repair.loads", "json_repair.json_repair.repair_json"):
        for text in (
            plain,
            pretty,
            json.dumps(record, separators=(",", ":")),
            f'{{"a":{price} ,\t"b" : [ 1.50, 2e3 ]}}',
        ):
            check(
                lambda: repair_json(text),
                text,
                "valid JSON, with its own spacing",
                mistakes={
                    "Valid JSON must come back as it was: a text, not the object that it stands for.": (
                        lambda got: isinstance(got, dict | list)
                    ),
                    "Valid JSON must come back as it was: you have written it anew, with other white space or numbers.": (
                        lambda got: (
                            isinstance(got, str) and "".join(got.split()) != "" and json.loads(got) == json.loads(text)
                        )
                    ),
                },
                otherwise="Valid JSON must come back as it was, character by character.",
                if_raises="Valid JSON must come back as it was.",
            )
        for text, what, hint in (
            (f"```json\n{pretty}\n```", "a code fence", "The code fence around the object must go."),
            (
                f"```\n{plain}\n```",
                "a code fence without a language",
                "A code fence need not name json; it must go all the same.",
            ),
            (
                f"Here is the record:\n{plain}",
                "text in front",
                "The text around the object must go: here that in front of it.",
            ),
            (
                f"{plain}\nIs there anything else?",
                "text behind",
                "The text around the object must go: here that behind it.",
            ),
            (
                plain.replace('"', "'"),
                "single quotes",
                "Single quotes around keys and strings must become double quotes.",
            ),
            (
                plain.replace("]", ",]"),
                "a trailing comma in an array",
                "A trailing comma before the bracket ] of an array must go.",
            ),
            (
                plain.replace("}", ",}"),
                "trailing commas in objects",
                "A trailing comma before the bracket } of an object must go.",
            ),
            (
                pretty.replace("\n  }\n}", ",\n  },\n}"),
                "trailing commas before a line break",
                "A trailing comma may be followed by white space (a space or a line break) before the bracket; it must go too.",
            ),
            (plain[:-1], "the last bracket missing", "A closing bracket is missing at the end: add it."),
            (
                plain[:-2],
                "the last two brackets missing",
                "All closing brackets that are missing at the end must be added, nested ones too.",
            ),
        ):
            check(
                lambda: value_of(text),
                record,
                f"{what}: {text[:40]!r}...",
                mistakes=common | {f"What came back is not valid JSON. {hint}": lambda got: isinstance(got, str)},
                otherwise=f"The content has changed or was lost. {hint}",
                if_raises=f"This can be mended. {hint}",
            )
        for text, want, hint in (
            (
                f'{{"towns": ["Arvel", {{"count": {count}',
                {"towns": ["Arvel", {"count": count}]},
                "Closing brackets come in the reverse order of the opening ones: } then ] then }.",
            ),
            (
                f'{{"more": {{"towns": [[{price}, 2], [3',
                {"more": {"towns": [[price, 2], [3]]}},
                "Closing brackets come in the reverse order of the opening ones; all nested ones are missing.",
            ),
            (
                f'{{"price": {price}, "dish": "fish so',
                {"price": price, "dish": "fish so"},
                "A string was cut off: its closing quote is missing, and then the bracket. Its content must not be lost.",
            ),
        ):
            check(
                lambda: value_of(text),
                want,
                f"what was cut off: {text!r}",
                mistakes=common | {f"What came back is not valid JSON. {hint}": lambda got: isinstance(got, str)},
                otherwise=hint,
                if_raises=f"This can be mended. {hint}",
            )
        check_refused(
            lambda: repair_json(f"I am sorry, I do not know the price of {count} soups."),
            "A text without any object",
            "What is hopeless is refused, not replaced by something that was never said.",
        )


graded_test()
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "repair_json-2", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: what stands inside strings survives the mending.
### BEGIN HIDDEN TESTS
def graded_test():
    import json

    from utils.notebook.checks import case_rng, check, forbidden

    def value_of(text):
        """Return the value of the mended text, or what is wrong with it."""
        mended = repair_json(text)
        if not isinstance(mended, str):
            return ("not a text", mended)
        try:
            return json.loads(mended)
        except ValueError:
            return f"not valid JSON: {mended}"

    number = case_rng("repair_json", 2).randint(10, 99)
    with forbidden("json_repair.repair_json", "json_repair.loads", "json_repair.json_repair.repair_json"):
        for text, want, hint in (
            (
                f'{{"note": "it\'s Ida\'s soup", "n": {number},}}',
                {"note": "it's Ida's soup", "n": number},
                "Apostrophes inside a string with double quotes are part of its content. They are no quotes.",
            ),
            (
                f"{{'note': \"it's hot\", 'n': {number}}}",
                {"note": "it's hot", "n": number},
                "Python prints a string with an apostrophe in double quotes, and the others in single ones: both kinds occur in "
                "one object, and the apostrophe is content.",
            ),
            (
                f"{{'note': 'she said \"more\"', 'n': {number}}}",
                {"note": 'she said "more"', "n": number},
                "Double quotes within a string in single quotes are content: they must be kept, and escaped in JSON.",
            ),
            (
                f'{{"note": "one, two,] three,}} four, ]", "n": [{number},],}}',
                {"note": "one, two,] three,} four, ]", "n": [number]},
                "A comma before a bracket within a string is content. Only those outside strings go.",
            ),
            (
                f'{{"note": "[({{ [", "n": [{number}',
                {"note": "[({ [", "n": [number]},
                "Brackets within a string open nothing. Count only those outside strings.",
            ),
            (
                f'{{"note": "]}}) }}", "n": [{number}',
                {"note": "]}) }", "n": [number]},
                "Brackets within a string close nothing. Count only those outside strings.",
            ),
            (
                f'{{"note": "say \\"please, \\" now", "path": "a\\\\", "n": [{number},]}}',
                {"note": 'say "please, " now', "path": "a\\", "n": [number]},
                "An escaped quote does not end its string; after an escaped backslash, a quote does.",
            ),
            (
                f'{{"note": "a 5\\" pie,] and", "n": [{number},]}}',
                {"note": 'a 5" pie,] and', "n": [number]},
                "An escaped quote does not end its string.",
            ),
            (
                f'{{"note": "two  spaces,  \u00fc\u00df \u6f22 \U0001f372", "n": {number},}}',
                {"note": "two  spaces,  \u00fc\u00df \u6f22 \U0001f372", "n": number},
                "The content of strings must not change: white space and letters beyond ASCII are part of it.",
            ),
            (
                f"I'm sure that it's this one: {{'dish': 'soup', 'n': {number}}} Isn't it?",
                {"dish": "soup", "n": number},
                "An apostrophe in the text around the object is no quote: begin at the object, end with it.",
            ),
            (
                '{"dish": "soup", "note": "what\'s le',
                {"dish": "soup", "note": "what's le"},
                "The open string has a double quote; the apostrophe in it is content.",
            ),
        ):
            check(
                lambda: value_of(text),
                want,
                f"repair_json({text!r})",
                mistakes={
                    "Return the mended JSON as a text (str), not the object that it stands for (a dict).": (
                        lambda got: isinstance(got, tuple)
                    ),
                    f"What came back is not valid JSON. {hint}": lambda got: isinstance(got, str),
                },
                otherwise=hint,
                if_raises=f"This can be mended. {hint}",
            )


graded_test()
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "repair_json-3", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: several defects at once; odd but valid JSON; what is refused.
### BEGIN HIDDEN TESTS
def graded_test():
    import json

    from utils.notebook.checks import case_rng, check, check_refused, forbidden

    def value_of(text):
        """Return the value of the mended text, or what is wrong with it."""
        mended = repair_json(text)
        if not isinstance(mended, str):
            return ("not a text", mended)
        try:
            return json.loads(mended)
        except ValueError:
            return f"not valid JSON: {mended}"

    number = case_rng("repair_json", 3).randint(10, 99)
    with forbidden("json_repair.repair_json", "json_repair.loads", "json_repair.json_repair.repair_json"):
        for text in (
            '{"note": "it\'s, ] }", "b": "\'x\'"}',
            '{"note": "a,} and ,]"}',
            '{"note": "```json", "b": "```"}',
            '{"a": "\\u00fc \u00fc", "b": 1.0, "c": -0, "d": 1E+2}',
            '[1, {"a": [ ]}, null]',
            '"just a {text}"',
            "true",
            "{}",
        ):
            check(
                lambda: repair_json(text),
                text,
                f"valid JSON: {text!r}",
                otherwise="Valid JSON must come back as it was, whatever it holds: here something in it was taken for a defect "
                "(a fence, a quote or a comma in a string), or it was written anew.",
                if_raises="Valid JSON must come back as it was: an array or a string is valid JSON too.",
            )
        for text, want, hint in (
            (
                f"Sure, here's the record:\n```json\n{{'dish': \"Ida's soup\", 'n': [{number}, 5,],}}\n```\nThat's all.",
                {"dish": "Ida's soup", "n": [number, 5]},
                "Text around a fence around an object with single quotes and trailing commas.",
            ),
            (
                f'```json\n{{"dish": "soup", "n": [{number}, 5',
                {"dish": "soup", "n": [number, 5]},
                "A fence that is never closed, since the text was cut off.",
            ),
            (
                f'```\n{{"dish": "soup", "n": [{number}, 5\n```',
                {"dish": "soup", "n": [number, 5]},
                "Closing brackets are missing, and the fence is closed all the same.",
            ),
            (
                f'{{"dish": "soup", "n": [{number}, 5, ',
                {"dish": "soup", "n": [number, 5]},
                "The text was cut off after a comma: it is a trailing comma once the brackets are closed.",
            ),
            (
                f"{{'n': {number}, 'dishes': ['soup', 'fish pi",
                {"n": number, "dishes": ["soup", "fish pi"]},
                "A string in single quotes was cut off: close it, then the brackets.",
            ),
        ):
            check(
                lambda: value_of(text),
                want,
                f"repair_json({text!r})",
                mistakes={
                    "Return the mended JSON as a text (str), not the object that it stands for (a dict).": (
                        lambda got: isinstance(got, tuple)
                    ),
                    f"What came back is not valid JSON. {hint}": lambda got: isinstance(got, str),
                },
                otherwise=f"The content has changed or was lost. {hint}",
                if_raises=f"This can be mended. {hint}",
            )
        for text, what in (
            ("", "The empty text"),
            ("There is no record.", "A text without any object"),
            ("The answer is {not known}.", "Curly brackets with no JSON in them"),
        ):
            check_refused(
                lambda: repair_json(text),
                f"{what}, {text!r},",
                "What cannot be mended is refused; try the result with json.loads before you return it.",
            )


graded_test()
### END HIDDEN TESTS

# %% [markdown]
# ### What a repair gains
#
# First the outputs of SmolLM2 from above, mended in three ways: by the course's `repair_json` (rules like yours), by
# the package `json-repair`, and by rules that also know the schema: drop unknown fields, take quotes off numbers, match
# choices without regard to case, turn "no reward" into `null`. The rules were written after reading outputs for *other*
# notes.
#
# Then thousands of records that we break ourselves: 10% of them, in ways that the rules foresee, and in ways that they
# do not (a comma missing between fields, a key without quotes, an output cut off in the middle). The control is a repair
# that does nothing.

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
repairs = {"nothing": lambda text: text, "repair_json": by_hand, "json-repair": lambda text: str(package_repair(text))}


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
            per_seed.append([(parsed(repair(text)), json.loads(original)) for original, (_, text) in pairs])
        rates[name, unforeseen] = (
            mean_interval([float(np.mean([got is not None for got, _ in pairs])) for pairs in per_seed]),
            mean_interval([float(np.mean([got == want for got, want in pairs])) for pairs in per_seed]),
        )
print(f"\n{n_broken} records, 10% broken, {len(seeds)} seeds: parses, and is the original")
for (name, unforeseen), (parses, original) in rates.items():
    print(f"  unforeseen {unforeseen:4.0%}, {name:12} {parses.mean:.4f}  {original.mean:.4f}")

figure, axes = plt.subplots(constrained_layout=True)
for colour, (name, style) in zip(
    COLOURS, (("nothing", ":"), ("repair_json", "-"), ("json-repair", "--")), strict=False
):
    left = [max(1 - rates[name, x][1].mean, 2e-6) for x in unforeseen_shares]
    axes.plot([max(x, 0.003) for x in unforeseen_shares], left, style, marker="o", color=colour, label=name)
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
# From 90% to 99.99% means that 999 of 1,000 broken outputs are mended. That works exactly as far as mistakes repeat.
# SmolLM2's own mistakes are a sober example: most of its outputs with one example parse already, so a JSON repair mends
# what does not parse and makes no record valid; rules about the schema do. And mended is not right: compare the fields.
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
records = [task.record for task in draw_record_tasks(world, budget.pick(smoke=20, cpu=150), seed=13)]
assert all(yaml.safe_load(forms["YAML"](record)) == record for record in records)
counts = {
    (vocabulary, form): np.array([len(load_vocabulary(vocabulary).encode(write(record))) for record in records])
    for vocabulary in ("smollm2", "cl100k_base", "o200k_base")
    for form, write in forms.items()
}
for vocabulary in ("smollm2", "cl100k_base", "o200k_base"):
    print(f"{vocabulary:12}", {form: round(float(counts[vocabulary, form].mean()), 1) for form in forms})
savings = {form: share(1 - counts["o200k_base", "YAML"] / counts["o200k_base", form]) for form in list(forms)[:3]}
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
    measured=", ".join(f"{saved.mean:+.0%} saved against {form}" for form, saved in savings.items()) + " (o200k_base)",
    outcome="holds"
    if all(saved.low > 0 for saved in savings.values())
    else "holds in part"
    if any(saved.low > 0 for saved in savings.values())
    else "does not hold",
    interval=f"[{against_compact.low:+.0%}, {against_compact.high:+.0%}] against JSON without spaces, {len(records)} records",
)

# %% [markdown]
# *To think about: a repair that turns 98 invalid records of 100 into valid ones of which 10 are wrong: is the program
# that reads them better off?*
#
# ## 3 Ask again
#
# **What the chapter claims.** Post-processing and asking again are bandages: they work when the model is nearly there.
# When an output is valid with probability p and attempts are independent, the first valid one comes after 1/p attempts
# on average. Four numbers:

# %%
for p in (0.9, 0.5, 0.1, 0.01):
    print(f"p = {p:4}: {1 / p:6.1f} attempts on average; after 3 attempts {1 - (1 - p) ** 3:.1%} have a valid output")

# %% [markdown]
# ### Exercise: `expected_attempts` and `attempts_for`
#
# *Difficulty 2 of 5, 10 minutes.* An output is valid with the probability `p_valid`, each time anew. You ask until one is.
# How many attempts does that take on average, the last, successful one included? And how many must you allow, so that at least one of
# them is valid with at least the probability `confidence`?
#
# With n attempts the probability that at least one is valid is 1 - (1 - p_valid)**n. Look for the *least* n for which it is at
# least `confidence`; it may be reached exactly. Think of a sampler that is always right, too.

# %% course={"names": ["expected_attempts", "attempts_for"]} nbgrader={"grade": false, "grade_id": "expected_attempts", "locked": false, "schema_version": 3, "solution": true, "task": false}
import math


def expected_attempts(p_valid: float) -> float:
    """Return the mean number of independent attempts up to and including the first valid one.

    Args:
        p_valid: the probability that one attempt is valid, above 0 and at most 1.
    """
    ### BEGIN SOLUTION
    return 1 / p_valid
    ### END SOLUTION


def attempts_for(p_valid: float, confidence: float) -> int:
    """Return the least number n of attempts with 1 - (1 - p_valid)**n at least the confidence.

    Args:
        p_valid: the probability that one attempt is valid, above 0 and at most 1.
        confidence: the probability with which at least one attempt has to be valid, between 0 and 1.
    """
    ### BEGIN SOLUTION
    if p_valid == 1:
        return 1
    return math.ceil(math.log1p(-confidence) / math.log1p(-p_valid))
    ### END SOLUTION

# %% tags=["visible-test"] nbgrader={"grade": false, "grade_id": "expected_attempts-visible", "locked": true, "schema_version": 3, "solution": false, "task": false}
def visible_test():
    from utils.notebook.checks import check

    check(
        lambda: expected_attempts(0.25),
        4.0,
        "expected_attempts(0.25)",
        mistakes={
            "These are the failures before the first success. Count the last, valid attempt too.": 3.0,
            "This is one over the probability of an invalid output. Divide by p_valid.": 1 / 0.75,
        },
    )
    check(
        lambda: attempts_for(0.5, 0.9),
        4,
        "attempts_for(0.5, 0.9): three attempts give 0.875, four 0.9375",
        mistakes={
            "You rounded down: with three attempts the probability is only 0.875. Round up.": 3,
            "The number must be whole: round up.": lambda got: 3 < got < 4,
            "Probabilities of several attempts do not add up: you divided the confidence by p_valid.": 2,
        },
    )


visible_test()

# %% nbgrader={"grade": true, "grade_id": "expected_attempts-1", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: the mean number of attempts, and how many to allow.
### BEGIN HIDDEN TESTS
def graded_test():
    import math

    from utils.notebook.checks import case_rng, check

    for p in (0.3, 0.8, 0.04, 0.5, 1.0, case_rng("expected_attempts", 0).uniform(0.15, 0.3)):
        check(
            lambda: expected_attempts(p),
            1 / p,
            f"expected_attempts({p:.4g})",
            mistakes={
                "These are the failures before the first success. The last, valid attempt counts too.": (1 - p) / p,
                "This is one over the probability of an invalid output. Divide by p_valid.": 1 / (1 - p)
                if p < 1
                else math.inf,
                "The mean need not be a whole number: do not round it, it is an average.": (
                    lambda got: (
                        isinstance(got, int | float) and got in (math.floor(1 / p), math.ceil(1 / p), round(1 / p))
                    )
                ),
                "This is the median: half of all runs are done by then. The mean is asked for.": (
                    math.log(0.5) / math.log(1 - p) if p < 1 else math.inf
                ),
            },
            otherwise="The mean is 1 / p_valid.",
            if_raises="p_valid is above 0 and at most 1.",
        )
    cases = [(0.3, 0.95), (0.8, 0.99), (0.6, 0.9), (0.12, 0.5), (0.45, 0.999), (0.02, 0.9)]
    rng = case_rng("expected_attempts", 1)
    while len(cases) < 12:
        p, confidence = rng.uniform(0.05, 0.9), rng.uniform(0.3, 0.99)
        exact = math.log(1 - confidence) / math.log(1 - p)
        if 0.1 < exact % 1 < 0.9:
            cases.append((p, confidence))
    for p, confidence in cases:
        exact = math.log(1 - confidence) / math.log(1 - p)
        least = math.ceil(exact)
        check(
            lambda: attempts_for(p, confidence),
            least,
            f"attempts_for({p:.4g}, {confidence:.4g})",
            mistakes={
                "The number of attempts is whole: round up.": lambda got: isinstance(got, float) and got != int(got),
                "You took the logarithm of the confidence. The probability that all attempts are invalid is 1 - confidence.": (
                    lambda got: (
                        got
                        in (
                            math.ceil(math.log(confidence) / math.log(1 - p)),
                            math.floor(math.log(confidence) / math.log(1 - p)),
                        )
                        and got != least - 1
                    )
                ),
                "This is enough for all outputs to be invalid with p_valid: you used p_valid where an output is invalid. At "
                "least one must be valid: 1 - (1 - p_valid)**n.": (
                    lambda got: got == math.ceil(math.log(1 - confidence) / math.log(p)) and got != least - 1
                ),
                "Probabilities of several attempts do not add up: you divided the confidence by p_valid (or multiplied it by "
                "the expected number).": lambda got: got == math.ceil(confidence / p) and got != least - 1,
                "This is the expected number of attempts, which says nothing of the confidence.": (
                    lambda got: got == math.ceil(1 / p) and got != least - 1
                ),
                "One too few: you rounded down, or did not count the first attempt (retries are one less). "
                "Round up: the probability must be at least the confidence.": least - 1,
                "One too many: the least number is asked for.": least + 1,
                "With a small p_valid many attempts are needed: more than you tried.": lambda got: got == 100,
            },
            otherwise="Solve 1 - (1 - p)**n >= confidence for n, and round up.",
            if_raises="Both probabilities lie between 0 and 1.",
        )


graded_test()
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "expected_attempts-2", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: where the confidence is reached exactly, a sampler that is always right, and one that hardly ever is.
### BEGIN HIDDEN TESTS
def graded_test():
    import math

    from utils.notebook.checks import check

    # All of these numbers are exact in binary, so there is nothing to round.
    for p, confidence, least in ((0.5, 0.75, 2), (0.5, 0.875, 3), (0.75, 0.9375, 2), (0.5, 0.5, 1), (0.25, 0.4375, 2)):
        check(
            lambda: attempts_for(p, confidence),
            least,
            f"attempts_for({p}, {confidence}), where {least} attempts reach the confidence exactly",
            mistakes={
                "The probability must be at least the confidence, not more than it: exactly is enough.": least + 1,
                "One too few: the first attempt counts too, it is no retry.": least - 1,
            },
            otherwise="The least n with 1 - (1 - p)**n at least the confidence.",
        )
    for confidence in (0.5, 0.999):
        check(
            lambda: attempts_for(1.0, confidence),
            1,
            f"attempts_for(1.0, {confidence})",
            mistakes={"One attempt is needed even when p_valid is 1: the first one, it is no retry.": 0},
            if_raises="When p_valid is 1 every output is valid, and log(1 - p_valid) has no value: one attempt is enough.",
        )
    for p, confidence in ((0.003, 0.99), (0.0004, 0.5)):
        least = math.ceil(math.log1p(-confidence) / math.log1p(-p))
        check(
            lambda: attempts_for(p, confidence),
            least,
            f"attempts_for({p}, {confidence})",
            mistakes={
                "With a small p_valid many attempts are needed: more than you allow for.": (
                    lambda got: isinstance(got, int | float) and got < least - 2
                ),
                "One too few: round up.": least - 1,
            },
            otherwise="With a small p_valid many attempts are needed; the formula is the same.",
        )


graded_test()
### END HIDDEN TESTS

# %% [markdown]
# ### Exercise: `retry_until_valid`
#
# *Difficulty 1 of 5, 10 minutes.* Ask again until the answer is valid, but not for ever. `attempts` is the number of calls of
# `sample` that were made: each one is paid for.

# %% nbgrader={"grade": false, "grade_id": "retry_until_valid", "locked": false, "schema_version": 3, "solution": true, "task": false}
from collections.abc import Callable
from typing import Any


def retry_until_valid(sample: Callable[[], Any], is_valid: Callable[[Any], bool], max_attempts: int) -> tuple[Any, int]:
    """Return the first valid output and the number of calls of `sample` that were made.

    Args:
        sample: draws an output.
        is_valid: tells whether an output is valid.
        max_attempts: most calls of `sample`, at least 1.

    Returns:
        (output, attempts); the output is None when none was valid.
    """
    ### BEGIN SOLUTION
    for attempt in range(1, max_attempts + 1):
        output = sample()
        if is_valid(output):
            return output, attempt
    return None, max_attempts
    ### END SOLUTION

# %% tags=["visible-test"] nbgrader={"grade": false, "grade_id": "retry_until_valid-visible", "locked": true, "schema_version": 3, "solution": false, "task": false}
def visible_test():
    from utils.notebook.checks import check

    replies, late = iter(["no", "no", "yes", "yes"]), iter(["no", "no", "no", "yes"])
    check(
        lambda: retry_until_valid(lambda: next(replies), lambda output: output == "yes", 5),
        ("yes", 3),
        "the third of five attempts is valid",
        mistakes={
            "Attempts are counted from 1: the third call of sample is attempt 3.": ("yes", 2),
            "The order of the pair is (output, attempts).": (3, "yes"),
        },
    )
    check(
        lambda: retry_until_valid(lambda: next(late), lambda output: output == "yes", 2),
        (None, 2),
        "none of two attempts is valid",
        mistakes={
            "An invalid output must not be returned: the output is None when none was valid.": ("no", 2),
            "max_attempts is 2: no more calls of sample than that.": ("yes", 4),
        },
    )


visible_test()

# %% nbgrader={"grade": true, "grade_id": "retry_until_valid-1", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: the output, the attempts, and how often sample is called.
### BEGIN HIDDEN TESTS
def graded_test():
    from utils.notebook.checks import case_rng, check

    def tried(first_valid, max_attempts):
        """Return what came back and the number of calls; every output from number `first_valid` on is valid."""
        made = []

        def sample():
            if len(made) > 60:
                raise AssertionError("sample was called more than 60 times: stop after max_attempts.")
            made.append(len(made) + 1)
            return f"output {made[-1]}"

        got = retry_until_valid(sample, lambda output: int(output.split()[1]) >= first_valid, max_attempts)
        return got, len(made)

    rng = case_rng("retry_until_valid", 1)
    cases = [
        (1, 5),
        (3, 8),
        (4, 4),
        (2, 3),
        (1, 1),
        (6, 5),
        (9, 4),
        (2, 1),
        (rng.randint(5, 9), 12),
        (rng.randint(15, 19), rng.randint(9, 12)),
    ]
    for first_valid, most in cases:
        found = first_valid <= most
        last = first_valid if found else most
        output = f"output {first_valid}" if found else None

        def outcome(got):
            return got[0] if isinstance(got[0], tuple | list) and len(got[0]) == 2 else (got[0], None)

        check(
            lambda: tried(first_valid, most),
            ((output, last), last),
            f"output {first_valid} is the first valid one, max_attempts {most}: ((output, attempts), calls of sample)",
            mistakes={
                "A pair is due, (output, attempts), also when none was valid: then the output in it is None.": (
                    lambda got: not isinstance(got[0], tuple | list)
                ),
                "The order of the pair is (output, attempts).": ((last, output), last),
                "You call sample once more than max_attempts allows (once too often).": (
                    lambda got: not found and got[1] == most + 1
                ),
                "sample is called more often than max_attempts allows.": lambda got: got[1] > most,
                "The outputs were all drawn first. Stop as soon as one is valid: each call costs something.": (
                    lambda got: found and got[1] == most > last and outcome(got) == (output, last)
                ),
                "sample is called again for what is returned: another output, perhaps invalid. Keep the one that was checked.": (
                    lambda got: found and got[1] == last + 1
                ),
                "sample is called only once: draw a new output for each attempt.": (
                    lambda got: got[1] == 1 and last > 1 and outcome(got)[1] == last
                ),
                "Only one attempt is made: go on until max_attempts.": lambda got: got[1] == 1 and last > 1,
                "The last of max_attempts is not used, or its output is not checked.": (
                    lambda got: (
                        (found and last == most and outcome(got)[0] is None) or (not found and got[1] == most - 1)
                    )
                ),
                "An invalid output was returned: when none is valid, the output is None.": (
                    lambda got: not found and isinstance(outcome(got)[0], str)
                ),
                "An invalid output was returned: is_valid says whether an output is valid (True or False).": (
                    lambda got: outcome(got)[0] is not True and outcome(got)[0] != output
                ),
                "Return the output, not what is_valid says of it (True).": lambda got: outcome(got)[0] is True,
                "attempts is one too few: count the first call too, from 1 and not from zero.": (
                    lambda got: outcome(got)[1] == last - 1
                ),
                "attempts is one more than the calls of sample that were made.": lambda got: (
                    outcome(got)[1] == last + 1
                ),
            },
            otherwise="attempts is the number of calls of sample that were made, not max_attempts and not 0.",
            if_raises="When no output was valid within max_attempts, the result is (None, attempts).",
        )


graded_test()
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "retry_until_valid-2", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: is_valid alone decides; each call of the function starts anew.
### BEGIN HIDDEN TESTS
def graded_test():
    from utils.notebook.checks import check

    for value, what in (("", "the empty text"), (0, "the number 0"), ([], "an empty list"), (False, "False")):
        outputs = ["bad", "bad", value, "bad", "bad"]

        def tried():
            queue = iter(outputs)
            return retry_until_valid(lambda: next(queue), lambda output: output != "bad", 4)

        check(
            tried,
            (value, 3),
            f"the third output, {what}, is the valid one",
            mistakes={
                "attempts counts every call of sample, also one that gives the same output as an earlier call.": (
                    lambda got: isinstance(got, tuple | list) and len(got) == 2 and got[1] == 2 and got[0] == value
                ),
                "A valid output may be empty or falsy: is_valid alone decides, not the truth of the output.": (
                    lambda got: isinstance(got, tuple | list)
                ),
            },
            otherwise="is_valid alone decides, also of an empty or falsy output.",
            if_raises="is_valid alone decides, also of an empty or falsy output.",
        )

    def twice():
        results = []
        for _ in range(2):
            queue = iter(["bad", "good", "bad"])
            results.append(retry_until_valid(lambda: next(queue), lambda output: output == "good", 3))
        return results

    check(
        twice,
        [("good", 2), ("good", 2)],
        "two calls of retry_until_valid, one after the other",
        otherwise="Each call starts to count anew.",
    )

    def impatient():
        queue = iter(["x"] * 50)
        return retry_until_valid(lambda: next(queue), lambda output: False, 50)

    check(
        impatient,
        (None, 50),
        "fifty invalid outputs",
        otherwise="After max_attempts the result is (None, max_attempts).",
    )


graded_test()
### END HIDDEN TESTS

# %% [markdown]
# ### Attempts and cost, measured
#
# A model of the world that was finetuned on records (section 7 shows how) writes at a high temperature, so that it fails
# often: many attempts for each of many notes. We compare with 1/p in two ways: p of all outputs together, and p of
# each note. Then SmolLM2, with one worked example and a few attempts at temperature 0.7.

# %% tags=["experiment", "row-92"]
from utils.decoding.samplers import Temperature
from utils.evaluation.finetuned_models import load_finetuned

tuned_world = world_writer(load_finetuned("world-records"), world)
pool_tasks = draw_record_tasks(world, budget.pick(smoke=4, cpu=40, gpu=200), seed=17, kinds=("visit", "notice"))
pool_size = budget.pick(smoke=20, cpu=100, gpu=400)
pool = tuned_world.write(pool_tasks, choose=Temperature(2.0).seeded(0), samples=pool_size, max_new_tokens=60)
valid = np.array([[one.check.is_valid for one in of_task] for of_task in pool])
right = np.array([[one.check.is_correct for one in of_task] for of_task in pool])
p_task, p_all = valid.mean(1), float(valid.mean())
attempts = np.arange(1, 13)
measured = np.array([[valid[:, : pool_size // k * k].reshape(len(pool), -1, k).any(2).mean()] for k in attempts])[:, 0]
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
samples = writers[1].write(tasks, choose=Temperature(0.7).seeded(1), samples=n_samples, max_new_tokens=longest)
again = retried("retry", samples)
p_real = float(np.mean([one.check.is_valid for of_task in samples for one in of_task]))
real_curve = [
    float(np.mean([any(one.check.is_valid for one in row[:k]) for row in samples])) for k in range(1, n_samples + 1)
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
# 1/p holds for one note, and for a mean over notes only if all had the same p. They do not: the hard notes fail again
# and again, and the mean of 1/p is above 1/(mean p), whatever the distribution (Jensen's inequality). The last percent
# of validity is the expensive one.
#
# *To think about: retries at temperature 0 are pointless. Why, and what does raising the temperature do to correctness?*
#
# ## 4 Only what is allowed
#
# **What the chapter claims.** Constrained sampling filters the logits so that only tokens that meet the constraints
# remain, then samples among these. The form can be a set of options or a regular expression (the chapter's Figures
# 2-20 and 2-21).
#
# On five logits, with two tokens allowed:

# %%
import torch

logits = torch.tensor([2.0, 1.0, 0.5, 0.0, -1.0])
allowed = torch.tensor([False, True, False, True, False])
print("before", logits.softmax(-1).numpy().round(2))
print("after ", logits.masked_fill(~allowed, float("-inf")).softmax(-1).numpy().round(2))

# %% [markdown]
# The ratio of the two that remain is what it was. What is left is to know, at every step, *which* tokens are allowed:
# options are written in characters, and a model writes tokens that may hold half a word or the end of one and the
# beginning of another.

# %% [markdown]
# ### Exercise: `mask_logits`
#
# *Difficulty 1 of 5, 10 minutes.* Now the constraint moves into sampling. A token with the logit `-inf` has the probability
# exactly 0 after the softmax, at every temperature. Leave the allowed logits as they are and the input too: somebody
# may want to look at the unconstrained distribution later. `logits` may have leading batch dimensions.
#
# When nothing is allowed there is no distribution: the softmax over nothing but `-inf` gives NaN, and the error would
# show up far away. So the empty set is refused with a `ValueError`.

# %% nbgrader={"grade": false, "grade_id": "mask_logits", "locked": false, "schema_version": 3, "solution": true, "task": false}
import torch
from torch import Tensor


def mask_logits(logits: Tensor, allowed_ids: set[int]) -> Tensor:
    """Return the logits with -inf for all tokens but the allowed ones.

    Args:
        logits: (..., V).
        allowed_ids: ids of the tokens that may be sampled, in every row.

    Returns:
        (..., V), a new tensor.

    Raises:
        ValueError: no id is allowed.
    """
    ### BEGIN SOLUTION
    if not allowed_ids:
        raise ValueError(f"allowed_ids must hold at least one id, got {allowed_ids!r}")
    ids = sorted(allowed_ids)
    masked = torch.full_like(logits, -torch.inf)
    masked[..., ids] = logits[..., ids]
    return masked
    ### END SOLUTION

# %% tags=["visible-test"] nbgrader={"grade": false, "grade_id": "mask_logits-visible", "locked": true, "schema_version": 3, "solution": false, "task": false}
def visible_test():
    import torch

    from utils.notebook.checks import check, check_refused

    check(
        lambda: mask_logits(torch.tensor([1.0, -2.0, 3.0, 0.5]), {1, 3}),
        torch.tensor([-torch.inf, -2.0, -torch.inf, 0.5]),
        "logits [1, -2, 3, 0.5], allowed ids {1, 3}",
        mistakes={
            "The others became 0, which is larger than many logits. They must become -inf.": torch.tensor(
                [0.0, -2.0, 0.0, 0.5]
            ),
            "The allowed ones are masked. Mask all the others.": torch.tensor([1.0, -torch.inf, 3.0, -torch.inf]),
        },
    )
    check_refused(lambda: mask_logits(torch.zeros(4), set()), "An empty set of allowed ids")


visible_test()

# %% nbgrader={"grade": true, "grade_id": "mask_logits-1", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: vectors and batches.
### BEGIN HIDDEN TESTS
def graded_test():
    import torch

    from utils.notebook.checks import case_rng, check

    for case, shape in enumerate([(6,), (7, 7), (2, 9), (3, 2, 8), (1, 12)]):
        rng = case_rng("mask_logits", case)
        V = shape[-1]
        logits = 0.7 + 3 * torch.randn(
            shape, generator=torch.Generator().manual_seed(rng.getrandbits(40)), dtype=torch.float64
        )
        # No run of neighbours, so that a range from the smallest to the largest id is something else.
        allowed = set()
        while len(allowed) < 3 or max(allowed) - min(allowed) < 3:
            allowed = set(rng.sample(range(V), 3))
        keep = torch.tensor([token in allowed for token in range(V)])

        def with_others(value):
            return torch.where(keep, logits, torch.tensor(value, dtype=torch.float64))

        want = with_others(-torch.inf)
        low, high = min(allowed), max(allowed)
        between = torch.tensor([low <= token <= high for token in range(V)])
        check(
            lambda: mask_logits(logits.clone(), set(allowed)),
            want,
            f"logits of shape {shape}, allowed ids {sorted(allowed)}",
            mistakes={
                "The other logits became 0: that is larger than many logits, so these tokens keep a probability. They must be "
                "-inf.": with_others(0.0),
                "The others got a large negative number. Only -inf gives the probability 0 for certain; it is finite, and a "
                "row of such numbers hides mistakes.": lambda got: (
                    tuple(got.shape) == shape
                    and bool(torch.isfinite(got).all())
                    and bool((got[..., ~keep] < -1e4).all())
                ),
                "The allowed tokens are masked, and the others are not: it is inverted.": torch.where(
                    keep, -torch.inf, logits
                ),
                "These are probabilities: leave out the softmax, and return logits.": torch.softmax(want, dim=-1),
                "These are log-probabilities: leave out the softmax. The allowed logits stay as they were.": torch.log_softmax(
                    want, dim=-1
                ),
                "The allowed logits must stay as they were; yours are all 0.": torch.where(keep, 0.0, want),
                "There is a NaN: 0 * -inf is no number. Use masked_fill or torch.where.": (
                    lambda got: bool(torch.isnan(got).any())
                ),
                "The sign is wrong: +inf makes a token certain. The others must be -inf (minus).": with_others(
                    torch.inf
                ),
                "All ids between the smallest and the largest are kept. Only the ids in the set are allowed.": torch.where(
                    between, logits, -torch.inf
                ),
                "The ids are shifted by one: they count from 0, as an index does.": torch.where(
                    keep.roll(-1), logits, -torch.inf
                ),
                "The shape changed: keep all V logits, not only the allowed ones.": lambda got: (
                    tuple(got.shape) != shape
                ),
                "Rows of the batch were masked. The ids belong to the last dimension, the vocabulary.": (
                    lambda got: len(shape) > 1 and bool((torch.isinf(got) != torch.isinf(want)).any())
                ),
            },
            otherwise="Allowed logits stay as they were, all others become -inf, along the last dimension.",
            if_raises="logits may have any number of leading batch dimensions; the ids belong to the last one.",
        )


graded_test()
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "mask_logits-2", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: the empty set; inputs that stay as they were; one id, all ids, float32.
### BEGIN HIDDEN TESTS
def graded_test():
    import torch

    from utils.notebook.checks import check, check_refused, inputs_unchanged

    for shape in ((5,), (2, 5)):
        check_refused(
            lambda: mask_logits(torch.zeros(shape), set()),
            f"An empty set of allowed ids, for logits of shape {shape},",
            "With nothing allowed there is no distribution.",
        )
    vector = torch.tensor([0.5, -1.5, 2.5, 1.0])
    batch = torch.tensor([[0.5, -1.5, 2.5, 1.0], [3.0, 0.25, -4.0, 2.0]])
    for logits in (vector, batch):
        with inputs_unchanged(logits):
            check(
                lambda: mask_logits(logits, {0, 2}),
                torch.where(torch.tensor([True, False, True, False]), logits.clone(), -torch.inf),
                f"float32 logits of shape {tuple(logits.shape)}",
                otherwise="Allowed logits stay as they were, all others become -inf.",
            )
    check(
        lambda: mask_logits(vector.clone(), {3}),
        torch.tensor([-torch.inf, -torch.inf, -torch.inf, 1.0]),
        "a single allowed id",
    )
    check(
        lambda: mask_logits(vector.clone(), {0}),
        torch.tensor([0.5, -torch.inf, -torch.inf, -torch.inf]),
        "id 0 alone is allowed",
        otherwise="The set {0} is not empty: 0 is an id like others, though it is falsy.",
        if_raises="The set {0} is not empty: 0 is an id like others, though it is falsy.",
    )
    check(lambda: mask_logits(batch.clone(), {0, 1, 2, 3}), batch.clone(), "all ids allowed")
    check(
        lambda: torch.softmax(mask_logits(1e-3 * batch.clone() - 1e30, {1}), dim=-1),
        torch.tensor([[0.0, 1.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]]),
        "the softmax when even the allowed logit is very small",
        otherwise="Only -inf has the probability 0 whatever the allowed logits are; a large negative number has not.",
    )


graded_test()
### END HIDDEN TESTS

# %% [markdown]
# ### Exercise: `Automaton`, `choices_automaton` and `advance`
#
# *Difficulty 3 of 5, 25 minutes.* A constraint that is worth the name knows, after each character, what may follow. For a few
# fixed options a deterministic automaton knows it: it stands in a state, reads a character, and goes to exactly one other state or
# to nowhere. It accepts a text when reading it all leads from `start` into a state of the set `accepting`.
#
# `choices_automaton(options)` builds an automaton that accepts exactly the options. `advance(automaton, state, text)` reads the
# *whole* text from a state and returns the state that it leads to, or None as soon as no option can be reached any more. The empty text
# leads nowhere else. The automaton itself does not change while it reads: a sampler will try many tokens from one state.
#
# States may be whatever you like, as long as they can be members of a set. Hint: two options share what they begin with, and
# an option may be the beginning of another one (`no`, `north`): a state can be accepting and still lead on.
# `utils.decoding.grammar.choices` is the course's own solution, and not allowed here.

# %% course={"names": ["Automaton", "choices_automaton", "advance"]} nbgrader={"grade": false, "grade_id": "Automaton", "locked": false, "schema_version": 3, "solution": true, "task": false}
from collections.abc import Hashable, Sequence


class Automaton:
    """A deterministic automaton over characters.

    Attributes:
        start: the state before the first character.
        accepting: the set of the states in which a text may end.
    """

    def __init__(self) -> None:
        ### BEGIN SOLUTION
        self.start: Hashable = 0
        self.accepting: set[Hashable] = set()
        self.edges: list[dict[str, int]] = [{}]  # of each state: character -> next state
        ### END SOLUTION


def choices_automaton(options: Sequence[str]) -> Automaton:
    """Return an automaton that accepts exactly the options.

    Args:
        options: texts, at least one; one may be the beginning of another.
    """
    ### BEGIN SOLUTION
    automaton = Automaton()
    for option in options:
        state = 0
        for character in option:
            if character not in automaton.edges[state]:
                automaton.edges[state][character] = len(automaton.edges)
                automaton.edges.append({})
            state = automaton.edges[state][character]
        automaton.accepting.add(state)
    return automaton
    ### END SOLUTION


def advance(automaton: Automaton, state: Hashable, text: str) -> Hashable | None:
    """Return the state after the whole text, or None when the automaton cannot read it from this state."""
    ### BEGIN SOLUTION
    for character in text:
        state = automaton.edges[state].get(character)
        if state is None:
            return None
    return state
    ### END SOLUTION

# %% tags=["visible-test"] nbgrader={"grade": false, "grade_id": "Automaton-visible", "locked": true, "schema_version": 3, "solution": false, "task": false}
def visible_test():
    from utils.notebook.checks import check

    def reads(options, text):
        """Return what an automaton for the options says of a text."""
        automaton = choices_automaton(options)
        state = advance(automaton, automaton.start, text)
        if state is None:
            return "nowhere"
        return "accepts" if state in automaton.accepting else "goes on"

    for text, want in (
        ("north", "accepts"),
        ("no", "accepts"),
        ("nor", "goes on"),
        ("nox", "nowhere"),
        ("northern", "nowhere"),
    ):
        check(
            lambda: reads(["north", "no", "south"], text),
            want,
            f"{text!r} and the options north, no, south",
            mistakes={
                "Only a whole option is accepted, not every beginning of one.": lambda got: (
                    (got, want) == ("accepts", "goes on")
                ),
                "An option may go on where a shorter one ends.": lambda got: (got, text) == ("nowhere", "north"),
            },
            if_raises="Where a character does not fit, the result is None.",
        )


visible_test()

# %% nbgrader={"grade": true, "grade_id": "Automaton-1", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: exactly the options are accepted.
### BEGIN HIDDEN TESTS
def graded_test():
    from utils.notebook.checks import case_rng, check, forbidden

    def verdict(options, pieces):
        """Return what an automaton for the options says of a text that is read in pieces."""
        automaton = choices_automaton(list(options))
        state = automaton.start
        for piece in pieces:
            state = advance(automaton, state, piece)
            if state is None:
                return "nowhere"
        return "accepts" if state in automaton.accepting else "goes on"

    def expected(options, text):
        if text in options:
            return "accepts"
        return "goes on" if any(option.startswith(text) for option in options) else "nowhere"

    def explained(options, text, want):
        """Return hints for the wrong verdicts that are possible here."""
        begun = next((option for option in options if text.startswith(option) and option), None)
        if want == "nowhere":
            end = next(end for end in range(1, len(text) + 1) if expected(options, text[:end]) == "nowhere")
            if begun is not None and end > len(begun):
                why = f"Nothing may follow after the option {begun!r} here: no option goes on like this. Your automaton reads more, or accepts it."
            elif all(any(character in option for option in options) for character in text):
                why = (
                    "Different options are mixed here: a part of one goes on as a part of another one, or the same character at "
                    "another place. The state must know all that was read so far."
                )
            else:
                why = (
                    "A character that no option has here leads nowhere (None): it is not skipped or ignored, and the state "
                    "before it is not returned. The whole text must be readable."
                )
            return {why: lambda got: got != "nowhere"}
        if want == "goes on":
            return {
                "This is only the beginning of an option (a prefix): a state on the way, not accepting.": "accepts",
                "This is a part of an option, read character by character: the automaton must lead on, not to None.": "nowhere",
            }
        longer = any(option != text and option.startswith(text) for option in options)
        return {
            (
                "This option is the beginning (a prefix) of a longer one: its state is accepting, and leads on as well."
                if longer
                else "Each option must be accepted when all of it was read."
            ): "goes on",
            (
                f"The option {begun!r} is the beginning (a prefix) of this longer one, which must be accepted too."
                if begun not in (None, text)
                else "Each option must be accepted, also when it shares its beginning with others (has a common prefix)."
            ): "nowhere",
        }

    rng = case_rng("Automaton", 1)
    letters = "abcdeg"
    drawn = sorted({"".join(rng.choice(letters) for _ in range(rng.randint(2, 5))) for _ in range(6)})
    cases = (
        (["cat", "dog"], ["cat", "dog", "c-at", "xcat", "ca", "d", "cog", "dat", "cats", "catdog", "cot", "at", "og"]),
        (
            ["no", "north", "nor", "south"],
            ["no", "nor", "north", "south", "n", "nort", "so", "nox", "norths", "northno", "norsouth", "o"],
        ),
        (
            ["positive", "negative", "neutral"],
            ["negative", "positive", "neutral", "ne", "neuative", "negatral", "posi", "positivenegative"],
        ),
        (["abab", "abba", "baab"], ["abab", "abba", "baab", "ab", "aba", "abaab", "ababab", "abbab", "bab", "baba"]),
        (["xab", "yab", "xb"], ["xab", "yab", "xb", "yb", "x", "xa", "ab", "b"]),
        (drawn, [*drawn, drawn[0][:1], drawn[-1][:-1] + "z", drawn[0] + drawn[-1], drawn[-1] + letters[0]]),
        (drawn[::-1], [*drawn]),
    )
    with forbidden("utils.decoding.grammar.choices"):
        for options, texts in cases:
            for text in texts:
                want = expected(options, text)
                for pieces, how in ((list(text), "one character at a time"), ([text], "at once")):
                    check(
                        lambda: verdict(options, pieces),
                        want,
                        f"options {', '.join(options)}; {text!r} read {how}",
                        mistakes={
                            "The text is read wrongly at once: `advance` reads the whole text, of several characters, and not only "
                            "its first character.": (
                                lambda got: how == "at once" and len(text) > 1 and verdict(options, list(text)) == want
                            )
                        }
                        | explained(options, text, want),
                        if_raises="Where a character does not fit, `advance` returns None; and any text may be read from any "
                        "state, in one piece or several.",
                    )


graded_test()
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "Automaton-2", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: advance reads the whole text, from any state, and changes nothing.
### BEGIN HIDDEN TESTS
def graded_test():
    from utils.notebook.checks import check

    def verdict(automaton, state):
        if state is None:
            return "nowhere"
        return "accepts" if state in automaton.accepting else "goes on"

    def after(options, first, second):
        """Return the verdict on `second`, read after `first`."""
        automaton = choices_automaton(options)
        return verdict(automaton, advance(automaton, advance(automaton, automaton.start, first), second))

    options = ["south", "north", "northern", "put"]
    for first, second, want, hint in (
        ("no", "rth", "accepts", "Read on from the given state, the whole text of several characters."),
        ("north", "ern", "accepts", "A state may be accepting and lead on."),
        ("so", "ut", "goes on", "Read on from the given state, the whole text of several characters."),
        (
            "s",
            "put",
            "nowhere",
            "Read from the given state, not from the start: `sput` is no beginning, though `put` is an option.",
        ),
        ("n", "put", "nowhere", "Read from the given state, not from the start."),
        ("no", "rx", "nowhere", "None when the whole text cannot be read: the part that fits is not enough."),
        ("nor", "thx", "nowhere", "None when the whole text cannot be read: the part that fits is not enough."),
        ("no", "xrth", "nowhere", "A bad character is not skipped or ignored: the result is None."),
        ("north", "erns", "nowhere", "Nothing may follow after a whole option, unless another option goes on."),
        ("south", "s", "nowhere", "Nothing may follow after a whole option."),
        ("nort", "", "goes on", "The empty text leads from a state to the same state."),
        ("south", "", "accepts", "The empty text leads from a state to the same state."),
        ("", "", "goes on", "The empty text leads from the start to the start."),
    ):
        check(
            lambda: after(options, first, second),
            want,
            f"options {', '.join(options)}; {second!r} read after {first!r}",
            otherwise=hint,
            if_raises=f"Where a text cannot be read the result is None, without an error (KeyError). {hint}",
        )

    def tries():
        """Try several texts from one state: none may leave a trace."""
        automaton = choices_automaton(options)
        state = advance(automaton, automaton.start, "no")
        texts = ("rth", "x", "rth", "rthern", "r", "rth")
        found = [verdict(automaton, advance(automaton, state, text)) for text in texts]
        return [*found, verdict(automaton, advance(automaton, automaton.start, "south"))]

    check(
        tries,
        ["accepts", "nowhere", "accepts", "accepts", "goes on", "accepts", "accepts"],
        "several texts tried from one state, then `south` from the start",
        otherwise="The same text from the same state must always lead to the same state: the automaton does not remember a "
        "current state of its own.",
        if_raises="The automaton does not remember a current state of its own: texts are tried from one state again and again.",
    )

    def side_by_side():
        """Make two automata before either is used."""
        colours, dishes = choices_automaton(["red", "green"]), choices_automaton(["soup", "pie", "re"])
        return [
            verdict(automaton, advance(automaton, automaton.start, text))
            for automaton in (colours, dishes)
            for text in ("red", "soup", "re")
        ]

    check(
        side_by_side,
        ["accepts", "nowhere", "goes on", "nowhere", "accepts", "accepts"],
        "two automata side by side, for red, green and for soup, pie, re",
        otherwise="Two automata must not share their states: what one accepts is no concern of another automaton.",
        if_raises="Two automata must not share anything.",
    )


graded_test()
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "Automaton-3", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: odd options.
### BEGIN HIDDEN TESTS
def graded_test():
    from utils.notebook.checks import check

    def verdict(options, text):
        automaton = choices_automaton(options)
        state = advance(automaton, automaton.start, text)
        if state is None:
            return "nowhere"
        return "accepts" if state in automaton.accepting else "goes on"

    for options, text, want, hint in (
        (["Yes", "no"], "Yes", "accepts", "Upper and lower case are different characters."),
        (["Yes", "no"], "yes", "nowhere", "Upper and lower case are different characters."),
        (["Yes", "no"], "NO", "nowhere", "Upper and lower case are different characters."),
        ([" a b", "c "], " a b", "accepts", "White space (a space) is a character like others; nothing is stripped."),
        ([" a b", "c "], "a b", "nowhere", "White space (a space) is a character like others; nothing is stripped."),
        ([" a b", "c "], "c", "goes on", "White space (a space) is a character like others; nothing is stripped."),
        (["a.b", "c*", "(d|e)"], "a.b", "accepts", "Options are texts, no patterns: `.` is a literal character."),
        (["a.b", "c*", "(d|e)"], "axb", "nowhere", "Options are texts, no patterns: `.` is a literal character."),
        (["a.b", "c*", "(d|e)"], "cc", "nowhere", "Options are texts, no patterns: `*` is a literal character."),
        (["a.b", "c*", "(d|e)"], "d", "nowhere", "Options are texts, no patterns: `(` and `|` are literal characters."),
        (
            ["\u00fcber", "\U0001f372\U0001f372"],
            "\u00fcber",
            "accepts",
            "Any character of a text may occur in an option.",
        ),
        (
            ["\u00fcber", "\U0001f372\U0001f372"],
            "\U0001f372",
            "goes on",
            "Any character of a text may occur in an option.",
        ),
        (["caf\u00e9", "tea"], "caf\u00e9", "accepts", "Any character of a text may occur in an option."),
        (["caf\u00e9", "tea"], "cafe", "nowhere", "A letter with an accent is another character."),
        (["caf\u00e9", "tea"], "cafi", "nowhere", "Characters beyond ASCII are characters of their own."),
        (["aaa", "aa"], "a", "goes on", "A repeated character is another state each time."),
        (["aaa", "aa"], "aa", "accepts", "A repeated character is another state each time."),
        (["aaa", "aa"], "aaa", "accepts", "A repeated character is another state each time."),
        (["aaa", "aa"], "aaaa", "nowhere", "A repeated character is another state each time."),
        (["", "ab"], "", "accepts", "The empty text can be an option: then the start itself is accepting."),
        (["", "ab"], "a", "goes on", "The empty text can be an option, beside others."),
        (["", "ab"], "ab", "accepts", "The empty text can be an option, beside others."),
        (["ab"], "", "goes on", "The start accepts only if the empty text is an option."),
        (["same", "same"], "same", "accepts", "An option that is given twice is one option."),
    ):
        check(
            lambda: verdict(list(options), text),
            want,
            f"options {options}, text {text!r}",
            otherwise=hint,
            if_raises=hint,
        )


graded_test()
### END HIDDEN TESTS

# %% [markdown]
# The two exercises below use the course's own automaton under the names that you have just defined, so that they do not depend on
# your answer above. (Run the cell of your answer again if you want to use yours.)

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
# *Difficulty 2 of 5, 15 minutes.* The automaton reads characters, the model writes tokens. A token is allowed when its *whole* text can be read from
# the current state. One token has the empty text: the end token. It is special: it may come only where the text may end, in an accepting
# state. And there the others are still allowed, if the automaton can read them.
#
# `vocabulary` is a list of texts, and a token's id is its index. Use `advance(automaton, state, text)`, and remember what it says
# of the empty text.

# %% nbgrader={"grade": false, "grade_id": "allowed_tokens", "locked": false, "schema_version": 3, "solution": true, "task": false}
from collections.abc import Hashable, Sequence
from typing import Any


def allowed_tokens(automaton: Any, state: Hashable, vocabulary: Sequence[str]) -> set[int]:
    """Return the ids of the tokens that may come next.

    Args:
        automaton: what `choices_automaton` returns, read by `advance(automaton, state, text)`.
        state: one of its states.
        vocabulary: the text of each token; the end token has the text "".
    """
    ### BEGIN SOLUTION
    return {
        token
        for token, text in enumerate(vocabulary)
        if (advance(automaton, state, text) is not None if text else state in automaton.accepting)
    }
    ### END SOLUTION

# %% tags=["visible-test"] nbgrader={"grade": false, "grade_id": "allowed_tokens-visible", "locked": true, "schema_version": 3, "solution": false, "task": false}
def visible_test():
    from utils.notebook.checks import check

    automaton = choices_automaton(["no", "north"])
    vocabulary = ["n", "no", "nor", "nox", "", "th"]
    check(
        lambda: allowed_tokens(automaton, automaton.start, vocabulary),
        {0, 1, 2},
        "options no and north, at the start, vocabulary n, no, nor, nox, the end token, th",
        mistakes={
            "The whole text of a token must be readable, not only its first character.": {0, 1, 2, 3},
            "The end token is allowed only in an accepting state.": {0, 1, 2, 4},
            "Return ids, not texts: the index of each token.": {"n", "no", "nor"},
        },
    )


visible_test()

# %% nbgrader={"grade": true, "grade_id": "allowed_tokens-1", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: the tokens that can be read from the start and on the way.
### BEGIN HIDDEN TESTS
def graded_test():
    from utils.notebook.checks import case_rng, check

    rng = case_rng("allowed_tokens", 1)
    options = ["north", "nor", "notes", "south", "sold out"]
    pieces = [
        "n",
        "o",
        "no",
        "not",
        "nor",
        "north",
        "th",
        "r",
        "rth",
        "t",
        "tes",
        "es",
        "e",
        "s",
        "so",
        "sou",
        "u",
        "ut",
        "h",
        "uth",
        "l",
        "ld",
        "d",
    ]
    odd = [
        " ",
        "ns",
        " out",
        "out",
        "d out",
        "nt",
        "rt",
        "nox",
        "nos",
        "x",
        "on",
        "hs",
        "to",
        "N",
        "south",
        "southern",
        "rto",
        "tse",
        "dlo",
    ]

    def able(state, text):
        return any(option.startswith(state + text) for option in options)

    for state in ("", "no", "nor", "s", "sou", "so", "sold", "not", "nort", ""):
        vocabulary = [*pieces, *odd]
        rng.shuffle(vocabulary)
        end = rng.randint(3, len(vocabulary) - 3)
        vocabulary.insert(end, "")
        here = {token for token, text in enumerate(vocabulary) if text and able(state, text)}
        want = here | ({end} if state in options else set())

        def allowed():
            automaton = choices_automaton(options)
            return allowed_tokens(automaton, advance_to(automaton, state), vocabulary)

        def advance_to(automaton, text):
            return advance(automaton, automaton.start, text)

        def ids(rule):
            found = {token for token, text in enumerate(vocabulary) if text and rule(text)}
            return found | ({end} if state in options else set())

        check(
            allowed,
            want,
            f"options {', '.join(options)}; after {state!r}",
            mistakes={
                "Return ids, not texts: the index of each token in the vocabulary.": (
                    lambda got: any(isinstance(one, str) for one in got)
                ),
                "A set of ids is due (set[int]), not a list.": lambda got: isinstance(got, list | tuple),
                "The end token is always allowed here. It may come only in an accepting state: `advance` reads the empty text "
                "in any state.": here | {end},
                "The end token is missing: in an accepting state it is allowed, beside the others.": want - {end},
                "Only the end token is allowed in an accepting state of yours. An option may go on there: both are allowed.": {
                    end
                },
                "The whole text of a token must be readable. You looked at its first character.": ids(
                    lambda text: able(state, text[0])
                ),
                "You read from the start, whatever the state is: use the given state.": ids(
                    lambda text: able("", text)
                ),
                "Only tokens that complete an option are in your set. A part of an option is allowed too: it need not lead to an "
                "accepting state.": lambda got: (
                    set(got) == {token for token in here if state + vocabulary[token] in options} | (want - here)
                ),
                "Only single characters are in your set: longer tokens, of several characters, are allowed too.": ids(
                    lambda text: len(text) == 1 and able(state, text)
                ),
                "The characters of a token are tried one by one from the same state, so their order does not matter. The whole "
                "text is read in its order.": ids(lambda text: all(able(state, character) for character in text)),
                "Only the longest tokens are in your set. All that can be read are allowed, short ones too.": (
                    lambda got: (
                        set(got) < want
                        and bool(here)
                        and {len(vocabulary[token]) for token in got if vocabulary[token]}
                        == {max(len(vocabulary[token]) for token in here)}
                    )
                ),
                "White space is a part of a token's text: do not strip the space.": ids(
                    lambda text: able(state, text.strip()) if text.strip() else state in options
                ),
                "This is what cannot be read: it is inverted.": set(range(len(vocabulary))) - want,
            },
            otherwise="The ids of all tokens whose whole text can be read from the state; of the end token only in an "
            "accepting state.",
            if_raises="`advance` returns None for a text that cannot be read.",
        )


graded_test()
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "allowed_tokens-2", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: the end token, wherever it stands; texts that occur twice.
### BEGIN HIDDEN TESTS
def graded_test():
    from utils.notebook.checks import check

    options = ["no", "north", "or"]
    for vocabulary, end, where in (
        (["n", "o", "no", "rth", "r", "or", ""], 6, "last"),
        (["", "n", "o", "no", "rth", "r", "or"], 0, "first"),
        (["n", "o", "no", "", "rth", "r", "or"], 3, "in the middle"),
        (["r", "n", "", "o", "no", "no", "rth", "rth", "n", "or"], 2, "in the middle, some texts twice"),
    ):
        for text, accepting in (
            ("", False),
            ("n", False),
            ("no", True),
            ("nor", False),
            ("north", True),
            ("or", True),
            ("o", False),
        ):
            readable = {
                token
                for token, piece in enumerate(vocabulary)
                if piece and any(option.startswith(text + piece) for option in options)
            }
            want = readable | ({end} if accepting else set())

            def allowed():
                automaton = choices_automaton(options)
                return allowed_tokens(automaton, reached(automaton), vocabulary)

            def reached(automaton):
                return advance(automaton, automaton.start, text)

            check(
                allowed,
                want,
                f"options {', '.join(options)}; after {text!r}; vocabulary {vocabulary}",
                mistakes={
                    "The end token is allowed only in an accepting state.": readable | {end} if not accepting else None,
                    "The end token is missing: this state is accepting (test `state in automaton.accepting`).": readable
                    if accepting
                    else None,
                    "In an accepting state both are allowed: the end token, and tokens that go on.": {end}
                    if readable
                    else None,
                    "A text that occurs twice has two ids, and each id is allowed.": (
                        lambda got: "twice" in where and set(got) < want
                    ),
                    f"The end token is the one with the empty text, wherever it stands (here {where}); it is not always the first or the last.": (
                        lambda got: True
                    ),
                },
                if_raises="A state may be anything, also 0 or an empty text; only None means that a text cannot be read.",
            )


graded_test()
### END HIDDEN TESTS

# %% [markdown]
# ### Exercise: `constrained_choice`
#
# *Difficulty 3 of 5, 20 minutes.* Now put the parts together: greedy decoding that always ends with one of the options.
#
# `next_logits(ids)` gives the logits (V,) of the next token after the ids that were chosen so far; the first call gets an empty list.
# At each step take the token with the largest logit among the *allowed* ones. The end token (text "") is allowed where one of the options
# is complete, and then competes with the tokens that go on: an option may be the beginning of another one.
# The vocabulary has each single character of the options, so there is always a way on.
#
# This is not the option with the largest probability, which would need the logits of every option: greedy decoding decides token by token,
# and never looks back. You will see below what that costs. You may use `choices_automaton` and `advance` from above.

# %% nbgrader={"grade": false, "grade_id": "constrained_choice", "locked": false, "schema_version": 3, "solution": true, "task": false}
from collections.abc import Callable, Sequence

from torch import Tensor


def constrained_choice(
    next_logits: Callable[[list[int]], Tensor], options: Sequence[str], vocabulary: Sequence[str]
) -> str:
    """Return the option that greedy decoding under the automaton of the options ends with.

    Args:
        next_logits: from the ids chosen so far to the logits (V,) of the next token.
        options: texts, at least one.
        vocabulary: the text of each of the V tokens; the end token has the text "".
    """
    ### BEGIN SOLUTION
    ids: list[int] = []
    text = ""
    while True:
        logits = next_logits(list(ids))
        allowed = [
            token
            for token, piece in enumerate(vocabulary)
            if (any(option.startswith(text + piece) for option in options) if piece else text in options)
        ]
        best = max(allowed, key=lambda token: float(logits[token]))
        if vocabulary[best] == "":
            return text
        ids.append(best)
        text += vocabulary[best]
    ### END SOLUTION

# %% tags=["visible-test"] nbgrader={"grade": false, "grade_id": "constrained_choice-visible", "locked": true, "schema_version": 3, "solution": false, "task": false}
def visible_test():
    import torch

    from utils.notebook.checks import check

    vocabulary = ["y", "e", "s", "n", "o", "", "no", "maybe"]

    def prefers(*texts):
        """Return logits that prefer these tokens, the first one most."""
        return lambda ids: torch.tensor(
            [-5.0 - 9 * (text not in texts) - (texts.index(text) if text in texts else 0) for text in vocabulary]
        )

    check(
        lambda: constrained_choice(prefers("maybe", "n", "y", ""), ["yes", "no"], vocabulary),
        "no",
        "options yes and no; the model would say `maybe`, and prefers n to y",
        mistakes={"Only one of the options may come back: the mask is missing.": lambda got: got not in ("yes", "no")},
    )
    check(
        lambda: constrained_choice(prefers("", "no", "s"), ["no", "nos"], vocabulary),
        "no",
        "options no and nos; the model would rather end than go on",
        mistakes={"Where an option is complete the end token competes with tokens that go on.": "nos"},
    )
    check(
        lambda: constrained_choice(prefers("no", "s", ""), ["no", "nos"], vocabulary),
        "nos",
        "options no and nos; the model would rather go on than end",
        mistakes={"You ended too early: a longer option was still possible, and more likely than the end.": "no"},
    )


visible_test()

# %% nbgrader={"grade": true, "grade_id": "constrained_choice-1", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: greedy decoding under the automaton.
### BEGIN HIDDEN TESTS
def graded_test():
    import difflib
    import random

    import torch

    from utils.notebook.checks import case_rng, check

    options = ["no", "north", "notes", "south", "so", "sold out", "yes"]
    pieces = [
        "n",
        "o",
        "r",
        "t",
        "h",
        "e",
        "s",
        "u",
        "l",
        "d",
        " ",
        "y",
        "no",
        "nor",
        "th",
        "so",
        "out",
        "ld",
        " out",
        "ye",
        "tes",
        "es",
    ]
    odd = ["x", "nox", "yesno", "southern", "oo", "maybe", "sn", "rr"]
    rng = case_rng("constrained_choice", 1)
    vocabulary = [*pieces, *odd]
    rng.shuffle(vocabulary)
    vocabulary.insert(rng.randint(3, len(vocabulary) - 3), "")
    end = vocabulary.index("")

    def model(seed):
        """Return next_logits of a random model: negative logits that depend on all the ids so far."""
        calls = []

        def next_logits(ids):
            calls.append(1)
            if len(calls) > 400:
                raise AssertionError("next_logits was called 400 times: decoding must stop at the end token.")
            ids = ids.tolist() if hasattr(ids, "tolist") else list(ids)
            if not all(isinstance(token, int) and not isinstance(token, bool) for token in ids):
                raise AssertionError(
                    f"next_logits gets the ids chosen so far (whole numbers), not texts: it got {ids[:4]}."
                )
            chosen = random.Random(f"{seed} {ids}")
            return torch.tensor([-15 + chosen.gauss(0, 3) for _ in vocabulary])

        return next_logits

    def able(text):
        return any(option.startswith(text) for option in options)

    def allowed_after(text):
        found = {token for token, piece in enumerate(vocabulary) if piece and able(text + piece)}
        return found | ({end} if text in options else set())

    def greedy(seed, allowed=allowed_after, fed=list, pick=max, starts_over=False):
        """Decode by some rule; the right one by default."""
        logits_of, ids, text = model(seed), [], ""
        for _ in range(20):
            candidates = sorted(allowed(text))
            if not candidates:
                return text
            logits = logits_of(fed(ids))
            best = pick(candidates, key=lambda token: float(logits[token]))
            if best == end:
                return text
            ids.append(best)
            text += vocabulary[best]
        return text

    def first_token(seed):
        logits = model(seed)([])
        best = max(allowed_after(""), key=lambda token: float(logits[token]))
        return next(option for option in options if option.startswith(vocabulary[best]))

    def totals(seed):
        logits_of = model(seed)

        def best_total(ids, rest):
            logprobs = torch.log_softmax(logits_of(ids), dim=-1)
            if not rest:
                return float(logprobs[end])
            return max(
                float(logprobs[token]) + best_total([*ids, token], rest[len(piece) :])
                for token, piece in enumerate(vocabulary)
                if piece and rest.startswith(piece)
            )

        return {option: best_total([], option) for option in options}

    def unconstrained(seed):
        return greedy(seed, allowed=lambda text: set(range(len(vocabulary))))

    rules = {
        "Only the first token was scored: after it, decoding must go on token by token.": first_token,
        "The ids are never fed back: next_logits gets all the ids chosen so far.": lambda seed: greedy(
            seed, fed=lambda ids: []
        ),
        "Only the last id is fed back: next_logits gets all the ids chosen so far.": lambda seed: greedy(
            seed, fed=lambda ids: ids[-1:]
        ),
        "You ended too early (too soon), at the first option that is complete: a longer option was possible, and more likely "
        "than the end token.": lambda seed: greedy(
            seed, lambda text: set() if text in options else allowed_after(text)
        ),
        "You went on as long as it was possible. A shorter option wins where the end token has the largest logit.": (
            lambda seed: greedy(
                seed, lambda text: allowed_after(text) - ({end} if len(allowed_after(text)) > 1 else set())
            )
        ),
        "You took the smallest logit, the least likely token. Greedy decoding takes the largest.": lambda seed: greedy(
            seed, pick=min
        ),
        "Only single characters were used: tokens of several characters (longer ones) are allowed too.": (
            lambda seed: greedy(
                seed, lambda text: {token for token in allowed_after(text) if len(vocabulary[token]) < 2}
            )
        ),
        "This is the option that is nearest to the unconstrained text. Mask the logits at each step instead.": (
            lambda seed: difflib.get_close_matches(unconstrained(seed), options, n=1, cutoff=0.0)[0]
        ),
        "This is always the first option: the logits decide, you ignored them.": lambda seed: options[0],
        "The end token is not the last of the vocabulary: it is the one with the empty text, wherever it stands.": (
            lambda seed: greedy(
                seed, lambda text: allowed_after(text) - {end} | ({len(vocabulary) - 1} if text in options else set())
            )
        ),
    }
    rules[
        "This option is the most likely one as a whole (by its total log-probability). Greedy decoding decides token by token."
    ] = lambda seed: max(totals(seed), key=totals(seed).get)
    seeds = []
    for rule in rules.values():  # a case for each mistake, in which it shows
        seeds.append(next(seed for seed in iter(lambda: rng.getrandbits(40), None) if rule(seed) != greedy(seed)))
    seeds += [rng.getrandbits(40) for _ in range(6)]
    check(
        lambda: [constrained_choice(model(seed), list(options), list(vocabulary)) for seed in seeds],
        [greedy(seed) for seed in seeds],
        f"options {', '.join(options)}; {len(seeds)} random models",
        mistakes={
            "A text is due (str), not ids.": lambda got: not all(isinstance(one, str) for one in got),
            # All of the list, so that rules that agree in some cases are told apart.
            **{hint: [rule(seed) for seed in seeds] for hint, rule in rules.items()},
            "What came back is none of the options. Disallowed tokens need -inf, not 0; a token's whole text must fit, not only its first "
            "character; the end token is allowed only where an option is complete; and one token alone is no option.": (
                lambda got: not set(got) <= set(options)
            ),
        },
        otherwise="Mask the logits at each step, and of the allowed tokens take the one with the largest (no draw, no sample, no unconstrained text "
        "with the nearest option afterwards); greedy decoding uses "
        "all ids so far, does not end too early where a longer option or a shorter one is possible (the end token competes), and "
        "compares no whole options.",
        if_raises="At each step some token is allowed: each single character is in the vocabulary.",
    )


graded_test()
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "constrained_choice-2", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: options that begin others, one option only, and where greedy decoding is not the most likely option.
### BEGIN HIDDEN TESTS
def graded_test():
    import torch

    from utils.notebook.checks import check

    vocabulary = ["ab", "a", "", "b", "c", "abc", "d"]

    def scripted(table, otherwise=-9.0):
        """Return next_logits with these values after these texts; `otherwise` for all else."""

        def next_logits(ids):
            ids = ids.tolist() if hasattr(ids, "tolist") else list(ids)
            if not all(isinstance(token, int) for token in ids):
                raise AssertionError("next_logits gets the ids chosen so far (whole numbers), not texts.")
            if len(ids) > 20:
                raise AssertionError("more than 20 tokens were chosen: decoding must stop at the end token.")
            values = table.get("".join(vocabulary[token] for token in ids), {})
            return torch.tensor([values.get(text, otherwise) for text in vocabulary])

        return next_logits

    early = "You ended too early: the end token (-4) is allowed here, but a token that goes on to a longer option has the larger logit."
    late = "The end token has the largest logit here: the shorter option, a prefix of the longer one, is chosen."
    greedily = "Greedy decoding takes the largest logit at each step, and does not compare whole options by their total or average probability."
    for options, table, want, hint in (
        (["a", "ab", "abc"], {"": {"a": -1.0}, "a": {"": -4.0, "b": -3.0}, "ab": {"": -4.0, "c": -2.0}}, "abc", early),
        (["abc", "ab", "a"], {"": {"a": -1.0}, "a": {"": -4.0, "b": -3.0}, "ab": {"": -2.0, "c": -3.0}}, "ab", late),
        (["abc", "a"], {"": {"a": -1.0, "d": 5.0}, "a": {"": -1.0, "b": -2.0, "d": 7.0}}, "a", late),
        (["a", "abc"], {"": {"a": -1.0}, "a": {"": -3.0, "b": -2.0}}, "abc", early),
        (["a", "abd"], {"": {"a": -2.0, "ab": -1.0, "abc": 8.0}, "ab": {"": 9.0, "c": 8.0}}, "abd", "The end token is allowed only where an option is complete: `ab` is none."),
        (["bcd"], {}, "bcd", "With one option there is only one way, whatever the logits are."),
        (["d"], {"": {"": 9.0}, "d": {"a": 9.0}}, "d", "The end token is allowed only where an option is complete, and afterwards nothing else is."),
        (["cad", "b"], {"": {"c": -1.0, "b": -1.01}, "c": {"d": 9.0}, "ca": {"b": 9.0}}, "cad", greedily),
        (["b", "cd"], {"": {"b": -1.0, "c": -1.1}, "b": {"a": 8.0, "": -8.0}, "c": {"d": 9.0}, "cd": {"": 9.0}}, "b", greedily),
        (["ab", "ad"], {"": {"a": 2.0, "ab": 3.0}, "a": {"d": 5.0}, "ab": {"d": 5.0, "": -8.0}}, "ab", "A token of several characters is one step: `ab` has the largest logit."),
    ):  # fmt: skip
        check(
            lambda: constrained_choice(scripted(table), list(options), list(vocabulary)),
            want,
            f"options {', '.join(options)}; logits after what was chosen so far: {table}",
            mistakes={
                "What came back is none of the options.": lambda got: got not in options,
            },
            otherwise=hint,
            if_raises=hint,
        )
    as_they_are = "The options are texts as they are: upper and lower case (capitals) and blanks (spaces) count, nothing is stripped."
    vocabulary = ["", "N", "o", " ", "n", "No"]
    for options, table, want in (
        (["No", "no"], {"": {"N": 1.0}, "N": {"o": 1.0}, "No": {"": 1.0}}, "No"),
        (["No", "no"], {"": {"n": 1.0, "No": 0.5}}, "no"),
        ([" no", "no "], {"": {" ": 1.0}, " n": {"o": 1.0}}, " no"),
        ([" no", "no "], {"": {"n": 1.0}, "no": {"": 8.0}}, "no "),
    ):
        check(
            lambda: constrained_choice(scripted(table), list(options), list(vocabulary)),
            want,
            f"options {options}; logits after what was chosen so far: {table}",
            otherwise=as_they_are,
            if_raises=as_they_are,
        )


graded_test()
### END HIDDEN TESTS

# %% [markdown]
# ### Figures 2-20 and 2-21, on a real model
#
# SmolLM2 reads a note about a lost animal and is asked which animal it was, and what the finder gets. Free, it answers as
# it likes. Under a choice among the 24 animals of the world, or under the pattern of a number, it can only answer so.
# The control is the same model, same prompts, without the mask.

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
    prompts = [smollm2.encode_chat([{"role": "user", "content": f"{question}\n{task.text}"}]) for task in notices]
    for masked in (False, True):
        rows = generate(decoder, prompts, 10, stop_ids=smollm2.eos_ids, adjust=constraint.adjust if masked else None)
        texts = [smollm2.decode(row.ids, skip_special_tokens=True) for row in rows]
        fits = [float(constraint.grammar.accepts(text)) for text in texts]
        says = [
            float(fit and str(task.record[wanted]) == text.split()[0])
            for fit, text, task in zip(fits, texts, notices, strict=True)
        ]
        answers[name, masked] = (texts, fits, says)
for (name, masked), (texts, fits, says) in answers.items():
    print(f"{name:8} {'masked' if masked else 'free  '} form {share(fits)}; right {np.mean(says):.2f}; {texts[:3]}")

question, _, constraint = questions["choice"]
prompt = smollm2.encode_chat([{"role": "user", "content": f"{question}\n{notices[0].text}"}])
free = decoder.prefill([prompt])[0]
masked = constraint.mask_logits(free[None], [constraint.start])[0]
top = free.topk(14).indices.tolist()
kept = masked.topk(6).indices.tolist()
shown = [*top, *(token for token in kept if token not in top)]
labels = [repr(smollm2.decode([token])) for token in shown]
figure, (above, below) = plt.subplots(2, 1, figsize=(8, 4.8), sharex=True, constrained_layout=True)
for axes, values, title in ((above, free, "as the model has it"), (below, masked, "after the mask")):
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
# Many tokens are allowed for the same beginning: `g`, `go` and `goat` may all start a goat. A mask that thinks in whole
# words would forbid two of them, and take weight from the model's usual way of writing or force it into an unusual one.
#
# *To think about: the mask lets "go" pass because a goose and a goat begin so. What if the model, after "go", wants
# "ld"?*
#
# ## 5 From a schema to a mask
#
# **What the chapter claims.** Each format needs its own grammar, JSON, YAML, regular expressions, CSV, so constrained
# sampling is less general; building the grammar in is not trivial, and checking it can slow generation down.
#
# A JSON grammar nests, so an automaton with a fixed set of states does not suffice; the course's grammar draws up states
# as it needs them. At any moment it must know whether a text can still become JSON:

# %% [markdown]
# ### Exercise: `is_json_prefix`
#
# *Difficulty 4 of 5, 40 minutes.* A finite automaton cannot know JSON: brackets nest without end. But the question is the same. Can the text that
# was written so far still become a JSON document? Write it for the grammar of RFC 8259:
#
# - a document is *any* value with white space around it: an object, an array, a string, a number, `true`, `false`, `null`;
# - white space is blank, tab, line feed and carriage return, nothing else;
# - a string has double quotes, no control character below U+0020, and after a backslash one of `"\/bfnrt`, or `u` and four
#   hexadecimal digits;
# - a number is an optional minus, digits without a leading zero, then optionally a point with digits, then optionally `e` or `E`, a
#   sign, and digits; digits are 0 to 9.
#
# The continuation may be empty: a complete document is a prefix too. Hints: write a parser that has one function per kind of
# value, and an exception of its own for the end of the text: where the text ends too early, all is well. Or keep a stack of what is open and a state. Mind numbers: `12` may be complete,
# `1.` is not, yet both are prefixes. `utils.decoding.grammar.json_document` does this exercise for you and is not allowed.

# %% nbgrader={"grade": false, "grade_id": "is_json_prefix", "locked": false, "schema_version": 3, "solution": true, "task": false}
import re


def is_json_prefix(text: str) -> bool:
    """Return whether some continuation, the empty one included, makes the text a JSON document (RFC 8259)."""
    ### BEGIN SOLUTION
    # Each token twice: cut off by the end of the text, and whole.
    character = r'(?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})'
    string = (
        re.compile(rf'(?:"{character}*(?:\\(?:u[0-9a-fA-F]{{0,3}})?)?)?'),
        re.compile(f'"{character}*"'),
    )
    number = (
        re.compile(r"-?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*|(?:\.[0-9]+)?[eE][+-]?[0-9]*)?)?"),
        re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"),
    )
    literal = (
        re.compile("|".join(word[:end] for word in ("true", "false", "null") for end in range(len(word)))),
        re.compile("true|false|null"),
    )
    white_space = re.compile(r"[ \t\n\r]*")

    class TextEndedError(Exception):
        """The text ends where it could go on."""

    def skip(position: int) -> int:
        return white_space.match(text, position).end()

    def token(position: int, *kinds: tuple[re.Pattern[str], re.Pattern[str]]) -> int:
        """Return where a token ends."""
        for cut_off, whole in kinds:
            if cut_off.fullmatch(text, position):
                raise TextEndedError
            if found := whole.match(text, position):
                return found.end()
        raise ValueError("no token begins here")

    def mark(position: int, wanted: str) -> int:
        """Return the position after one of the wanted characters."""
        position = skip(position)
        if position == len(text):
            raise TextEndedError
        if text[position] not in wanted:
            raise ValueError(f"one of {wanted} was due")
        return position + 1

    def value(position: int) -> int:
        position = skip(position)
        if text[position : position + 1] not in ("[", "{"):
            return token(position, literal, number, string)
        closing = "]" if text[position] == "[" else "}"
        position = skip(position + 1)
        if text[position : position + 1] == closing:
            return position + 1
        while True:
            if closing == "}":
                position = mark(token(skip(position), string), ":")
            position = mark(value(position), f",{closing}")
            if text[position - 1] == closing:
                return position

    try:
        return skip(value(0)) == len(text)
    except TextEndedError:
        return True
    except ValueError:
        return False
    ### END SOLUTION

# %% tags=["visible-test"] nbgrader={"grade": false, "grade_id": "is_json_prefix-visible", "locked": true, "schema_version": 3, "solution": false, "task": false}
def visible_test():
    from utils.notebook.checks import check

    for text, want, hint in (
        ('{"a": 1, ', True, "Another member may follow."),
        ("{{", False, "After { comes a key in double quotes, or }."),
        ('{"a": [1, 2', True, "Brackets that are open can be closed."),
        ('{"a": [1, 2}', False, "The array must be closed before the object."),
        ('["tr', True, "A string may be cut off."),
        ("[tr", True, "true may be cut off."),
        ("[tx", False, "No literal begins like this."),
        ("12", True, "Any value is a document, and the continuation may be empty."),
    ):
        check(lambda: is_json_prefix(text), want, f"is_json_prefix({text!r})", otherwise=hint, if_raises=hint)


visible_test()

# %% nbgrader={"grade": true, "grade_id": "is_json_prefix-1", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: objects, arrays, keys, commas, colons, brackets; any value at the top level.
### BEGIN HIDDEN TESTS
def graded_test():
    import json

    from utils.notebook.checks import case_rng, check, forbidden

    rng = case_rng("is_json_prefix", 1)

    def drawn(depth):
        """Draw a JSON value."""
        kind = rng.randrange(7) if depth else rng.randrange(2)
        if kind == 0:
            return {f"k{number}": drawn(depth - 1) if depth else 1 for number in range(rng.randrange(4))}
        if kind == 1:
            return [drawn(depth - 1) if depth else 2 for _ in range(rng.randrange(4))]
        return rng.choice([True, False, None, 0, 17, -3, "", "ab", "c d"])

    top = "Any value is a document at the top level, not only an object."
    finish = "The text is not finished (incomplete), but there is a continuation: nothing is wrong with it so far."
    key = "After { and after a comma in an object there comes a key, a string in double quotes."
    comma = "Items are separated by exactly one comma; a trailing comma or a leading one is an error."
    colon = "After a key comes a colon, then a value."
    bracket = "A closing bracket must fit the innermost one that is open."
    after = "After the document only white space may follow, no other text."
    with forbidden("utils.decoding.grammar.json_document"):
        for text, want, hint in (
            ('{"a": 1, ', True, finish),
            ("{{", False, key),
            ("12", True, top),
            ("[1, 2]", True, f"{top} An array is one."),
            ("{", True, finish),
            ("[", True, finish),
            ("[[", True, f"{finish} Arrays nest."),
            ("[{", True, f"{finish} Objects may stand (nested) in arrays."),
            ('{"a": {"b": [', True, f"{finish} Objects and arrays nest."),
            ('{"a"', True, finish),
            ('{"a":', True, f"{finish} A value may follow the colon."),
            ('{"a": 1', True, finish),
            ('{"a": 1}', True, "A complete document is a prefix too, with the empty continuation."),
            ("[1, 2]", True, "A complete document is a prefix too, with the empty continuation."),
            ("{}", True, "An empty object is a complete document."),
            ("[]", True, "An empty array is a complete document."),
            ('[[], {}, "x"', True, "Empty arrays and objects are values."),
            ('{"a": {}, "b": []', True, "Empty arrays and objects are values."),
            ("[1,", True, f"{finish} Another item may follow the comma."),
            ('{"a": 1,', True, f"{finish} Another key may follow the comma."),
            ("", True, "The empty text is the beginning of every document."),
            ("12", True, top),
            ('"a', True, top),
            ('"a"', True, top),
            ("true", True, top),
            ("null", True, top),
            ("{1", False, key),
            ("{a", False, key),
            ("{true", False, key),
            ("{[", False, key),
            ('{"a": 1, 2', False, key),
            ('{"a": 1, {', False, key),
            ('{"a" 1', False, colon),
            ('{"a" "b', False, colon),
            ('{"a",', False, colon),
            ('{"a"}', False, colon),
            ('{"a": ,', False, f"{colon} A comma is no value."),
            ('{"a": }', False, f"{colon} A value is missing here."),
            ('{"a":: 1', False, colon),
            ("[1:", False, "A colon stands only after a key of an object."),
            ('["a": 1', False, "A colon stands only after a key of an object."),
            ("[,", False, comma),
            ("{,", False, f"{comma} {key}"),
            ("[1,,", False, comma),
            ("[1,]", False, comma),
            ("[[1], ]", False, comma),
            ('{"a": 1,}', False, comma),
            ('{"a": 1, }', False, comma),
            ("[1 2", False, comma),
            ('["a" "b"', False, comma),
            ("[[] []", False, comma),
            ('{"a": 1 "b"', False, comma),
            ("]", False, bracket),
            ("}", False, bracket),
            ("[}", False, bracket),
            ("{]", False, bracket),
            ("[1}", False, bracket),
            ('{"a": 1]', False, bracket),
            ('{"a": [1, 2}', False, bracket),
            ('[{"a": 1]', False, bracket),
            ("[1]]", False, f"{after} {bracket}"),
            ('{"a": 1}}', False, f"{after} {bracket}"),
            ('{"a": 1}x', False, after),
            ('{"a": 1} {', False, after),
            ("[1], 2", False, f"{after} A comma stands only within brackets."),
            ("1, 2", False, f"{after} A comma stands only within brackets."),
            ('"a" "b', False, after),
            ('["{", "]", "', True, "Brackets within a string are its content."),
            ('{"a]}": "[}', True, "Brackets within a string are its content."),
            ('{"a": "}}}}", "b": "x,:', True, "Brackets, commas and colons within a string are its content."),
        ):
            check(
                lambda: is_json_prefix(text),
                want,
                f"is_json_prefix({text!r})",
                mistakes={
                    "Return True or False (a bool).": lambda got: not isinstance(got, bool),
                },
                otherwise=hint,
                if_raises=f"{hint} Return True or False.",
            )
        for _ in range(8):
            document = json.dumps(
                drawn(3), indent=rng.choice([None, None, 1]), separators=rng.choice([(",", ":"), (", ", ": ")])
            )
            for end in range(len(document) + 1):
                text = document[:end]
                check(
                    lambda: is_json_prefix(text),
                    True,
                    f"is_json_prefix({text!r})",
                    otherwise=f"It can go on: {document!r} is a document.",
                    if_raises=f"It can go on: {document!r} is a document.",
                )


graded_test()
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "is_json_prefix-2", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: literals, numbers and strings, whole and cut off.
### BEGIN HIDDEN TESTS
def graded_test():
    import json

    from utils.notebook.checks import case_rng, check

    literal = (
        "The literals are true, false and null, in lower case; each beginning of one is a prefix, nothing else is."
    )
    zero = "A number has no leading zero: after 0 comes a point, an exponent, or its end."
    minus = "A minus (-) may begin a number, and a digit must follow it."
    point = "A point stands between digits: 1. can go on, but not without a digit after the point."
    exponent = (
        "An exponent is e or E (capital too), an optional sign, then at least one digit; each part may be cut off."
    )
    plus = "A number begins with a digit or a minus: no plus (+), no point."
    number = "This is no number: one point at most, then one exponent at most, each with digits behind it."
    quote = "Strings have double quotes, not single quotes."
    escape = 'After a backslash (an escape) comes one of "\\/bfnrt, or u with four hexadecimal digits, capital letters too; it may be cut off.'
    after = "After a complete value this cannot follow."
    cases = [
        ("t", True, literal), ("tru", True, literal), ("fals", True, literal), ("n", True, literal), ("[nul", True, literal),
        ('{"a": f', True, literal), ("true", True, literal), ("[true, fa", True, literal), ("trux", False, literal),
        ("tx", False, literal), ("nil", False, literal), ("[falso", False, literal), ("truee", False, literal),
        ("True", False, literal), ("[TRUE", False, literal), ("[None", False, literal), ("N", False, literal), ("x", False, literal),
        ("yes", False, literal), ("[nul]", False, literal), ('{"a": tru}', False, literal), ("[truefalse", False, literal),
        ("-", True, minus), ("[-", True, minus), ("-1", True, minus), ("-0", True, minus), ("--", False, minus),
        ("-]", False, minus), ("[-,", False, minus), ("-a", False, minus), ("1-", False, number),
        ("0", True, zero), ("01", False, zero), ("00", False, zero), ("-01", False, zero), ("[007", False, zero),
        ("0.", True, point), ("10", True, number), ("100", True, number), ("1.", True, point), ("[1.", True, point), ("1.5", True, point), ("0.05", True, point), ("1.0", True, point), ("1.,", False, point),
        ("[1.]", False, point), ("1.e", False, f"{point} {exponent}"), ("1..", False, point), ("1.5.", False, number), ("[1.2.3", False, number),
        (".5", False, plus), ("[.", False, plus), ("-.5", False, f"{minus} {point}"), ("+1", False, plus), ("[+", False, plus),
        ("1e", True, exponent), ("1E", True, exponent), ("1e+", True, exponent), ("1E-", True, exponent), ("2e10", True, exponent), ("[1.5e-", True, exponent),
        ("1.5E+07", True, exponent), ("0e0", True, exponent), ("1ee", False, exponent), ("1e+-", False, exponent), ("[1e]", False, exponent), ("1e+,", False, exponent),
        ("1e5.", False, f"{number} {exponent}"), ("1e5e", False, exponent), ("1e5+", False, exponent), ("e5", False, plus), ("1a", False, number), ("[1x", False, number), ("0x1", False, zero),
        ("1 2", False, after), ("1 .", False, f"{after} {point}"), ("- 1", False, f"{minus} No white space (no space) within a number."), ("[1 e5", False, f"{after} White space ends a number."), ("tr ue", False, f"{literal} No white space (no space) within a literal."),
        ('"', True, "A string may be cut off anywhere."), ('"abc', True, "A string may be cut off anywhere."), ('["a b', True, "A string may be cut off anywhere."),
        ('"abc"x', False, after), ("'", False, quote), ("['a", False, quote), ("{'a", False, quote), ('{"a": \'', False, quote),
        ('"a\\', True, escape), ('"a\\n', True, escape), ('"a\\"', True, f"{escape} An escaped quote does not end the string."), ('"a\\""', True, escape), ('"a\\"b', True, f"{escape} An escaped quote does not end the string."),
        ('"a\\\\"', True, escape), ('"\\/\\b\\f\\r\\t', True, escape), ('"\\u', True, escape), ('"\\u1', True, escape), ('"\\u12', True, escape), ('"\\u00e', True, escape), ('"\\u00E9', True, escape),
        ('"\\u00e9"', True, escape), ('"\\uABCD x', True, escape), ('{"\\u00', True, f"{escape} Keys are strings too."), ('"\\x', False, escape), ('"\\\'', False, escape), ('"\\0', False, escape), ('["\\a', False, escape), ('"\\U', False, escape),
        ('"\\uG', False, escape), ('"\\u12"', False, escape), ('"\\u12x', False, escape), ('"\\u 12', False, escape), ('{"\\q', False, escape), ('"\\\\"a', False, after),
    ]  # fmt: skip
    for text, want, hint in cases:
        check(
            lambda: is_json_prefix(text),
            want,
            f"is_json_prefix({text!r})",
            otherwise=hint,
            if_raises=f"{hint} Return True or False.",
        )
    rng = case_rng("is_json_prefix", 2)
    for _ in range(6):
        values = [
            rng.choice(
                [
                    '"a\\\\"',
                    '"\\"x"',
                    '"\\u00Ff\\n"',
                    '" , ]"',
                    "-0.5",
                    "1E+20",
                    "12.25e-3",
                    "true",
                    "false",
                    "null",
                    "-7",
                    "0",
                ]
            )
            for _ in range(3)
        ]
        document = rng.choice(["[{}, {}, {}]", '{{"k\\t": {}, "x": [{}], "": {}}}', '[[{}],\n{{"a":{}}} , {}]']).format(
            *values
        )
        json.loads(document)
        for end in range(len(document) + 1):
            text = document[:end]
            check(
                lambda: is_json_prefix(text),
                True,
                f"is_json_prefix({text!r})",
                otherwise=f"It can go on: {document!r} is a document.",
                if_raises=f"It can go on: {document!r} is a document.",
            )


graded_test()
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "is_json_prefix-3", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: white space, control characters, characters beyond ASCII, what other parsers accept.
### BEGIN HIDDEN TESTS
def graded_test():
    from utils.notebook.checks import check

    space = "White space (blank, tab, line feed, carriage return) may stand before and after every token."
    only = "White space in JSON is blank, tab, line feed and carriage return, not all that Python calls white space."
    control = (
        "A string holds no control character below U+0020 (a line break or a tab, for example): they must be escaped."
    )
    ascii_only = "Any character from U+0020 on may stand in a string, also letters beyond ASCII (unicode) and U+007F."
    digit = "Digits are 0 to 9, and hexadecimal digits a to f and A to F: not all that Python calls digits."
    constant = "NaN and Infinity are no JSON, although Python's json reads them."
    comment = "JSON has no comments."
    deep = "Brackets nest, here 60 deep."
    for text, want, hint in (
        (" ", True, space),
        ("\n\t\r ", True, space),
        (" \n{", True, space),
        ("\t[", True, space),
        ("\r12", True, space),
        ("1 ", True, f"{space} Also after the document."),
        ("{} \n", True, f"{space} Also after the document."),
        ('"a"\t', True, f"{space} Also after the document."),
        ("true\r\n", True, f"{space} Also after the document."),
        ('{ \n"a"\t:\r1 , "b" : [ 1 , 2 ] ', True, space),
        ("[\n\n]", True, space),
        ("{ }", True, space),
        ("1\u00a0", False, only),
        ("\u00a0", False, only),
        ("[\f", False, only),
        ("\v1", False, only),
        ("[1,\u20032", False, only),
        ("{\u2028", False, only),
        ("[\x1c", False, only),
        ('"a\n', False, control),
        ('"a\tb', False, control),
        ('"\x00', False, control),
        ('{"a\x1f', False, control),
        ('["\r', False, control),
        ('"a\\n', True, f"{control} This one is escaped."),
        ('"a\x7f', True, ascii_only),
        ('"\u00fc\u6f22', True, ascii_only),
        ('"\U0001f372"', True, ascii_only),
        ('{"\u00e9": "\u00df', True, ascii_only),
        ('"\u2028\u00a0 ', True, ascii_only),
        ("\u00fc", False, "A character beyond ASCII may stand only in a string."),
        ("\u0661", False, digit),
        ("1\u0662", False, digit),
        ("[\uff11", False, digit),
        ("1.\u0663", False, digit),
        ("1e\u0661", False, digit),
        ("1\u00b2", False, digit),
        ('"\\u\u0661', False, digit),
        ('"\\u12\uff11', False, digit),
        ('"\\u+12', False, digit),
        ('"\\u1_2', False, digit),
        ("1_0", False, digit),
        ("NaN", False, constant),
        ("[Na", False, constant),
        ("Infinity", False, constant),
        ("[I", False, constant),
        ("-I", False, constant),
        ('{"a": -Infinity', False, constant),
        ("/", False, comment),
        ("[1, /", False, comment),
        ("{ //", False, comment),
        ("[1, 2] #", False, comment),
        ("[" * 60, True, deep),
        ('{"a":[' * 30 + "]}" * 29, True, deep),
        ("[" * 60 + "]" * 60, True, deep),
        ("[" * 60 + "]" * 61, False, f"{deep} One closing bracket is too many."),
        ("[" * 59 + "}", False, f"{deep} The wrong bracket closes."),
    ):
        check(
            lambda: is_json_prefix(text),
            want,
            f"is_json_prefix({text!r})",
            otherwise=hint,
            if_raises=f"{hint} Return True or False.",
        )


graded_test()
### END HIDDEN TESTS

# %% [markdown]
# ### The same masks as llguidance, token by token
#
# `llguidance` is the library under `guidance`, written in Rust. We follow valid records of five schemas and compare all
# 49,152 entries of the mask at every step. Then the time of a mask: when a state is met for the first time, when it is
# met again, and beside both the model's own step.

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
        {"type": "array", "items": {"type": "string", "minLength": 1, "maxLength": 8}, "minItems": 1, "maxItems": 4},
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
            comparisons[name, text] = compare_masks(grammar, spellings, smollm2.encode(text), reference, theirs)
steps = sum(one.steps for one in comparisons.values())
differing = sum(one.differing for one in comparisons.values())
print(f"{len(comparisons)} texts, {steps} masks of {spellings.vocab_size} tokens compared: {differing} differ")
print("schemas with a difference:", sorted({name for (name, _), one in comparisons.items() if one.differing}) or "none")

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
    print(f"{name:18} median {np.median(values):8.4f} ms, mean {values.mean():8.4f} ms, longest {values.max():8.3f} ms")
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
    interval="none" if cold is None else f"new state [{cold.low:.1%}, {cold.high:.1%}] of a step, {cold.n} masks",
)

# %% [markdown]
# The claim is about the naive way: at every step, try all 49,152 tokens. An automaton's state stands for all texts that
# lead to it, so a mask is computed once per *state* and then only looked up. What remains is a first-time cost, which a
# server pays once per schema and not once per request.
#
# ### What if? Type a schema and watch
#
# Type a JSON schema, then write a record character by character. The view shows which tokens may follow. Try half a
# word, a closing quote, a number at its upper bound, a property that is not required.

# %% tags=["experiment", "row-94"]
from IPython.display import display

from utils.notebook.widgets import mask_explorer

display(mask_explorer.mask_explorer(spellings, json.dumps(RECORD_SCHEMAS["notice"])))
steps_shown = mask_explorer.follow_text(json.dumps(RECORD_SCHEMAS["notice"]), spellings, '{"animal":"go')
print(mask_explorer.steps_text(steps_shown))
show(
    mask_explorer.steps_figure(
        mask_explorer.follow_text(
            json.dumps(RECORD_SCHEMAS["notice"]), spellings, json.dumps(example.record, separators=(",", ":"))
        )
    ),
    "How many of the tokens are allowed after each character of a record: one or a few where the schema dictates the "
    "text, hundreds inside a choice, tens of thousands inside a free string.",
)

# %% [markdown]
# *To think about: an object's properties may stand in any order in JSON. This grammar fixes the order of the schema. What
# would it cost to allow all orders of ten properties, and what might it do to the model's answer?*
#
# ## 6 Valid is not correct
#
# **What the chapter claims.** A JSON mode guarantees valid JSON, not the right content. And if generation stops at the
# most tokens allowed, the JSON is cut and does not parse; too high a limit makes answers slow and expensive.
#
# ### Five approaches, two models, one table
#
# Everything so far on the same notes, and the finetuned models of the next section beside it. SmolLM2's prompt has one
# worked example, unless it says three; the world's model gets the note alone. Latency is at batch 1, from
# the times above: reading the prompt's own part once per record, then every token of every attempt, and the mask on top
# where there is one.

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
    "finetuned + mask": single("both", tuned.write(tasks, constrained=True, max_new_tokens=longest)),
}
of_world = {
    "prompting": untrained,
    "+ repair": repaired("repair", untrained),
    "+ retry": retried("retry", base_writer.write(world_tasks, choose=Temperature(1.0).seeded(0), samples=4)),
    "+ mask": single("mask", base_writer.write(world_tasks, constrained=True)),
    "finetuned": single("finetuned", tuned_world.write(world_tasks)),
    "finetuned + mask": single("both", tuned_world.write(world_tasks, constrained=True)),
}
started, started_tokens = time.perf_counter(), tuned_world.write(world_tasks[:1])[0][0].tokens
world_costs = Costs(0.0, (time.perf_counter() - started) / max(started_tokens, 1), mask_seconds)
for title, approaches, priced in (("SmolLM2", real, costs), ("world model", of_world, world_costs)):
    print(f"\n{title:18} {'valid':>20} {'correct':>20} {'right fields':>20} {'tokens':>7} {'seconds':>16}")
    for name, approach in approaches.items():
        cells = [share(values) for values in (approach.valid, approach.correct, approach.accuracy)]
        taken = share(seconds(approach, priced, "mask" in name))
        print(
            f"{name:18} "
            + " ".join(f"{cell.mean:6.2f} [{cell.low:.2f}, {cell.high:.2f}]" for cell in cells)
            + f" {np.mean(approach.tokens):7.1f} {taken.mean:6.3f} [{taken.low:.3f}, {taken.high:.3f}]"
        )

figure, all_axes = plt.subplots(1, 2, figsize=(10, 3.6), sharey=True, constrained_layout=True)
for axes, (title, approaches) in zip(all_axes, (("SmolLM2", real), ("world model", of_world)), strict=True):
    for place, (label, measure) in enumerate(
        (("valid", "valid"), ("correct", "correct"), ("right fields", "accuracy"))
    ):
        shares = [share(getattr(approach, measure)) for approach in approaches.values()]
        middles = np.arange(len(shares)) + 0.26 * (place - 1)
        axes.bar(middles, [one.mean for one in shares], 0.26, color=COLOURS[place], label=label)
        gaps = [[one.mean - one.low for one in shares], [one.high - one.mean for one in shares]]
        axes.errorbar(middles, [one.mean for one in shares], gaps, fmt="none", color="black", linewidth=0.8)
    axes.set_xticks(range(len(approaches)), list(approaches), rotation=35, ha="right")
    axes.set(title=title, xlabel="approach", ylabel="share of records")
figure.legend(*all_axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=3, fontsize=8)
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
    outcome="holds" if only_valid.low > 0 else "undecided" if only_valid.high > 0 else "does not hold",
    interval=f"valid and wrong [{only_valid.low:.0%}, {only_valid.high:.0%}], {n_tasks} notes",
)

# %% [markdown]
# Read the table downwards, and the columns apart. Repair and retry are nudges: a repair helps a model that is nearly there
# and does nothing for one that is not. A retry has to draw at a temperature above 0, and here that costs more validity at
# each attempt than three attempts bring back. Two more examples do as much for validity as a mask, and more for the
# content. A mask makes every record valid that comes to its end; a model that has no idea what to
# write may fill a string until the limit cuts it, and then the record is not even JSON. Content is another matter: that is
# what examples and training move. The finetuned models get a short prompt, without schema and examples. SmolLM2's small
# adapter has learned the fields better than their end: it starts a record well and then may go on with fields of its own,
# which a mask forbids. The two together give the most right fields.
#
# ### Cut off
#
# JSON mode is a mask for *any* JSON. SmolLM2 writes under it, with the schema and one example in the prompt. And for
# every limit on new tokens: how many records are whole?

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
    float(np.mean([parsed(smollm2.decode(row.ids[:limit])) is not None for row in mode_rows])) for limit in limits
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
# One would like to draw from the model's distribution *given that the output is valid*. A mask does not do that. It
# renormalises at every step, without knowing where a step leads: an option with a likely first token gets all of that
# token's weight, however unlikely its rest. For a set of options both distributions can be computed exactly. Their
# distance is the total variation: the most by which the probability of any event is off.
#
# SmolLM2 chooses among the 24 animals, each in its usual tokens; a model of the world among 20 people for a question
# about somebody's teacher, half of whom share a given name. The control has options of one token each: then there is
# one step, and nothing to distort.

# %% tags=["experiment", "row-95"]
from utils.evaluation.token_trees import option_distribution
from utils.decoding.cached import CachedDecoder
from utils.world import draw_questions

animal_ids = [[*smollm2.encode(animal), smollm2.eos_ids[0]] for animal in common.ANIMALS]
measures = {"SmolLM2, 24 animals": [], "world, 20 people": [], "control, single tokens": []}
for task in notices[: budget.pick(smoke=2, cpu=6, gpu=100)]:
    prompt = smollm2.encode_chat([{"role": "user", "content": f"{questions['choice'][0]}\n{task.text}"}])
    measures["SmolLM2, 24 animals"].append(option_distribution(decoder, prompt, animal_ids))
world_decoder = CachedDecoder(load_base_model("world-medium"))
vocabulary = world.vocabulary
asked = draw_questions(world, budget.pick(smoke=5, cpu=25), seed=3, splits=("known",), relations=("teacher",))
rng = np.random.default_rng(0)
for question in asked:
    names = [world.people[int(i)].name for i in rng.choice(len(world.people), 10, replace=False)]
    given = {name.split()[0] for name in names}
    names += [person.name for person in world.people if person.name.split()[0] in given and person.name not in names][
        :10
    ]
    opening = vocabulary.encode(question.question) + vocabulary.encode(" ".join(question.answer.split()[:-2]))
    dot = vocabulary.encode(".")
    options = [vocabulary.encode(name) + dot for name in names]
    measures["world, 20 people"].append(option_distribution(world_decoder, opening[-100:], options))
    towns = [vocabulary.encode(town) for town in world.towns[:20]]
    measures["control, single tokens"].append(option_distribution(world_decoder, opening[-100:], towns))
distances = {name: share([one.distortion for one in found]) for name, found in measures.items()}
modes = {
    name: float(np.mean([one.greedy != int(one.exact.argmax()) for one in found])) for name, found in measures.items()
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
right_axes.boxplot([[one.distortion for one in found] for found in measures.values()], whis=(0, 100))
right_axes.set_xticks(range(1, 4), [name.replace(", ", "\n") for name in measures], fontsize=8)
right_axes.set(xlabel="model and options", ylabel="total variation (0 to 1)")
show(
    figure,
    "Left: the prompt of SmolLM2 with the largest distortion, exact probabilities of the likeliest options beside those "
    "under the mask. Right: total variation over prompts; single-token options have none.",
)
real_distance, control_distance = distances["SmolLM2, 24 animals"], distances["control, single tokens"]
verdicts.add(
    row=95,
    claim="masking samples from the values that meet the constraints (as if given that they do)",
    measured=f"total variation to the exact conditional distribution: SmolLM2 {real_distance.mean:.2f}, world "
    f"{distances['world, 20 people'].mean:.2f}, single tokens {control_distance.mean:.0e}",
    outcome="does not hold" if real_distance.low > 0.05 else "holds in part" if real_distance.low > 0.005 else "holds",
    interval=f"[{real_distance.low:.2f}, {real_distance.high:.2f}], {real_distance.n} prompts",
)

# %% [markdown]
# *To think about: drawing freely and throwing away what is invalid gives the exact distribution. What does it cost when
# the options have a weight of 1%?*
#
# ## 7 Train the format
#
# **What the chapter claims.** Finetuning on examples of the format is the most effective and general way; where it does
# not guarantee the format, it is far more reliable than prompting. Some say that the effort for masks is better spent on
# making models follow instructions.
#
# First a curve that shows two things being learned at two speeds. A base model of the world, which has never seen a
# record, is finetuned in five runs; after 0, 10, 30 and more steps we measure validity without a mask, and right fields
# without and with one. The model that ships with the course is the end of the same road: 3,000 steps.

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
# Form is cheap and content is not. After a hundred steps the world model writes valid records and fills them with
# whatever is popular: the schema is in its weights, copying from the note is not. Validity alone would have told you that
# the training is done.
#
# SmolLM2's adapter is a low-rank addition to its last 8 blocks (LoRA, Hu et al., 2021), trained on 120 notes in a few
# minutes of CPU time. `scripts/make_record_adapter.py` remakes it. Its prompt is the note and one sentence: no schema, no
# examples.
#
# *To think about: the schema gets a new field next week. What has to be done under each of the approaches?*
#
# ## 8 A head for classes
#
# **What the chapter claims.** For classification you can guarantee the form by changing the architecture before
# finetuning: put a classifier head on the model, whose outputs are the classes (Figure 2-22). You can train the whole
# model, or the head only: less work, less good.

# %% [markdown]
# ### Exercise: `ClassifierHead`
#
# *Difficulty 2 of 5, 15 minutes.* If the output is one of a few classes, the text is a detour. Replace the layer that gives logits over
# the vocabulary by one that gives logits over the classes. In a causal transformer only the last token has seen the whole text, so its
# hidden state is the one to read.
#
# But a batch is padded. `mask` is 1 for a real token and 0 for padding, as tokenizers give it, with integers. Some rows are padded on the
# right, some on the left, also within one batch: find the last real token of each row. Return logits, without a softmax.

# %% nbgrader={"grade": false, "grade_id": "ClassifierHead", "locked": false, "schema_version": 3, "solution": true, "task": false}
import torch
from torch import Tensor, nn


class ClassifierHead(nn.Module):
    """Class logits from the hidden state of each row's last real token.

    Args:
        d_model: dimension D of the hidden states.
        n_classes: number of classes C.
    """

    def __init__(self, d_model: int, n_classes: int) -> None:
        super().__init__()
        ### BEGIN SOLUTION
        self.linear = nn.Linear(d_model, n_classes)
        ### END SOLUTION

    def forward(self, hidden: Tensor, mask: Tensor) -> Tensor:
        """Return logits (B, C) for hidden states (B, T, D) and a mask (B, T), 1 for real tokens and 0 for padding."""
        ### BEGIN SOLUTION
        positions = torch.arange(hidden.shape[1], device=hidden.device)
        last = (positions * mask).argmax(dim=1)
        rows = torch.arange(len(hidden), device=hidden.device)
        return self.linear(hidden[rows, last])
        ### END SOLUTION

# %% tags=["visible-test"] nbgrader={"grade": false, "grade_id": "ClassifierHead-visible", "locked": true, "schema_version": 3, "solution": false, "task": false}
def visible_test():
    import torch

    from utils.notebook.checks import check

    def logits_of(head, hidden, mask):
        """Call the head with a mask of integers, or of booleans where it needs those."""
        try:
            return head(hidden, mask)
        except (RuntimeError, TypeError, IndexError):
            return head(hidden, mask.bool())

    check(
        lambda: tuple(logits_of(ClassifierHead(6, 3), torch.randn(2, 5, 6), torch.ones(2, 5, dtype=torch.long)).shape),
        (2, 3),
        "the shape of the logits for hidden states (2, 5, 6) and three classes",
    )

    def same_text_padded_twice():
        """Return the difference between the logits of a text that is padded on the right and on the left."""
        head = ClassifierHead(6, 3)
        head.eval()
        text, padding = torch.randn(1, 3, 6), torch.randn(1, 2, 6)
        right = logits_of(head, torch.cat([text, padding], dim=1), torch.tensor([[1, 1, 1, 0, 0]]))
        left = logits_of(head, torch.cat([padding, text], dim=1), torch.tensor([[0, 0, 1, 1, 1]]))
        return (right - left).abs().max().item()

    check(
        same_text_padded_twice, 0.0, "one text, padded on the right and on the left: the largest difference", atol=1e-5
    )


visible_test()

# %% nbgrader={"grade": true, "grade_id": "ClassifierHead-1", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: the last real token, with padding on the right.
### BEGIN HIDDEN TESTS
def graded_test():
    import torch

    from utils.notebook.checks import case_rng, check

    for case, (B, T, D, C) in enumerate([(4, 7, 8, 3), (3, 6, 5, 2), (2, 4, 6, 6)]):
        rng = case_rng("ClassifierHead", case)
        generator = torch.Generator().manual_seed(rng.getrandbits(40))
        hidden = torch.randn(B, T, D, generator=generator)
        lengths = [rng.randint(2, T - 1) for _ in range(B)]
        if case == 0:
            lengths[0], lengths[1] = 3, T - 1
        mask = torch.tensor([[int(position < length) for position in range(T)] for length in lengths])
        rows, last = torch.arange(B), torch.tensor(lengths) - 1
        real = mask[..., None].float()
        kept = {}

        def logits_of(head, hidden, mask):
            """Call the head with a mask of integers, or of booleans where it needs those."""
            try:
                return head(hidden.clone(), mask.clone())
            except (RuntimeError, TypeError, IndexError):
                return head(hidden.clone(), mask.bool())

        def made():
            """Make a head and give it random parameters, whatever it has begun with."""
            head = ClassifierHead(D, C)
            head.eval()
            logits_of(head, torch.zeros(1, 1, D), torch.ones(1, 1, dtype=torch.long))
            with torch.no_grad():
                for parameter in head.parameters():
                    parameter.copy_(torch.randn(parameter.shape, generator=generator))
            kept["head"] = head
            return head

        def beside_single(head):
            """Return the logits, and those of the last real tokens alone, as texts of one token."""
            found = logits_of(head, hidden, mask)
            alone = logits_of(head, hidden[rows, last][:, None], torch.ones(B, 1, dtype=torch.long))
            kept["alone"] = alone
            return found

        def pooled(vectors):
            """Return whether a value is what the head makes of these vectors (B, D)."""

            def is_it(got):
                other = logits_of(kept["head"], vectors[:, None], torch.ones(len(vectors), 1, dtype=torch.long))
                return got.shape == other.shape and torch.allclose(got, other, rtol=1e-4, atol=1e-4)

            return is_it

        check(
            lambda: tuple(logits_of(made(), hidden, mask).shape),
            (B, C),
            f"the shape of the logits for hidden states {(B, T, D)} and {C} classes",
            mistakes={
                "There is one row of logits per text, from its last real token, not one per position.": (B, T, C),
                "A logit per class is due, not the class itself: leave out the argmax.": (B,),
                "There must be n_classes logits.": (B, D),
            },
            otherwise="The shape is (B, C), with n_classes logits for each text.",
            if_raises="hidden has the shape (B, T, D), mask the shape (B, T) with integers; the result has the shape (B, C).",
        )
        check(
            lambda: len(list(kept["head"].parameters())) > 0,
            True,
            "whether the head has parameters",
            otherwise="A head that is trained needs parameters: use nn.Linear, or nn.Parameter.",
        )

        def difference():
            found = beside_single(kept["head"])
            kept["found"] = found
            return (found - kept["alone"]).abs().max().item()

        def was(vectors):
            return lambda got: pooled(vectors)(kept["found"])

        first_padding = torch.stack([hidden[row, length] for row, length in enumerate(lengths)])
        check(
            difference,
            0.0,
            f"padding on the right, real tokens {lengths} of {T}: difference from the logits of the last real token alone",
            atol=1e-4,
            mistakes={
                "You read the last position, which is padding. Read the last real token.": was(hidden[:, -1]),
                "You read the last position after padding became 0. Read the last real token.": was(
                    (hidden * real)[:, -1]
                ),
                "You read one too far, the first padding: the last real token is at the number of real tokens minus 1.": was(
                    first_padding
                ),
                "You read the token before the last real one: off by one (one too early).": was(
                    hidden[rows, (last - 1).clamp(min=0)]
                ),
                "You read the first token. It has seen nothing but itself; read the last real one.": was(hidden[:, 0]),
                "You took the mean over the real tokens. Read the last real one alone.": was(
                    (hidden * real).sum(1) / real.sum(1)
                ),
                "You took the mean over all positions, padding too. Read the last real token alone.": was(
                    hidden.mean(1)
                ),
                "You took the sum of the real tokens. Read the last real one alone.": was((hidden * real).sum(1)),
                "You took the largest (max) over time. Read the last real token alone.": was(
                    hidden.masked_fill(mask[..., None] == 0, -torch.inf).amax(1)
                ),
                "One position was read for the whole batch. Each row has a last real token of its own.": (
                    lambda got: any(pooled(hidden[:, position])(kept["found"]) for position in range(T))
                ),
                "The mask is inverted: 1 is a real token, 0 is padding.": was(
                    torch.stack([hidden[row, int((1 - mask[row]).nonzero()[-1, 0])] for row in range(B)])
                ),
                "The position was counted from the end and not turned back (flip).": was(
                    hidden[rows, torch.tensor([T - length for length in lengths])]
                ),
            },
            otherwise="The logits of a row must come from its last real token and from nothing else.",
        )


graded_test()
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "ClassifierHead-2", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: padding on the left, and on both kinds of side within one batch.
### BEGIN HIDDEN TESTS
def graded_test():
    import torch

    from utils.notebook.checks import case_rng, check

    for case, sides in enumerate(("LLL", "LRL", "RLR", "RLN", "LNL", "RNL")):
        rng = case_rng("ClassifierHead", f"sides {case}")
        generator = torch.Generator().manual_seed(rng.getrandbits(40))
        B, T, D, C = len(sides), 6, 7, 4
        hidden = torch.randn(B, T, D, generator=generator)
        lengths = rng.sample(range(2, T), B)
        mask, last = torch.zeros(B, T, dtype=torch.long), []
        for row, (side, length) in enumerate(zip(sides, lengths)):
            begin, stop = {"L": (T - length, T), "R": (0, length), "N": (0, T)}[side]
            mask[row, begin:stop] = 1
            last.append(stop - 1)
        rows, counts = torch.arange(B), mask.sum(1)
        kept = {}

        def logits_of(head, hidden, mask):
            """Call the head with a mask of integers, or of booleans where it needs those."""
            try:
                return head(hidden.clone(), mask.clone())
            except (RuntimeError, TypeError, IndexError):
                return head(hidden.clone(), mask.bool())

        def difference():
            head = ClassifierHead(D, C)
            head.eval()
            logits_of(head, torch.zeros(1, 1, D), torch.ones(1, 1, dtype=torch.long))
            with torch.no_grad():
                for parameter in head.parameters():
                    parameter.copy_(torch.randn(parameter.shape, generator=generator))
            kept["head"] = head
            kept["found"] = logits_of(head, hidden, mask)
            alone = logits_of(head, hidden[rows, last][:, None], torch.ones(B, 1, dtype=torch.long))
            return (kept["found"] - alone).abs().max().item()

        def was(vectors):
            def is_it(got):
                other = logits_of(kept["head"], vectors[:, None], torch.ones(B, 1, dtype=torch.long))
                return kept["found"].shape == other.shape and torch.allclose(kept["found"], other, rtol=1e-4, atol=1e-4)

            return is_it

        check(
            difference,
            0.0,
            f"rows padded on the sides {', '.join({'L': 'left', 'R': 'right', 'N': 'none'}[side] for side in sides)}: difference from the logits of "
            "the last real token alone",
            atol=1e-4,
            mistakes={
                "You read position (number of real tokens - 1), which is wrong for padding on the left.": was(
                    hidden[rows, counts - 1]
                ),
                "You read the last position, which is padding in rows that are padded on the right.": was(
                    hidden[:, -1]
                ),
                "You read the first real token. Read the last one.": was(hidden[rows, mask.argmax(1)]),
                "You read the position (number of real tokens), one too far, and it is wrong for padding on the left.": was(
                    hidden[rows, counts.clamp(max=T - 1)]
                ),
            },
            otherwise="Each row has a last real token of its own, and padding on its own side, left or right: do not take the side from "
            "another row or from the whole batch. Only the mask tells.",
        )


graded_test()
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "ClassifierHead-3", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: logits and no probabilities; a head that can be trained.
### BEGIN HIDDEN TESTS
def graded_test():
    import torch

    from utils.notebook.checks import check

    generator = torch.Generator().manual_seed(8)
    hidden = 4 * torch.randn(40, 3, 6, generator=generator)
    mask = torch.tensor([[1, 1, 0], [0, 1, 1]]).repeat(20, 1)

    def logits_of(head, hidden, mask):
        """Call the head with a mask of integers, or of booleans where it needs those."""
        try:
            return head(hidden.clone(), mask.clone())
        except (RuntimeError, TypeError, IndexError):
            return head(hidden.clone(), mask.bool())

    def kind():
        """Say in a word what the head returns."""
        head = ClassifierHead(6, 3)
        head.eval()
        logits_of(head, hidden, mask)
        with torch.no_grad():
            for parameter in head.parameters():
                parameter.copy_(2 * torch.randn(parameter.shape, generator=generator))
        found = logits_of(head, hidden, mask).detach()
        if bool(((found >= 0) & (found <= 1)).all()):
            return "probabilities" if torch.allclose(found.sum(-1), torch.ones(40), atol=1e-4) else "between 0 and 1"
        if torch.allclose(found.exp().sum(-1), torch.ones(40), atol=1e-4):
            return "log-probabilities"
        return "logits"

    check(
        kind,
        "logits",
        "what the head returns for 40 texts",
        mistakes={
            "These are probabilities: leave out the softmax, and return logits.": "probabilities",
            "These are log-probabilities: leave out the (log-)softmax, and return logits.": "log-probabilities",
            "All values lie between 0 and 1: leave out the sigmoid, and return logits.": "between 0 and 1",
        },
    )

    def trainable():
        """Return whether a loss reaches the head's parameters."""
        head = ClassifierHead(6, 3)
        torch.nn.functional.cross_entropy(logits_of(head, hidden, mask), torch.arange(40) % 3).backward()
        return any(bool((parameter.grad != 0).any()) for parameter in head.parameters() if parameter.grad is not None)

    check(
        trainable,
        True,
        "whether a loss has a gradient in the head's parameters",
        otherwise="The head cannot be trained: its parameters must be nn.Parameters (or in an nn.Linear), and the logits computed from them.",
        if_raises="The head cannot be trained: its parameters must be nn.Parameters (or in an nn.Linear), and the logits computed from them.",
    )


graded_test()
### END HIDDEN TESTS

# %% [markdown]
# ### Head only, whole model, or just asking
#
# Six classes of notes: what it is about, and one detail (paid or not, in company or alone, with a reward or without). On
# the world's base model the head is trained alone, and with the whole model, five runs each on the same notes. SmolLM2 is
# asked in words, under a mask that allows the six names only, and gets a head on its frozen last hidden state. Guessing
# is right in one of six.

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
    ClassifierJob(seed, whole, n_notes, whole_steps if whole else head_steps, n_test=budget.pick(smoke=30, cpu=300))
    for whole in (False, True)
    for seed in range(budget.pick(smoke=2, cpu=5))
]
class_runs = run_sweep(train_classifier, class_jobs, workers=budget.workers)
close_local_workers()
heads, wholes = ([run for run in class_runs if run.job.whole is whole] for whole in (False, True))
head_accuracy, whole_accuracy = (mean_interval([run.accuracy for run in found]) for found in (heads, wholes))
for name, found, accuracy in (("head only", heads, head_accuracy), ("whole model", wholes, whole_accuracy)):
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
asked_right = [float(NOTE_CLASSES[note_class(task)] == text) for task, text in zip(ask_tasks, said, strict=True)]
asked_accuracy, real_accuracy = share(asked_right), share(head_right)
print(f"SmolLM2, asked under a mask: {asked_accuracy}, {asking_seconds / n_ask:.2f} s a note")
print(f"SmolLM2, head on {n_fit} notes: {real_accuracy}, {head_seconds:.1f} s to read all notes and to train")

figure, axes = plt.subplots(constrained_layout=True)
bars = {
    "world\nhead only": head_accuracy,
    "world\nwhole model": whole_accuracy,
    "SmolLM2\nasked": asked_accuracy,
    "SmolLM2\nhead only": real_accuracy,
}
axes.bar(range(4), [one.mean for one in bars.values()], color=[COLOURS[0], COLOURS[0], COLOURS[1], COLOURS[1]])
axes.errorbar(
    range(4),
    [one.mean for one in bars.values()],
    [[one.mean - max(one.low, 0) for one in bars.values()], [one.high - one.mean for one in bars.values()]],
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
    outcome="holds" if difference.low > 0 else "undecided" if difference.high > 0 else "does not hold",
    interval=f"whole - head [{difference.low:+.2f}, {difference.high:+.2f}], {len(heads)} runs",
)

# %% [markdown]
# Times of the head leave out the reading of the notes, which happens once: its training touches only D x C numbers. That
# is the whole attraction, and the limit: a head can only read what the frozen state already holds at the last token.
#
# *To think about: a head always names a class. What should it do with a note that belongs to none?*
#
# ## 9 Queries that run
#
# **What the chapter claims.** Semantic parsing turns language into something a machine runs: text-to-SQL, text-to-regex.
# The output must be valid, and people use it to talk to a database in plain words.
#
# Validity here can be tried out: run it. That needs care. A model's SQL is somebody else's code: it may write, or never
# end. The course runs it read-only, with a bound on instructions:

# %%
from utils.evaluation.safe_sql import SqlError, run_query
from utils.evaluation.sql_tasks import world_database

database = world_database(world)
endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
for sql in ("SELECT name, trade FROM people LIMIT 2", "DELETE FROM people", "SELECT 1; DROP TABLE people", endless):
    try:
        print(run_query(database, sql))
    except SqlError as error:
        print(f"{type(error).__name__}: {error}")

# %% [markdown]
# ### Exercise: `execution_match`
#
# *Difficulty 4 of 5, 30 minutes.* Two SQL queries that look different may mean the same. So text-to-SQL is judged by execution: run both
# queries on a database, and compare the rows.
#
# - Rows are a multiset: their order does not matter, but how often each occurs does. Column names do not matter, the order of the columns does.
# - Only when the *gold* query has an `ORDER BY` at its top level does the order matter. One in a subquery, a window or a text in quotes does not
#   count. Upper and lower case, blanks and line breaks are the same to SQL.
# - SQL that fails is no match, also when both fail. No error leaves the function.
# - SQL that writes is no match, and the database stays as it was: `DROP TABLE` in a prediction must not drop anything. A query
#   that only reads may hold any words in its texts and names.
#
# Hints: the connection can be told what it may do, and SQLite knows better than any list of words what a statement is going to do: look at
# `Connection.set_authorizer` or at `PRAGMA query_only`, and undo either afterwards. A rollback does not undo everything. To find a top-level `ORDER BY`, remove what stands in
# quotes, then what stands in brackets.

# %% nbgrader={"grade": false, "grade_id": "execution_match", "locked": false, "schema_version": 3, "solution": true, "task": false}
import re
import sqlite3
from collections import Counter


def execution_match(predicted_sql: str, gold_sql: str, connection: sqlite3.Connection) -> bool:
    """Return whether two queries give the same rows, in order only when the gold query orders them.

    Args:
        predicted_sql: the query to judge; it may be wrong, or do harm.
        gold_sql: the query that is right.
        connection: the database, which stays as it was.
    """
    ### BEGIN SOLUTION
    reading = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}

    def allow_reading(action: int, *_: str | None) -> int:
        return sqlite3.SQLITE_OK if action in reading else sqlite3.SQLITE_DENY

    connection.set_authorizer(allow_reading)
    try:
        predicted = connection.execute(predicted_sql).fetchall()
        gold = connection.execute(gold_sql).fetchall()
    except (sqlite3.Error, sqlite3.Warning):
        return False
    finally:
        connection.set_authorizer(None)

    top_level = re.sub(r"'[^']*'|\"[^\"]*\"|`[^`]*`|\[[^\]]*\]|--[^\n]*|/\*.*?\*/", " ", gold_sql, flags=re.DOTALL)
    while (shorter := re.sub(r"\([^()]*\)", " ", top_level)) != top_level:
        top_level = shorter
    if re.search(r"\border\s+by\b", top_level, re.IGNORECASE):
        return predicted == gold
    return Counter(predicted) == Counter(gold)
    ### END SOLUTION

# %% tags=["visible-test"] nbgrader={"grade": false, "grade_id": "execution_match-visible", "locked": true, "schema_version": 3, "solution": false, "task": false}
def visible_test():
    import sqlite3

    from utils.notebook.checks import check

    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE dishes (name TEXT, town TEXT, price INTEGER)")
    connection.executemany(
        "INSERT INTO dishes VALUES (?, ?, ?)", [("soup", "Arvel", 4), ("pie", "Brunn", 6), ("stew", "Arvel", 9)]
    )
    connection.commit()
    for predicted, gold, want, hint in (
        (
            "SELECT name FROM dishes WHERE price > 5",
            "SELECT name FROM dishes WHERE NOT price <= 5",
            True,
            "The rows are the same.",
        ),
        (
            "SELECT name FROM dishes ORDER BY name",
            "SELECT name FROM dishes",
            True,
            "The gold query has no ORDER BY: any order will do.",
        ),
        (
            "SELECT name FROM dishes",
            "SELECT name FROM dishes ORDER BY price DESC",
            False,
            "The gold query orders its rows.",
        ),
        ("SELECT DISTINCT town FROM dishes", "SELECT town FROM dishes", False, "How often a row occurs matters."),
        ("SELEC name FROM dishes", "SELECT name FROM dishes", False, "SQL that fails is no match."),
        ("DROP TABLE dishes", "SELECT name FROM dishes WHERE price > 50", False, "SQL that writes is no match."),
    ):
        check(
            lambda: execution_match(predicted, gold, connection),
            want,
            f"predicted {predicted!r}, gold {gold!r}",
            otherwise=hint,
            if_raises=f"{hint} (If the table is gone, run this cell again: an earlier call has dropped it.)",
        )
    check(
        lambda: connection.execute("SELECT count(*) FROM dishes").fetchall(),
        [(3,)],
        "the number of dishes after all this",
        otherwise="The database has changed.",
        if_raises="The table is gone: SQL that writes must not change the database.",
    )


visible_test()

# %% nbgrader={"grade": true, "grade_id": "execution_match-1", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: the rows as a multiset.
### BEGIN HIDDEN TESTS
def graded_test():
    import sqlite3

    from utils.notebook.checks import case_rng, check

    rng = case_rng("execution_match", 1)
    prices = rng.sample(range(3, 60), 5)
    rows = [
        ("soup", "Arvel", prices[0]), ("pie", "Brunn", prices[1]), ("stew", "Arvel", prices[2]), ("tart", "Corin", None),
        ("bread", "Brunn", prices[3]), ("soup", "Corin", prices[4]),
    ]  # fmt: skip

    def database():
        connection = sqlite3.connect(":memory:")
        connection.execute("CREATE TABLE dishes (id INTEGER PRIMARY KEY, name TEXT, town TEXT, price INTEGER)")
        connection.executemany("INSERT INTO dishes (name, town, price) VALUES (?, ?, ?)", rows)
        connection.commit()
        return connection

    middle = sorted(prices)[2]
    same = "Both queries give the same rows. Compare what they give when they are run, not their texts."
    order = "Without an ORDER BY in the gold query the order of the rows does not matter."
    often = "Rows are a multiset: how often each occurs (twice, or once) matters. A set forgets duplicates."
    other = "The values of the rows differ: all rows count, not only their number or the first row."
    more = "The prediction gives more rows, additional ones: each extra row counts."
    for predicted, gold, want, hint in (
        (
            f"SELECT name FROM dishes WHERE price > {middle}",
            f"SELECT name FROM dishes WHERE NOT price <= {middle}",
            True,
            same,
        ),
        (
            "SELECT name FROM dishes WHERE town = 'Arvel'",
            "SELECT d.name FROM dishes AS d WHERE d.town IN ('Arvel')",
            True,
            same,
        ),
        ("SELECT count(*) FROM dishes", "SELECT sum(1) FROM dishes", True, same),
        ("select name\nfrom dishes ;", "SELECT name FROM dishes", True, same),
        ("SELECT name FROM dishes", "SELECT town FROM dishes", False, other),
        (
            f"SELECT name FROM dishes WHERE price >= {middle}",
            f"SELECT name FROM dishes WHERE price <= {middle}",
            False,
            other,
        ),
        (
            "SELECT name, price FROM dishes WHERE id < 3",
            "SELECT name, price + 1 FROM dishes WHERE id < 3",
            False,
            other,
        ),
        (
            "SELECT id FROM dishes WHERE id IN (1, 2)",
            "SELECT id FROM dishes WHERE id IN (1, 3)",
            False,
            f"{other} Only the first row is the same.",
        ),
        ("SELECT name FROM dishes ORDER BY name DESC", "SELECT name FROM dishes", True, order),
        ("SELECT name FROM dishes ORDER BY id DESC", "SELECT name FROM dishes WHERE id > 0", True, order),
        ("SELECT town, id FROM dishes ORDER BY price", "SELECT town, id FROM dishes", True, order),
        ("SELECT DISTINCT town FROM dishes", "SELECT town FROM dishes", False, often),
        ("SELECT town FROM dishes", "SELECT DISTINCT town FROM dishes", False, f"{often} {more}"),
        (
            "SELECT town FROM dishes WHERE id IN (1, 2, 3)",
            "SELECT town FROM dishes WHERE id IN (1, 2, 5)",
            False,
            often,
        ),
        ("SELECT town FROM dishes ORDER BY id DESC", "SELECT town FROM dishes", True, f"{often} {order}"),
        ("SELECT id FROM dishes", "SELECT id FROM dishes WHERE id < 4", False, more),
        ("SELECT id FROM dishes WHERE id < 4", "SELECT id FROM dishes", False, "The prediction gives too few rows."),
        (
            "SELECT name AS dish FROM dishes",
            "SELECT name FROM dishes",
            True,
            "Only the rows are compared, not the names of the columns.",
        ),
        (
            "SELECT max(id) AS last, 1 AS one FROM dishes",
            "SELECT count(*), 1 FROM dishes",
            True,
            "Only the rows are compared, not the names of the columns.",
        ),
        (
            "SELECT town, name FROM dishes",
            "SELECT name, town FROM dishes",
            False,
            "The columns come in another order: other rows.",
        ),
        (
            "SELECT name FROM dishes WHERE id > 90",
            "SELECT name FROM dishes WHERE id > 80",
            True,
            "Two empty results have the same rows: no rows.",
        ),
        (
            "SELECT name FROM dishes WHERE id > 90",
            "SELECT name FROM dishes",
            False,
            "An empty result is not the same as some rows.",
        ),
        (
            "SELECT name FROM dishes",
            "SELECT name FROM dishes WHERE id > 90",
            False,
            f"An empty result is not the same as some rows. {more}",
        ),
        ("SELECT price FROM dishes", "SELECT price FROM dishes ORDER BY id", True, "The same rows in the same order."),
    ):
        check(
            lambda: execution_match(predicted, gold, database()),
            want,
            f"predicted {predicted!r}, gold {gold!r}",
            mistakes={"Return True or False (a bool).": lambda got: not isinstance(got, bool)},
            otherwise=hint,
            if_raises=hint,
        )


graded_test()
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "execution_match-2", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: when the order matters; SQL that fails.
### BEGIN HIDDEN TESTS
def graded_test():
    import sqlite3

    from utils.notebook.checks import check

    def database():
        connection = sqlite3.connect(":memory:")
        connection.execute("CREATE TABLE dishes (id INTEGER PRIMARY KEY, name TEXT, town TEXT, price INTEGER)")
        connection.executemany(
            "INSERT INTO dishes (name, town, price) VALUES (?, ?, ?)",
            [
                ("soup", "Arvel", 4),
                ("pie", "Brunn", 6),
                ("stew", "Arvel", 9),
                ("tart", "Corin", 2),
                ("bread", "Brunn", 7),
            ],
        )
        connection.commit()
        return connection

    ordered = "The gold query has a top-level ORDER BY: the order of the rows matters."
    gold_only = "Only the gold query decides whether the order matters, not the prediction (and not both)."
    subquery = "This ORDER BY stands in a subquery or in other brackets, not at the top level: the order of the rows does not matter."
    bracket = "This ORDER BY is at the top level, though brackets follow it or stand before it: the order of the rows matters."
    case = "SQL does not care for upper and lower case (capitals): this is an ORDER BY at the top level."
    blanks = "ORDER and BY may be parted by several blanks (spaces) or a line break: the order of the rows matters."
    compound = "An ORDER BY after UNION orders the whole result: it stands at the top level, the order matters."
    up, down = "SELECT name FROM dishes ORDER BY price", "SELECT name FROM dishes ORDER BY price DESC"
    for predicted, gold, want, hint in (
        (down, up, False, ordered),
        ("SELECT name FROM dishes", up, False, f"{ordered} {gold_only}"),
        (up, "SELECT name FROM dishes ORDER BY price ASC", True, ordered),
        ("SELECT name FROM dishes ORDER BY -price DESC", up, True, ordered),
        (up, "SELECT name FROM dishes", True, gold_only),
        (down, "SELECT name FROM dishes WHERE price > 0", True, gold_only),
        ("SELECT name FROM (SELECT * FROM dishes ORDER BY price)", down, False, f"{ordered} {gold_only}"),
        (
            "SELECT name FROM dishes",
            "SELECT name FROM (SELECT name, price FROM dishes ORDER BY price DESC)",
            True,
            subquery,
        ),
        (
            "SELECT name FROM dishes WHERE price > 5 ORDER BY name",
            "SELECT name FROM dishes WHERE id IN (SELECT id FROM dishes ORDER BY price DESC LIMIT 3)",
            True,
            subquery,
        ),
        (
            "SELECT name FROM dishes ORDER BY name DESC",
            "WITH cheap AS (SELECT name FROM dishes ORDER BY price) SELECT name FROM cheap",
            True,
            f"{subquery} This WITH only reads.",
        ),
        (
            "SELECT name, id - id + rank FROM (SELECT *, row_number() OVER (ORDER BY price) AS rank FROM dishes) ORDER BY name",
            "SELECT name, row_number() OVER (ORDER BY price) FROM dishes",
            True,
            f"{subquery} Here it belongs to a window.",
        ),
        (
            "SELECT name FROM dishes WHERE price > 3",
            "SELECT name FROM dishes WHERE price > (SELECT min(price) + 1 FROM dishes) ORDER BY price DESC",
            False,
            bracket,
        ),
        (
            "SELECT name FROM dishes",
            "SELECT name FROM dishes ORDER BY abs(price - (SELECT max(price) FROM dishes))",
            False,
            bracket,
        ),
        (
            "SELECT name FROM dishes ORDER BY price DESC",
            "SELECT name FROM (SELECT * FROM dishes ORDER BY id) ORDER BY (price + 1)",
            False,
            bracket,
        ),
        (
            "SELECT name FROM dishes WHERE price > 5 ORDER BY name",
            "SELECT name FROM dishes WHERE id IN (SELECT id FROM dishes WHERE price > (SELECT 1) ORDER BY abs(price) DESC LIMIT 3)",
            True,
            f"{subquery} Here brackets are nested: one layer of them is not all.",
        ),
        (
            "SELECT name FROM dishes",
            "SELECT name FROM dishes WHERE name <> ':(' ORDER BY price",
            False,
            f"{ordered} The bracket in this query stands in a text, within quotes, and opens nothing.",
        ),
        (
            "SELECT name FROM dishes ORDER BY name",
            "SELECT name FROM dishes WHERE id IN (SELECT id FROM dishes WHERE name <> ':)' ORDER BY price)",
            True,
            f"{subquery} The bracket in its text, within quotes, closes nothing.",
        ),
        ("SELECT name FROM dishes", "select name from dishes order by price", False, case),
        ("SELECT name FROM dishes", "Select name From dishes Order By price desc", False, case),
        ("SELECT name FROM dishes", "SELECT name FROM dishes ORDER\n  BY price", False, blanks),
        ("SELECT name FROM dishes", "SELECT name\nFROM dishes\nORDER  BY price;", False, blanks),
        ("SELECT name FROM dishes", "SELECT name FROM dishes WHERE 1\norder\tby price", False, blanks),
        (
            "SELECT name FROM dishes WHERE id IN (1, 2, 4)",
            "SELECT name FROM dishes WHERE id < 3 UNION SELECT name FROM dishes WHERE id = 4 ORDER BY name",
            False,
            compound,
        ),
    ):
        check(
            lambda: execution_match(predicted, gold, database()),
            want,
            f"predicted {predicted!r}, gold {gold!r}",
            mistakes={"Return True or False (a bool).": lambda got: not isinstance(got, bool)},
            otherwise=hint,
            if_raises=hint,
        )
    nothing = "SELECT name FROM dishes WHERE id > 99"
    for predicted, gold, what in (
        ("SELEC name FROM dishes", up, "the prediction fails: it is no SQL"),
        ("SELECT name FROM dish", up, "the prediction fails: there is no such table"),
        ("SELECT taste FROM dishes", nothing, "the prediction fails, and the gold query gives an empty result"),
        ("", up, "the prediction is empty"),
        ("I cannot write SQL.", nothing, "the prediction fails, and the gold query gives an empty result"),
        ("SELECT taste FROM dishes", "SELECT taste FROM dishes", "both fail, with the same text"),
        ("SELECT name FROM dish", "SELECT name FROM dishs", "both fail"),
        (up, "SELECT name FROM dishs", "the gold query fails"),
    ):
        check(
            lambda: execution_match(predicted, gold, database()),
            False,
            f"{what}: predicted {predicted!r}, gold {gold!r}",
            otherwise="SQL that fails is no match (False): a failure is no empty result, and it makes no match when both fail.",
            if_raises="SQL that fails is no match (False); no error leaves the function.",
        )


graded_test()
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "execution_match-3", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# Graded: SQL that writes is no match, and changes nothing.
### BEGIN HIDDEN TESTS
def graded_test():
    import sqlite3

    from utils.notebook.checks import check

    def database():
        connection = sqlite3.connect(":memory:")
        connection.execute("CREATE TABLE dishes (id INTEGER PRIMARY KEY, name TEXT, price INTEGER)")
        connection.execute("CREATE TABLE towns (name TEXT)")
        connection.executemany("INSERT INTO dishes (name, price) VALUES (?, ?)", [("soup", 4), ("pie", 6), ("stew", 9)])
        connection.execute("INSERT INTO towns VALUES ('Arvel')")
        connection.commit()
        return connection

    def contents(connection):
        """Return all that is in the database, however the answer has left the connection."""
        connection.set_authorizer(None)
        connection.row_factory, connection.text_factory = None, str
        tables = connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
        return (
            tables,
            [connection.execute(f"SELECT * FROM {name} ORDER BY rowid").fetchall() for name, _ in tables],
            connection.execute("PRAGMA user_version").fetchall(),
        )

    def verdict(predicted, gold):
        """Return the answer's verdict, or that the database was changed by it."""
        connection = database()
        before = contents(connection)
        matches = execution_match(predicted, gold, connection)
        return matches if contents(connection) == before else "the database was changed"

    names, nothing = "SELECT name FROM dishes", "SELECT name FROM dishes WHERE id > 99"
    for predicted, gold, what in (
        ("INSERT INTO dishes (name, price) VALUES ('tart', 2)", names, "INSERT writes"),
        ("UPDATE dishes SET price = price + 1", nothing, "UPDATE writes, and gives no rows, as the gold query does"),
        ("DELETE FROM dishes", nothing, "DELETE writes, and gives no rows, as the gold query does"),
        ("delete from dishes where id = 1", nothing, "DELETE writes, in lower case too"),
        ("  \n DELETE FROM dishes WHERE id = 1", nothing, "DELETE writes, after blanks too"),
        ("DROP TABLE towns", nothing, "DROP writes, and is not rolled back by a rollback"),
        ("DROP TABLE dishes", names, "DROP writes, and is not rolled back by a rollback"),
        ("CREATE TABLE prices (id INTEGER)", nothing, "CREATE writes"),
        ("CREATE TABLE copied AS SELECT * FROM dishes", nothing, "CREATE writes, although it has a SELECT in it"),
        ("ALTER TABLE towns RENAME TO places", nothing, "ALTER writes"),
        ("REPLACE INTO dishes VALUES (1, 'tart', 2)", nothing, "REPLACE writes"),
        ("INSERT INTO towns SELECT name FROM dishes", nothing, "INSERT writes, although it has a SELECT in it"),
        (
            "WITH old AS (SELECT id FROM dishes WHERE price > 5) DELETE FROM dishes WHERE id IN (SELECT id FROM old)",
            nothing,
            "a statement that begins with WITH can write (DELETE)",
        ),
        (
            "WITH fresh(name) AS (SELECT 'Corin') INSERT INTO towns SELECT name FROM fresh",
            names,
            "a statement that begins with WITH can write (INSERT)",
        ),
        (
            "DELETE FROM dishes RETURNING name",
            names,
            "DELETE writes, and RETURNING gives rows, the same as those of the gold query",
        ),
        ("UPDATE dishes SET price = 1 RETURNING name", names, "UPDATE writes, and RETURNING gives rows"),
        ("SELECT name FROM dishes; DROP TABLE towns", names, "a second statement that writes (DROP) follows"),
        ("SELECT name FROM dishes; DELETE FROM dishes", names, "a second statement that writes (DELETE) follows"),
        ("PRAGMA user_version = 7", names, "this PRAGMA writes"),
        (names, "DELETE FROM dishes", "the gold query writes"),
        ("DELETE FROM towns", "DELETE FROM towns", "both write, with the same text"),
    ):
        check(
            lambda: verdict(predicted, gold),
            False,
            f"{what}: predicted {predicted!r}, gold {gold!r}",
            mistakes={
                f"The database was changed: {what}. Only reading must be allowed; a list of first words does not suffice, and a "
                "rollback comes too late for some statements.": "the database was changed",
                f"SQL that writes is no match, whatever rows it gives: {what}.": True,
            },
            if_raises="SQL that writes is no match (False); no error leaves the function.",
        )


graded_test()
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "execution_match-4", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
# Graded: NULL, types, words in texts and names, the same connection again.
### BEGIN HIDDEN TESTS
def graded_test():
    import sqlite3

    from utils.notebook.checks import check

    def database():
        connection = sqlite3.connect(":memory:")
        connection.execute(
            "CREATE TABLE dishes (id INTEGER PRIMARY KEY, name TEXT, price INTEGER, code TEXT, updated INTEGER)"
        )
        connection.executemany(
            "INSERT INTO dishes (name, price, code, updated) VALUES (?, ?, ?, ?)",
            [("soup", 4, "4", 20), ("order by", None, "None", 30), ("drop", 6, "6", None), ("pie", None, "x", 10)],
        )
        connection.commit()
        return connection

    null = (
        "NULL is a value like others here (None): rows that hold it must be compared too, though it cannot be sorted."
    )
    kind = "The number 4 and the text '4' are different values (types), and so are NULL and the text 'None'."
    words = "This query only reads: words such as drop, update or replace in its texts, names and functions do not make it write."
    quoted = "ORDER BY stands here within quotes, in a text (string): it orders nothing."
    reading = "A reading query may begin with WITH."
    for predicted, gold, want, hint in (
        ("SELECT name, price FROM dishes ORDER BY name", "SELECT name, price FROM dishes", True, null),
        ("SELECT price FROM dishes ORDER BY id DESC", "SELECT price FROM dishes", True, null),
        ("SELECT price, updated FROM dishes ORDER BY id DESC", "SELECT price, updated FROM dishes", True, null),
        ("SELECT updated FROM dishes", "SELECT price FROM dishes", False, null),
        ("SELECT code FROM dishes WHERE price > 0", "SELECT price FROM dishes WHERE price > 0", False, kind),
        ("SELECT code FROM dishes WHERE id = 2", "SELECT price FROM dishes WHERE id = 2", False, kind),
        ("SELECT id FROM dishes WHERE name = 'drop'", "SELECT id FROM dishes WHERE id = 3", True, words),
        ("SELECT updated FROM dishes", "SELECT d.updated FROM dishes AS d", True, words),
        (
            "SELECT replace(name, 'o', 'a') FROM dishes",
            "SELECT replace(d.name, 'o', 'a') FROM dishes AS d",
            True,
            words,
        ),
        ("SELECT 'delete; insert' FROM dishes WHERE id = 1", "SELECT 'delete; insert'", True, words),
        (
            "WITH dear AS (SELECT id FROM dishes WHERE price > 4) SELECT name FROM dishes WHERE id IN (SELECT id FROM dear)",
            "SELECT name FROM dishes WHERE price > 4",
            True,
            reading,
        ),
        (
            "SELECT id FROM dishes ORDER BY id DESC",
            "SELECT id FROM dishes WHERE name <> ' order by '",
            True,
            quoted,
        ),
    ):
        check(
            lambda: execution_match(predicted, gold, database()),
            want,
            f"predicted {predicted!r}, gold {gold!r}",
            otherwise=hint,
            if_raises=hint,
        )
    connection = database()
    for predicted, want in (
        ("SELECT name FROM dishes WHERE id < 3", True),
        ("DROP TABLE dishes", False),
        ("SELECT nothing", False),
        ("SELECT name FROM dishes WHERE id IN (2, 1)", True),
    ):
        check(
            lambda: execution_match(predicted, "SELECT name FROM dishes WHERE id <= 2", connection),
            want,
            f"one connection for several predictions; now {predicted!r}",
            otherwise="The same connection is used for many predictions: leave it, and the database, as they were.",
            if_raises="The same connection is used for many predictions: leave it open, and the database as it was.",
        )

    def written_afterwards(predicted):
        """Return how many rows there are after the owner of the connection has written to it, which must be allowed again."""
        owned = database()
        execution_match(predicted, "SELECT name FROM dishes", owned)
        try:
            owned.execute("INSERT INTO dishes (name) VALUES ('tart')")
            return owned.execute("SELECT count(*) FROM dishes").fetchone()[0]
        except sqlite3.Error:
            return "not allowed"

    for predicted in ("SELECT name FROM dishes", "DROP TABLE dishes", "SELECT nothing"):
        check(
            lambda: written_afterwards(predicted),
            5,
            f"rows after an INSERT by the owner of the connection, who asked before about {predicted!r}",
            otherwise="What you forbid the connection (set_authorizer, query_only) has to be undone afterwards, whatever came of the queries.",
            if_raises="What you forbid the connection has to be undone afterwards; SQL that fails is no match.",
        )


graded_test()
### END HIDDEN TESTS

# %% [markdown]
# ### Text against execution, with a mask and without
#
# A small model of the world was finetuned on both tasks; `scripts/make_query_model.py` remakes it. No test question
# occurred in its training; since there are only so many towns and rivers, most new questions are those with two values, a
# town and a year say. Most questions have two right queries, and which one counts as gold is a coin toss, as in
# data sets that several people wrote. Regular expressions are judged on strings: some that must match, and near misses
# that must not. The masks are regular expressions of all queries over the two tables, and of all expressions made
# of these pieces.
#
# Two controls. The same answers given to the next question: what a match by accident is worth. And questions about
# values, a fifth of the towns, trades and so on, that no training question ever named.

# %% tags=["experiment", "row-98"]
from utils.evaluation.query_models import QueryVocabulary, training_queries, write_queries
from utils.evaluation.regex_tasks import draw_regex_tasks, examples_match, regex_pattern
from utils.evaluation.safe_sql import execution_match as course_execution_match
from utils.evaluation.sql_tasks import SQL_FAMILIES, draw_sql_tasks, sql_pattern

query_vocabulary = QueryVocabulary(world)
query_model = load_finetuned("world-queries")
n_queries = budget.pick(smoke=8, cpu=120, gpu=500)
trained_questions = {task.question for tasks_of_kind in training_queries(world) for task in tasks_of_kind}


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
            course_execution_match(query, task.sql, database) for query, task in zip(written, given, strict=True)
        ]
    else:
        valid = [masks["regex"].grammar.accepts(pattern) for pattern in written]
        executed = [examples_match(pattern, task) for pattern, task in zip(written, given, strict=True)]
    text = [a == b for a, b in zip(written, gold, strict=True)]
    return {"runs": share(valid), "same text": share(text), "same result": share(executed)}, executed, text


results, written_queries = {}, {}
for kind, given in (("SQL", sql_tasks), ("regex", regex_tasks)):
    asked_questions = [task.question for task in given]
    for masked in (False, True):
        written = write_queries(query_model, query_vocabulary, asked_questions, masks[kind] if masked else None)
        written_queries[kind, masked] = written
        results[kind, "masked" if masked else "free"] = judged(kind, given, written)
    shuffled = written_queries[kind, False][1:] + written_queries[kind, False][:1]
    results[kind, "shuffled"] = judged(kind, given, shuffled)
strange = write_queries(query_model, query_vocabulary, [task.question for task in strange_tasks])
results["SQL", "new values"] = judged("SQL", strange_tasks, strange)
for (kind, how), (shares, _, _) in results.items():
    print(
        f"{kind:6} {how:9}",
        "; ".join(f"{name} {one.mean:.2f} [{one.low:.2f}, {one.high:.2f}]" for name, one in shares.items()),
    )
_, executed, same_text = results["SQL", "free"]
by_family = {
    family: [float(ok) for task, ok in zip(sql_tasks, executed, strict=True) if task.family == family]
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
# Look at the queries for new values: they run, they look right, and they ask about another town. The model has learned
# which names belong into a query and picks one of those, instead of copying the one in the question. No mask sees that.
# Regular expressions are harder for it: for descriptions that it has not seen, most of what it writes is a valid
# expression of something else.
#
# Text match calls a right query wrong whenever its author would have written it otherwise. Execution match errs in the
# other direction: two different queries can agree on this database by accident (look at the shuffled control), and an
# empty result agrees with every other empty result, which is why no test question here has one. A second database with
# other facts would catch most of these.
#
# *To think about: which of the three fences around the SQL above would still hold if the database were a server that
# others use?*
#
# ## Summary

# %% tags=["experiment"]
verdicts

# %% [markdown]
# What this notebook showed, and what it did not. Both models are small; a large one is valid far more often from a
# prompt alone, and the order of the approaches may change with it. What does not change: validity and correctness are
# two numbers; a mask guarantees the first for finished outputs and shifts the distribution; repairs are as good as their
# author's list; retries pay most for what is hardest.
#
# **Read next**
#
# - Willard and Louf (2023), *Efficient guided generation for large language models*: automata over tokens, the idea of
#   sections 4 and 5.
# - Park et al. (2024), *Grammar-aligned decoding*: how to get the exact conditional distribution back.
# - Hu et al. (2021), *LoRA*: the adapter of section 7.
# - Zhong et al. (2020), *Semantic evaluation for text-to-SQL with distilled test suites*: several databases against
#   accidental matches.
#
# In notebook 09 form is no longer the question. The answer is well formed, fluent, and perhaps not true.
