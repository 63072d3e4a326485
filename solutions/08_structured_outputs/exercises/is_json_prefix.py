"""Exercise `is_json_prefix`: can a text still become a JSON document? A parser that takes the end of the text as no error."""

# %% solution
import re


def is_json_prefix(text: str) -> bool:
    """Return whether some continuation, also the empty one, makes a JSON document (RFC 8259)."""
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
        re.compile(
            "|".join(word[:end] for word in ("true", "false", "null") for end in range(len(word)))
        ),
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


# %% hints
HINTS = (
    """Write one function per kind of value that reads from a position and returns where the value
ends. Raise one exception of your own when the text is over, and another when a character
cannot stand where it does.""",
    """The first exception means True, the second False, and a document that was read whole is True
when only white space follows. A token that is cut off needs care: compare with the
beginnings of true, false and null, and let a number end after `-`, a point, `e` or a sign
only where the text ends.""",
)
EXPLANATION = """
A parser by recursive descent reads the text with two ways to stop: the text is over where more could follow, which is a
prefix, or a character stands where none like it may, which is not. Each token exists in two forms, whole and cut off,
because `1.` or `"\\\\u00` are fine only at the very end. Closing brackets by guesswork and asking `json.loads` goes
wrong in both directions: it accepts NaN and refuses cut-off tokens that need more than a bracket.
"""

# %% helpers
import json

from utils.notebook.checks import Diagnosis, case_rng, check, forbidden, wrong_type

COURSE = ("utils.decoding.grammar.json_document",)


def check_prefixes(hint, prefixes, others=()):
    """Check texts that are beginnings of JSON documents, and others that are not; one hint explains them all."""
    for text in (*prefixes, *others):
        check(
            lambda: is_json_prefix(text),
            text in prefixes,
            f"is_json_prefix({text!r})",
            mistakes={"Return True or False (a bool).": wrong_type(bool)},
            otherwise=hint,
            if_raises="Return True or False, and let no error out.",
        )


def check_all_beginnings(document):
    """Check that each beginning of a JSON document is a prefix."""
    json.loads(document)
    beginnings = [document[:end] for end in range(len(document) + 1)]
    check_prefixes(
        "The text is not finished, but it can go on: it was cut off from a document.", beginnings
    )


# %% examples
def examples(check):
    for text in ('{"a": 1, ', '{"a": [1, 2', '["tr', "[tr", "12", ""):
        check(lambda: is_json_prefix(text), True, text)
    for text in ("{{", '{"a": [1, 2}', "[tx", "[1,]"):
        check(lambda: is_json_prefix(text), False, text)


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    hints = {
        '{"a": 1, ': "Another member may follow the comma.",
        "{{": "After { comes a key in double quotes, or }.",
        '{"a": [1, 2': "Brackets that are open can still be closed.",
        '{"a": [1, 2}': "The array must be closed before the object.",
        '["tr': "A string may be cut off anywhere.",
        "[tr": "The literal true may be cut off anywhere.",
        "[tx": "No literal begins like this: there are true, false and null.",
        "12": "Any value is a document, and the continuation may be empty.",
        "": "The empty text is the beginning of every document.",
        "[1,]": "After a comma comes another item, not the end of the array.",
    }
    a_bool = {"Return True or False (a bool).": wrong_type(bool)}
    return {
        text: Diagnosis(a_bool, hint, f"{hint} Return True or False.")
        for text, hint in hints.items()
    }


