"""Exercise `repair_json`: mend what is almost JSON, keep what stands in strings, refuse what is hopeless."""

# %% solution
import json


def repair_json(text: str) -> str:
    """Return the JSON object in a text, mended where it needs mending.

    Args:
        text: valid JSON, or an object with a code fence or text around it, single quotes, trailing
            commas, or without its last brackets and quotes.

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


# %% hints
HINTS = (
    """First try `json.loads` on the text as it is. Then walk through the text from the first `{`,
character by character: are you inside a string, and in which kind of quote? A stack knows
which brackets are open.""",
    """Copy a string as a whole: from its quote to the same quote, skipping what follows a
backslash, written with double quotes. Outside strings drop a comma before a closing
bracket. At the end close the string, then the brackets from the innermost outwards, and let
`json.loads` judge: what it refuses, you refuse.""",
)
EXPLANATION = """
Valid JSON is returned before anything is touched. Otherwise the solution reads from the first curly bracket and stops
where that object is closed, so text and fences around it fall away. A string is copied in one piece: an apostrophe in
double quotes is content, a double quote in single quotes gets a backslash. Since strings are never looked into, commas
and brackets in them survive, which no search and replace over the whole text can promise. The stack gives the missing
brackets in the right order, and `json.loads` has the last word: a guess would be worse than a second attempt.
"""

# %% helpers
import json

from utils.notebook.checks import Diagnosis, case_rng, check, check_refused, forbidden

PACKAGE = ("json_repair.repair_json", "json_repair.loads", "json_repair.json_repair.repair_json")
AS_IT_WAS = "Valid JSON must come back as it was, character by character: look with json.loads before you mend anything."
A_TEXT = "Return the mended JSON as a text (str), not the object that it stands for (a dict)."
REFUSE = "What cannot be mended is refused, not replaced by something that was never said: try json.loads at the end."


def value_of(text):
    """Return the value of the mended text, or what is wrong with it."""
    mended = repair_json(text)
    if not isinstance(mended, str):
        return ("not a text", mended)
    try:
        return json.loads(mended)
    except ValueError:
        return f"not valid JSON: {mended}"


def check_mended(text, want, hint):
    """Check the value of a mended text; the hint says what had to be mended, or kept."""
    check(
        lambda: value_of(text),
        want,
        f"repair_json({text!r})",
        mistakes={A_TEXT: lambda got: isinstance(got, tuple)},
        otherwise=hint,
        if_raises=f"This can be mended. {hint}",
    )


def check_kept(text):
    """Check that valid JSON comes back as it was."""
    check(
        lambda: repair_json(text),
        text,
        f"valid JSON: {text!r}",
        mistakes={A_TEXT: lambda got: isinstance(got, dict | list | int)},
        otherwise=AS_IT_WAS,
        if_raises=AS_IT_WAS,
    )


# %% examples
def examples(check):
    valid = '{"dish": "it\'s soup", "price": 4.50}'
    check(lambda: repair_json(valid), valid, "valid JSON")
    fenced = "Here you are:\n```json\n{'dish': 'soup', 'prices': [4, 5,],}\n```"
    record = {"dish": "soup", "prices": [4, 5]}
    check(lambda: json.loads(repair_json(fenced)), record, "quotes, commas, a fence, text in front")
    check(lambda: json.loads(repair_json('{"dish": "soup", "prices": [4, 5')), record, "cut off")
    check.refused(lambda: repair_json("I am sorry, I cannot tell."), "A text without any object")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    lost = {
        "Something was lost: the record has a dish and two prices.": lambda got: isinstance(
            got, dict | list
        )
    }
    fence = (
        "Single quotes, trailing commas, the fence and the text in front of it can all be mended."
    )
    brackets = "Closing brackets are missing at the end: first ] and then }, the reverse of how they were opened."
    return {
        "valid JSON": Diagnosis({A_TEXT: lambda got: isinstance(got, dict)}, AS_IT_WAS, AS_IT_WAS),
        "quotes, commas, a fence, text in front": Diagnosis(lost, fence, fence),
        "cut off": Diagnosis(lost, brackets, brackets),
        "A text without any object": Diagnosis(otherwise=REFUSE),
    }


# %% graded: 2 points | each defect alone; valid JSON comes back as it was.
def test_each_defect_alone_is_mended() -> None:
    rng = case_rng("repair_json", 1)
    price, count = rng.randint(3, 99), rng.randint(100, 999)
    record = {
        "dish": "soup",
        "price": price,
        "towns": ["Arvel", "Brunn"],
        "more": {"count": count, "open": True},
    }
    pretty, plain = json.dumps(record, indent=2), json.dumps(record)
    fence, around = (
        "The code fence around the object must go, with `json` or without; the object in it stays, on one line or many.",
        "The text around the object must go.",
    )
    comma = "A trailing comma before the bracket ] or } must go, also one that is followed by a space or a line break."
    bracket = (
        "Closing brackets that are missing at the end must be added, nested ones too, in the reverse order of the opening "
        "ones."
    )
    with forbidden(*PACKAGE):
        for text in (
            plain,
            pretty,
            json.dumps(record, separators=(",", ":")),
            f'{{"a":{price} ,\t"b" : [ 1.50, 2e3 ]}}',
            f" {plain}\n",
        ):
            check_kept(text)
        for text, hint in (
            (f"```json\n{pretty}\n```", fence),
            (f"```\n{plain}\n```", fence),
            (f"```json {plain} ```", fence),
            (f"Here is the record:\n{plain}", f"{around} Here it stands in front."),
            (f"{plain}\nIs there anything else?", f"{around} Here it stands behind."),
            (f"As in [1]: {plain} [end]", f"{around} Here it stands in front."),
            (
                plain.replace('"', "'"),
                "Single quotes around keys and strings must become double quotes.",
            ),
            (plain.replace("]", ",]"), comma),
            (plain.replace("}", ",}"), comma),
            (pretty.replace("\n  }\n}", ",\n  },\n}"), comma),
            (plain[:-1], bracket),
            (plain[:-2], bracket),
        ):
            check_mended(text, record, hint)
        check_mended(
            f'{{"towns": ["Arvel", {{"count": {count}',
            {"towns": ["Arvel", {"count": count}]},
            bracket,
        )
        check_mended(
            f'{{"m": {{"towns": [[{price}, 2], [3', {"m": {"towns": [[price, 2], [3]]}}, bracket
        )
        depth = rng.randint(70, 90)
        check_mended(
            '{"a":' * depth + "1", json.loads('{"a":' * depth + "1" + "}" * depth), bracket
        )
        quote = "A string was cut off: its closing quote is missing, and then the bracket. Its content must not be lost."
        check_mended(
            f'{{"price": {price}, "dish": "fish so', {"price": price, "dish": "fish so"}, quote
        )
        sorry = f"I am sorry, I do not know the price of {count} soups."
        check_refused(lambda: repair_json(sorry), "A text without any object", REFUSE)


# %% graded: 2 points | what stands inside strings survives the mending.
def test_what_stands_inside_strings_survives() -> None:
    n = case_rng("repair_json", 2).randint(10, 99)
    apostrophe = "An apostrophe inside a string with double quotes, or in the text around the object, is content and no quote."
    double = "Double quotes within a string in single quotes are content: they must be kept, and escaped in JSON."
    brackets = "A comma or bracket within a string is content: it opens, closes and ends nothing, and must stay."
    at_the_end = "A string that was cut off keeps all that is there, also a comma at its end."
    escaped = "An escaped quote does not end its string; after an escaped backslash, a quote does."
    with forbidden(*PACKAGE):
        for text, want, hint in (
            (
                f'{{"note": "it\'s Ida\'s soup", "n": {n},}}',
                {"note": "it's Ida's soup", "n": n},
                apostrophe,
            ),
            (f"{{'note': \"it's hot\", 'n': {n}}}", {"note": "it's hot", "n": n}, apostrophe),
            (
                f"I'm sure that it's this one: {{'dish': 'soup', 'n': {n}}} Isn't it?",
                {"dish": "soup", "n": n},
                apostrophe,
            ),
            (
                '{"dish": "soup", "note": "what\'s le',
                {"dish": "soup", "note": "what's le"},
                apostrophe,
            ),
            (
                f"{{'note': 'she said \"more\"', 'n': {n}}}",
                {"note": 'she said "more"', "n": n},
                double,
            ),
            (
                f'{{"note": "one, two,] three,}} four, ]", "n": [{n},],}}',
                {"note": "one, two,] three,} four, ]", "n": [n]},
                brackets,
            ),
            (f'{{"note": "[({{ [", "n": [{n}', {"note": "[({ [", "n": [n]}, brackets),
            (f'{{"note": "]}}) }}", "n": [{n}', {"note": "]}) }", "n": [n]}, brackets),
            (
                f'{{"note": "say \\"please, \\" now", "path": "a\\\\", "n": [{n},]}}',
                {"note": 'say "please, " now', "path": "a\\", "n": [n]},
                escaped,
            ),
            (
                f'{{"note": "a 5\\" pie,] and", "n": [{n},]}}',
                {"note": 'a 5" pie,] and', "n": [n]},
                escaped,
            ),
            (
                f'{{"note": "two  spaces,  \u00fc\u00df \u6f22 \U0001f372", "n": {n},}}',
                {"note": "two  spaces,  \u00fc\u00df \u6f22 \U0001f372", "n": n},
                "The content of strings must not change: white space and letters beyond ASCII are part of it.",
            ),
            (
                "{'note': 'she said \"it\\'s hot\"'}",
                {"note": 'she said "it\'s hot"'},
                "In single quotes \\' is an apostrophe: Python prints it so. JSON has no such escape: drop the backslash.",
            ),
            (
                f'{{"note": "a\\u0022, \\u005c", "n": [{n},]}}',
                {"note": 'a", \\', "n": [n]},
                "An escape such as \\u0022 stays as it is: what it stands for may be a quote.",
            ),
            (
                f'{{"note": "None is True, False", "n": [{n},]}}',
                {"note": "None is True, False", "n": [n]},
                "Words within a string are content: True, False and None stay there.",
            ),
            (f'{{"n": {n}, "note": "one, two,', {"n": n, "note": "one, two,"}, at_the_end),
        ):
            check_mended(text, want, hint)


# %% graded: 1 point | several defects at once; odd but valid JSON; what is refused.
def test_several_defects_odd_json_and_what_is_refused() -> None:
    n = case_rng("repair_json", 3).randint(10, 99)
    fence = "A fence around several defects, closed or not, must go, with the text around it."
    comma = (
        "The text was cut off after a comma: it is a trailing comma once the brackets are closed."
    )
    single = "A string in single quotes was cut off: close it, then the brackets."
    soup = {"dish": "soup", "n": [n, 5]}
    with forbidden(*PACKAGE):
        for text in ('{"note": "it\'s, ] }", "b": "\'x\'"}', '{"note": "a,} and ,]"}', '{"note": "```json", "b": "```"}',
                     '{"a": "\\u00fc \u00fc", "b": 1.0, "c": -0, "d": 1E+2}', '[1, {"a": [ ]}, null]', '"just a {text}"',
                     "true", "{}"):  # fmt: skip
            check_kept(text)
        sure = f"Sure, here's the record:\n```json\n{{'dish': \"Ida's soup\", 'n': [{n}, 5,],}}\n```\nThat's all."
        for text, want, hint in (
            (f'{{"dish": "soup", "n": [{n}, 5, ', soup, comma),
            (sure, {"dish": "Ida's soup", "n": [n, 5]}, fence),
            (f'```json\n{{"dish": "soup", "n": [{n}, 5', soup, fence),
            (f'```\n{{"dish": "soup", "n": [{n}, 5\n```', soup, fence),
            (
                f"{{'n': {n}, 'dishes': ['soup', 'fish pi",
                {"n": n, "dishes": ["soup", "fish pi"]},
                single,
            ),
        ):
            check_mended(text, want, hint)
        for text in ("", "There is no record.", "The answer is {not known}."):
            check_refused(lambda: repair_json(text), f"The text {text!r}", REFUSE)
        guess = "A name or a value is missing: null, or leaving the name out, would be a guess."
        for text in (f'{{"n": {n}, "dish":', f'{{"n": {n}, "di'):
            check_refused(lambda: repair_json(text), f"The text {text!r}", guess)
