"""Exercise `is_json_prefix` of notebook 08."""

# %% solution
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
HINTS = ()
EXPLANATION = ""

# %% helpers
import json

from utils.notebook.checks import Diagnosis, case_rng, check, forbidden


# %% examples
def examples(check):
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
        check(lambda: is_json_prefix(text), want, f"is_json_prefix({text!r})")


# %% diagnoses
def diagnoses() -> dict[str, Diagnosis]:
    found: dict[str, Diagnosis] = {}
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
        found[f"is_json_prefix({text!r})"] = Diagnosis(otherwise=hint, if_raises=hint)
    return found


# %% graded: 2 points | objects, arrays, keys, commas, colons, brackets; any value at the top level.
def test_1() -> None:
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

    top = "Any value is a document at the top level, not only an object."
    finish = "The text is not finished (incomplete), but there is a continuation: nothing is wrong with it so far."
    key = "After { and after a comma in an object there comes a key, a string in double quotes."
    comma = (
        "Items are separated by exactly one comma; a trailing comma or a leading one is an error."
    )
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
            (
                '{"a": "}}}}", "b": "x,:',
                True,
                "Brackets, commas and colons within a string are its content.",
            ),
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
                drawn(3),
                indent=rng.choice([None, None, 1]),
                separators=rng.choice([(",", ":"), (", ", ": ")]),
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


# %% graded: 2 points | literals, numbers and strings, whole and cut off.
def test_2() -> None:
    literal = "The literals are true, false and null, in lower case; each beginning of one is a prefix, nothing else is."
    zero = "A number has no leading zero: after 0 comes a point, an exponent, or its end."
    minus = "A minus (-) may begin a number, and a digit must follow it."
    point = "A point stands between digits: 1. can go on, but not without a digit after the point."
    exponent = "An exponent is e or E (capital too), an optional sign, then at least one digit; each part may be cut off."
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
        document = rng.choice(
            ["[{}, {}, {}]", '{{"k\\t": {}, "x": [{}], "": {}}}', '[[{}],\n{{"a":{}}} , {}]']
        ).format(*values)
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


# %% graded: 1 point | white space, control characters, characters beyond ASCII, what other parsers accept.
def test_3() -> None:
    space = "White space (blank, tab, line feed, carriage return) may stand before and after every token."
    only = "White space in JSON is blank, tab, line feed and carriage return, not all that Python calls white space."
    control = "A string holds no control character below U+0020 (a line break or a tab, for example): they must be escaped."
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