# %% graded: 2 points | objects, arrays, keys, commas, colons, brackets; any value at the top level.
def test_objects_arrays_and_any_value_at_the_top() -> None:
    rng = case_rng("is_json_prefix", 1)

    def drawn(depth):
        """Draw a JSON value."""
        kind = rng.randrange(7) if depth else rng.randrange(2)
        if kind == 0:
            return {
                f"k{number}": drawn(depth - 1) if depth else 1 for number in range(rng.randrange(4))
            }
        if kind == 1:
            return [drawn(depth - 1) if depth else 2 for _ in range(rng.randrange(4))]
        return rng.choice([True, False, None, 0, 17, -3, "", "ab", "c d"])

    with forbidden(*COURSE):
        check_prefixes(
            "Any value is a document at the top level, not only an object: an array, a number, a string, a literal.",
            ["12", '"a"', "true", "null"],
        )
        # On its own, so that nobody who slips within an array is told that arrays are values.
        check_prefixes(
            "An array is a value too, at the top level as well: [, then values with commas between them, then ].",
            ["[1, 2]"],
        )
        check_prefixes(
            "The text is not finished (incomplete), but there is a continuation: nothing is wrong with it so far.",
            [
                '{"a": 1, ',
                "{",
                "[",
                "[[",
                "[{",
                '{"a": {"b": [',
                '{"a"',
                '{"a":',
                '{"a": 1',
                "[1,",
                '{"a": 1,',
                '"a',
            ],
        )
        check_prefixes("The empty text is the beginning of every document.", [""])
        check_prefixes(
            "After { and after a comma in an object there comes a key, a string in double quotes.",
            ['{"a": 1, "'],
            ["{{", "{1", "{a", "{true", "{[", '{"a": 1, 2', '{"a": 1, {'],
        )
        check_prefixes(
            "A complete document is a prefix too, with the empty continuation; empty objects and arrays are values.",
            ['{"a": 1}', "[1, 2]", "{}", "[]", '[[], {}, "x"', '{"a": {}, "b": []'],
        )
        check_prefixes(
            "After a key comes one colon, then a value; a colon stands nowhere else.",
            ['{"a": {"b": "'],
            [
                '{"a" 1',
                '{"a" "b',
                '{"a",',
                '{"a"}',
                '{"a": ,',
                '{"a": }',
                '{"a":: 1',
                "[1:",
                '["a": 1',
            ],
        )
        check_prefixes(
            "Items are separated by exactly one comma; a trailing comma or a leading one is an error.",
            ["[1, 2, 3"],
            [
                "[,",
                "{,",
                "[1,,",
                "[1,]",
                "[[1], ]",
                '{"a": 1,}',
                '{"a": 1, }',
                "[1 2",
                '["a" "b"',
                "[[] []",
                '{"a": 1 "b"',
            ],
        )
        check_prefixes(
            "A closing bracket must fit the innermost one that is open.",
            ['{"a": [1, 2]'],
            ["]", "}", "[}", "{]", "[1}", '{"a": 1]', '{"a": [1, 2}', '[{"a": 1]'],
        )
        check_prefixes(
            "After the document only white space may follow: no other text, no bracket, no comma.",
            ["[1] "],
            ["[1]]", '{"a": 1}}', '{"a": 1}x', '{"a": 1} {', "[1], 2", "1, 2", '"a" "b'],
        )
        check_prefixes(
            "A key may occur twice, and it may be the empty text: the grammar forbids neither.",
            ['{"a": 1, "a": 2', '{"": 1}'],
        )
        check_prefixes(
            "Brackets, commas and colons within a string are its content.",
            ['["{", "]", "', '{"a]}": "[}', '{"a": "}}}}", "b": "x,:'],
        )
        for _ in range(8):
            separators = rng.choice([(",", ":"), (", ", ": ")])
            check_all_beginnings(
                json.dumps(drawn(3), indent=rng.choice([None, None, 1]), separators=separators)
            )


