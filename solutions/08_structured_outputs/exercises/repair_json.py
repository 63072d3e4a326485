"""Exercise `repair_json` of notebook 08."""

# %% solution
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


# %% hints
HINTS = ()
EXPLANATION = ""

# %% helpers
import json

from utils.notebook.checks import Diagnosis, case_rng, check, check_refused, forbidden


def value_of(text):
    """Return the value of the mended text, or what is wrong with it."""
    mended = repair_json(text)
    if not isinstance(mended, str):
        return ("not a text", mended)
    try:
        return json.loads(mended)
    except ValueError:
        return f"not valid JSON: {mended}"


# %% examples
def examples(check):
    valid = '{"dish": "it\'s soup", "price": 4.50}'
    check(lambda: repair_json(valid), valid, "valid JSON")
    check(
        lambda: json.loads(
            repair_json("Here you are:\n```json\n{'dish': 'soup', 'prices': [4, 5,],}\n```")
        ),
        {"dish": "soup", "prices": [4, 5]},
        "single quotes and trailing commas in a code fence, with text in front",
    )
    check(
        lambda: json.loads(repair_json('{"dish": "soup", "prices": [4, 5')),
        {"dish": "soup", "prices": [4, 5]},
        "an object that was cut off",
    )
    check.refused(lambda: repair_json("I am sorry, I cannot tell."), "A text without any object")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    found: dict[str, Diagnosis] = {}
    valid = '{"dish": "it\'s soup", "price": 4.50}'
    found["valid JSON"] = Diagnosis(
        mistakes={
            "Valid JSON must come back as it was, character by character: look with json.loads before you mend anything.": lambda got: (
                isinstance(got, str)
            )
        }
    )
    found["single quotes and trailing commas in a code fence, with text in front"] = Diagnosis(
        if_raises="It should have been mended: single quotes, trailing commas, the fence, and the text in front of it."
    )
    found["an object that was cut off"] = Diagnosis(
        if_raises="It should have been mended: the closing brackets are missing."
    )
    return found


# %% graded: 2 points | each defect alone; valid JSON comes back as it was.
def test_1() -> None:
    common = {
        "Return the mended JSON as a text (str), not the object that it stands for (a dict).": lambda got: (
            isinstance(got, tuple)
        ),
    }
    rng = case_rng("repair_json", 1)
    price, count = rng.randint(3, 99), rng.randint(100, 999)
    record = {
        "dish": "soup",
        "price": price,
        "towns": ["Arvel", "Brunn"],
        "more": {"count": count, "open": True},
    }
    pretty, plain = json.dumps(record, indent=2), json.dumps(record)

    with forbidden(
        "json_repair.repair_json", "json_repair.loads", "json_repair.json_repair.repair_json"
    ):
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
                            isinstance(got, str)
                            and "".join(got.split()) != ""
                            and json.loads(got) == json.loads(text)
                        )
                    ),
                },
                otherwise="Valid JSON must come back as it was, character by character.",
                if_raises="Valid JSON must come back as it was.",
            )
        for text, what, hint in (
            (
                f"```json\n{pretty}\n```",
                "a code fence",
                "The code fence around the object must go.",
            ),
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
            (
                plain[:-1],
                "the last bracket missing",
                "A closing bracket is missing at the end: add it.",
            ),
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
                mistakes=common
                | {f"What came back is not valid JSON. {hint}": lambda got: isinstance(got, str)},
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
                mistakes=common
                | {f"What came back is not valid JSON. {hint}": lambda got: isinstance(got, str)},
                otherwise=hint,
                if_raises=f"This can be mended. {hint}",
            )
        check_refused(
            lambda: repair_json(f"I am sorry, I do not know the price of {count} soups."),
            "A text without any object",
            "What is hopeless is refused, not replaced by something that was never said.",
        )


# %% graded: 2 points | what stands inside strings survives the mending.
def test_2() -> None:
    number = case_rng("repair_json", 2).randint(10, 99)
    with forbidden(
        "json_repair.repair_json", "json_repair.loads", "json_repair.json_repair.repair_json"
    ):
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


# %% graded: 1 point | several defects at once; odd but valid JSON; what is refused.
def test_3() -> None:
    number = case_rng("repair_json", 3).randint(10, 99)
    with forbidden(
        "json_repair.repair_json", "json_repair.loads", "json_repair.json_repair.repair_json"
    ):
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