# %% graded: 2 points | literals, numbers and strings, whole and cut off.
def test_literals_numbers_and_strings() -> None:
    check_prefixes(
        "The literals are true, false and null, in lower case; each beginning of one is a prefix, nothing else is.",
        ["t", "tru", "fals", "n", "[nul", '{"a": f', "true", "[true, fa"],
        ["trux", "tx", "nil", "[falso", "truee", "True", "tR", "[nUl", "[TRUE", "[None", "N", "x", "yes", "[nul]", '{"a": tru}',
         "[truefalse", "tr ue"],
    )  # fmt: skip
    check_prefixes(
        "A minus (-) may begin a number, and a digit must follow it, without a space.",
        ["-", "[-", "-1", "-0"],
        ["--", "-]", "[-,", "-a", "- 1"],
    )
    check_prefixes(
        "A number has no leading zero: after 0 comes a point, an exponent, or its end.",
        ["0", "10", "100", "0.", "0e"],
        ["01", "00", "-01", "[007", "0x1"],
    )
    check_prefixes(
        "A point stands between digits: 1. can go on, but not without a digit after the point.",
        ["1.", "[1.", "1.5", "0.05", "1.0"],
        ["1.\n", "1.,", "[1.]", "1.e", "1..", ".5", "-.5", "[.", "1 ."],
    )
    check_prefixes(
        "An exponent is e or E (capital too), an optional sign, then at least one digit; each part may be cut off.",
        ["1e", "1E", "1e+", "1E-", "2e10", "[1.5e-", "1.5E+07", "0e0"],
        ["1ee", "1e+-", "[1e]", "1e+,", "[1e+]", "2E- ", "1e5.", "1e5e", "1e5+", "e5", "[1 e5"],
    )
    check_prefixes(
        "A number begins with a digit or a minus (no plus), has at most one point, then one exponent, and may be of any size.",
        ["12.25e3", "1e999", "-1E-999"],
        ["+1", "[+", "1-", "1.5.", "[1.2.3", "1a", "[1x", "1 2"],
    )
    check_prefixes(
        "Strings have double quotes, not single quotes; they may be cut off anywhere, and nothing follows the last quote.",
        ['"', '"abc', '["a b'],
        ["'", "['a", "{'a", '{"a": \'', '"abc"x'],
    )
    check_prefixes(
        'After a backslash (an escape) comes one of "\\/bfnrt, or u with four hexadecimal digits, capital letters too; it '
        "may be cut off, an escaped quote does not end the string, and keys are strings too.",
        ['"a\\', '"a\\n', '"a\\"', '"a\\""', '"a\\"b', '"a\\\\"', '"\\/\\b\\f\\r\\t', '"\\u', '"\\u1', '"\\u12', '"\\u00e',
         '"\\u00E9', '"\\u00e9"', '"\\uABCD x', '{"\\u00', '"\\ud800"', '"\\uDc00 x'],
        ['"\\x', '"\\\'', '"\\0', '["\\a', '"\\v', '"\\e', '"\\N', '"\\U', '"\\uG', '"\\u12"', '"\\u12x', '"\\u123"',
         '"\\u00eg', '"\\u 12', '{"\\q', '"\\\\"a'],
    )  # fmt: skip
    rng = case_rng("is_json_prefix", 2)
    values = [
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
    for _ in range(6):
        form = rng.choice(
            ["[{}, {}, {}]", '{{"k\\t": {}, "x": [{}], "": {}}}', '[[{}],\n{{"a":{}}} , {}]']
        )
        check_all_beginnings(form.format(*rng.sample(values, 3)))


# %% graded: 1 point | white space, control characters, characters beyond ASCII, what other parsers accept.
def test_white_space_characters_and_what_other_parsers_accept() -> None:
    check_prefixes(
        "White space (blank, tab, line feed, carriage return) may stand before and after every token and the document.",
        [" ", "\n\t\r ", " \n{", "\t[", "\r12", "1 ", "{} \n", '"a"\t', "true\r\n", '{ \n"a"\t:\r1 , "b" : [ 1 , 2 ] ',
         "[\n\n]", "{ }"],
    )  # fmt: skip
    check_prefixes(
        "White space in JSON is blank, tab, line feed and carriage return, not all that Python calls white space.",
        ["\n1"],
        ["\ufeff", "1\u00a0", "\u00a0", "[\f", "\v1", "[1,\u20032", "{\u2028", "[\x1c", "\ufeff1"],
    )
    check_prefixes(
        "A string holds no control character below U+0020 (a line break or a tab, for example): they must be escaped.",
        ['"a\\n'],
        ['"a\n', '"a\tb', '"\x00', '{"a\x1f', '["\r'],
    )
    check_prefixes(
        "Any character from U+0020 on may stand in a string, also letters beyond ASCII (unicode) and U+007F, and only there.",
        ['"a\x7f', '"\u00fc\u6f22', '"\U0001f372"', '{"\u00e9": "\u00df', '"\u2028\u00a0 '],
        ["\u00fc"],
    )
    check_prefixes(
        "Digits are 0 to 9, and hexadecimal digits a to f and A to F: not all that Python calls digits.",
        ["109"],
        ["\u0661", "1\u0662", "[\uff11", "1.\u0663", "1e\u0661", "1\u00b2", '"\\u\u0661', '"\\u12\uff11', '"\\u+12', '"\\u1_2',
         "1_0"],
    )  # fmt: skip
    check_prefixes(
        "NaN and Infinity are no JSON, although Python's json reads them; and JSON has no comments.",
        ["[n"],
        ["NaN", "[Na", "Infinity", "[I", "-I", '{"a": -Infinity', "/", "[1, /", "{ //", "[1, 2] #"],
    )
    depth = case_rng("is_json_prefix", 3).randint(66, 90)
    check_prefixes(
        "Brackets nest, here more than 60 deep, and each closing one must fit.",
        ["[" * depth, '{"a":[' * 40 + "]}" * 39, "[" * depth + "]" * depth],
        ["[" * depth + "]" * (depth + 1), "[" * depth + "}"],
    )
