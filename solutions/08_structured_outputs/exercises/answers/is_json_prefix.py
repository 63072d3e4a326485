"""Answers to `is_json_prefix`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: recursive descent, the end of the text is an exception
import string


class Ended(Exception):
    pass


class Bad(Exception):
    pass


def is_json_prefix(text):
    try:
        end = space(text, value(text, space(text, 0)))
    except Ended:
        return True
    except Bad:
        return False
    return end == len(text)


def peek(text, at):
    if at >= len(text):
        raise Ended
    return text[at]


def space(text, at):
    while at < len(text) and text[at] in " \t\n\r":
        at += 1
    return at


def value(text, at):
    first = peek(text, at)
    if first == "{":
        return members(text, at + 1)
    if first == "[":
        return items(text, at + 1)
    if first == '"':
        return string_end(text, at + 1)
    if first == "-" or first in string.digits:
        return number(text, at)
    for word in ("true", "false", "null"):
        if first == word[0]:
            return literal(text, at, word)
    raise Bad


def literal(text, at, word):
    for character in word:
        if peek(text, at) != character:
            raise Bad
        at += 1
    return at


def string_end(text, at):
    while (character := peek(text, at)) != '"':
        if character < " ":
            raise Bad
        at += 1
        if character == "\\":
            escape = peek(text, at)
            at += 1
            if escape == "u":
                for _ in range(4):
                    if peek(text, at) not in string.hexdigits:
                        raise Bad
                    at += 1
            elif escape not in '"\\/bfnrt':
                raise Bad
    return at + 1


def digits(text, at):
    if peek(text, at) not in string.digits:
        raise Bad
    while at < len(text) and text[at] in string.digits:
        at += 1
    return at


def number(text, at):
    if text[at] == "-":
        at += 1
    if peek(text, at) == "0":
        at += 1
    else:
        at = digits(text, at)
    if at < len(text) and text[at] == ".":
        at = digits(text, at + 1)
    if at < len(text) and text[at] in "eE":
        at += 1
        if peek(text, at) in "+-":
            at += 1
        at = digits(text, at)
    return at


def items(text, at):
    at = space(text, at)
    if peek(text, at) == "]":
        return at + 1
    while True:
        at = space(text, value(text, space(text, at)))
        following = peek(text, at)
        at += 1
        if following == "]":
            return at
        if following != ",":
            raise Bad


def members(text, at):
    at = space(text, at)
    if peek(text, at) == "}":
        return at + 1
    while True:
        at = space(text, at)
        if peek(text, at) != '"':
            raise Bad
        at = space(text, string_end(text, at + 1))
        if peek(text, at) != ":":
            raise Bad
        at = space(text, value(text, space(text, at + 1)))
        following = peek(text, at)
        at += 1
        if following == "}":
            return at
        if following != ",":
            raise Bad


# %% right: a pushdown machine, one character at a time
def is_json_prefix(text):
    stack = []
    state = "value"
    literal = ""
    hexes = 0
    for c in text:
        again = True
        while again:
            again = False
            if state in ("value", "value]", "key", "key}", "colon", "after", "end") and c in " \t\n\r":
                continue
            if state in ("value", "value]"):
                if state == "value]" and c == "]":
                    stack.pop()
                    state = "after" if stack else "end"
                elif c == "{":
                    stack.append("{")
                    state = "key}"
                elif c == "[":
                    stack.append("[")
                    state = "value]"
                elif c == '"':
                    state = "string"
                elif c == "-":
                    state = "minus"
                elif c == "0":
                    state = "zero"
                elif c in "123456789":
                    state = "int"
                elif c in "tfn":
                    literal = {"t": "rue", "f": "alse", "n": "ull"}[c]
                    state = "literal"
                else:
                    return False
            elif state in ("key", "key}"):
                if c == '"':
                    state = "keystring"
                elif c == "}" and state == "key}":
                    stack.pop()
                    state = "after" if stack else "end"
                else:
                    return False
            elif state in ("string", "keystring"):
                if c == '"':
                    state = "colon" if state == "keystring" else ("after" if stack else "end")
                elif c == "\\":
                    state = state + "\\"
                elif ord(c) < 32:
                    return False
            elif state.endswith("\\"):
                if c == "u":
                    hexes = 4
                    state = state[:-1] + "u"
                elif c in '"\\/bfnrt':
                    state = state[:-1]
                else:
                    return False
            elif state in ("stringu", "keystringu"):
                if c not in "0123456789abcdefABCDEF":
                    return False
                hexes -= 1
                if hexes == 0:
                    state = state[:-1]
            elif state == "colon":
                if c != ":":
                    return False
                state = "value"
            elif state == "literal":
                if c != literal[0]:
                    return False
                literal = literal[1:]
                if not literal:
                    state = "after" if stack else "end"
            elif state in ("minus", "zero", "int", "dot", "fraction", "e", "sign", "exponent"):
                digit = c in "0123456789"
                if state == "minus" and digit:
                    state = "zero" if c == "0" else "int"
                elif state in ("int", "fraction", "exponent") and digit:
                    pass
                elif state in ("zero", "int") and c == ".":
                    state = "dot"
                elif state == "dot" and digit:
                    state = "fraction"
                elif state in ("zero", "int", "fraction") and c in "eE":
                    state = "e"
                elif state == "e" and c in "+-":
                    state = "sign"
                elif state in ("e", "sign") and digit:
                    state = "exponent"
                elif state in ("zero", "int", "fraction", "exponent"):
                    state = "after" if stack else "end"
                    again = True
                else:
                    return False
            elif state == "after":
                if c == ",":
                    state = "key" if stack[-1] == "{" else "value"
                elif c == {"{": "}", "[": "]"}[stack[-1]]:
                    stack.pop()
                    state = "after" if stack else "end"
                else:
                    return False
            else:
                return False
    return True


# %% right: finish the text in a few ways, and let json judge
import json


def refuse(name):
    raise ValueError(name)


def is_document(text):
    if any(ord(c) > 127 and not inside for c, inside in zip(text, in_strings(text))):
        return False
    try:
        json.loads(text, parse_constant=refuse)
    except ValueError:
        return False
    return True


def in_strings(text):
    inside, escaped, flags = False, False, []
    for c in text:
        flags.append(inside)
        if escaped:
            escaped = False
        elif inside and c == "\\":
            escaped = True
        elif c == '"':
            inside = not inside
    return flags


def is_json_prefix(text):
    stack, inside, escaped = [], False, False
    for c in text:
        if inside:
            if escaped:
                escaped = False
            elif c == "\\":
                escaped = True
            elif c == '"':
                inside = False
        elif c == '"':
            inside = True
        elif c in "{[":
            stack.append("}" if c == "{" else "]")
        elif c in "}]":
            if not stack or stack.pop() != c:
                return False
    closers = "".join(reversed(stack))
    if inside:
        fillings = ["", "n", "000", "00", "0", "0000"]
        ends = [filling + '"' + more for filling in fillings for more in ("", ":0")]
    else:
        ends = ["", "0", ":0", '"":0', ',"":0']
        for word in ("true", "false", "null"):
            ends += [word[i:] for i in range(1, len(word))]
    return any(is_document(text + end + closers) for end in ends)


# %% right: regular expressions for tokens, and a stack
import re

NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
PART_OF_NUMBER = re.compile(r"-?((0|[1-9][0-9]*)((\.[0-9]+)?([eE][+-]?)?|\.)?)?")
STRING = re.compile(r'"([^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*"')
PART_OF_STRING = re.compile(r'"([^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*(\\(u[0-9a-fA-F]{0,3})?)?')
SPACE = re.compile(r"[ \t\n\r]*")


def is_json_prefix(text: str) -> bool:
    expected = ["value"]
    at = SPACE.match(text).end()
    while at < len(text):
        if not expected:
            return False
        want = expected.pop()
        rest = text[at:]
        scalar = None
        if want in ("value", "value or ]"):
            if want == "value or ]" and rest[0] == "]":
                at += 1
            elif rest[0] == "[":
                at += 1
                expected += ["value or ]"] if not SPACE.sub("", rest[1:], count=1).startswith("]") else ["]"]
                if expected[-1] == "value or ]":
                    expected[-1:] = [", or ]", "value"] if SPACE.sub("", rest[1:], count=1) else ["value or ]"]
            elif rest[0] == "{":
                at += 1
                expected.append("key or }")
            elif rest[0] == '"':
                scalar = STRING, PART_OF_STRING
            elif rest[0] in "-0123456789":
                scalar = NUMBER, PART_OF_NUMBER
            else:
                word = next((word for word in ("true", "false", "null") if word[0] == rest[0]), None)
                if word is None:
                    return False
                if rest.startswith(word):
                    at += len(word)
                else:
                    return word.startswith(rest)
        elif want in ("key", "key or }"):
            if rest[0] == "}" and want == "key or }":
                at += 1
            elif rest[0] == '"':
                expected += [", or }", "value", ":"]
                scalar = STRING, PART_OF_STRING
            else:
                return False
        elif want == ", or ]":
            if rest[0] == ",":
                expected += [", or ]", "value"]
            elif rest[0] != "]":
                return False
            at += 1
        elif want == ", or }":
            if rest[0] == ",":
                expected.append("key")
            elif rest[0] != "}":
                return False
            at += 1
        elif rest[0] == want:
            at += 1
        else:
            return False
        if scalar:
            whole, part = scalar
            if part.fullmatch(rest):
                return True
            found = whole.match(rest)
            if found is None:
                return False
            at += found.end()
        at = SPACE.match(text, at).end()
    return True


# %% right: a generator that is fed one character at a time
def is_json_prefix(text):
    machine = document()
    next(machine)
    try:
        for character in text:
            machine.send(character)
    except ValueError:
        return False
    return True


WHITE = set(" \t\n\r")
DIGITS = set("0123456789")


def document():
    c = yield from skip((yield))
    c = yield from value(c)
    while True:
        if c not in WHITE:
            raise ValueError
        c = yield


def skip(c):
    while c in WHITE:
        c = yield
    return c


def value(c):
    if c == '"':
        yield from text_value()
        return (yield)
    if c in "tfn":
        for want in {"t": "rue", "f": "alse", "n": "ull"}[c]:
            if (yield) != want:
                raise ValueError
        return (yield)
    if c == "-" or c in DIGITS:
        return (yield from number(c))
    if c == "[":
        c = yield from skip((yield))
        if c == "]":
            return (yield)
        while True:
            c = yield from skip((yield from value(c)))
            if c == "]":
                return (yield)
            if c != ",":
                raise ValueError
            c = yield from skip((yield))
    if c == "{":
        c = yield from skip((yield))
        if c == "}":
            return (yield)
        while True:
            if c != '"':
                raise ValueError
            yield from text_value()
            c = yield from skip((yield))
            if c != ":":
                raise ValueError
            c = yield from skip((yield))
            c = yield from skip((yield from value(c)))
            if c == "}":
                return (yield)
            if c != ",":
                raise ValueError
            c = yield from skip((yield))
    raise ValueError


def text_value():
    while True:
        c = yield
        if c == '"':
            return
        if ord(c) < 0x20:
            raise ValueError
        if c == "\\":
            c = yield
            if c == "u":
                for _ in range(4):
                    if (yield) not in set("0123456789abcdefABCDEF"):
                        raise ValueError
            elif c not in '"\\/bfnrt':
                raise ValueError


def number(c):
    if c == "-":
        c = yield
    if c not in DIGITS:
        raise ValueError
    if c == "0":
        c = yield
    else:
        while c in DIGITS:
            c = yield
    if c == ".":
        c = yield
        if c not in DIGITS:
            raise ValueError
        while c in DIGITS:
            c = yield
    if c in ("e", "E"):
        c = yield
        if c in ("+", "-"):
            c = yield
        if c not in DIGITS:
            raise ValueError
        while c in DIGITS:
            c = yield
    return c


# %% wrong: balanced brackets are enough | expects: key / comma / colon / bracket / string
def is_json_prefix(text):
    stack = []
    inside = False
    for c in text:
        if c == '"':
            inside = not inside
        elif inside:
            continue
        elif c in "{[":
            stack.append(c)
        elif c in "}]":
            if not stack or stack.pop() + c not in ("{}", "[]"):
                return False
    return True


# %% wrong: only complete documents | expects: continuation / incomplete / not finished / complete
import json


def is_json_prefix(text):
    try:
        json.loads(text)
        return True
    except ValueError:
        return False


# %% wrong: closes brackets and asks json | expects: continuation / key / value / comma / number / after
import json


def is_json_prefix(text):
    stack, inside, escaped = [], False, False
    for c in text:
        if inside:
            if escaped:
                escaped = False
            elif c == "\\":
                escaped = True
            elif c == '"':
                inside = False
        elif c == '"':
            inside = True
        elif c in "{[":
            stack.append("}" if c == "{" else "]")
        elif c in "}]" and stack:
            stack.pop()
    try:
        json.loads(text + '"' * inside + "".join(reversed(stack)))
    except ValueError:
        return False
    return True


# %% wrong: JSON's decoder says where it failed: at the end is fine | expects: string / literal / escape / inside
import json


def is_json_prefix(text):
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return error.pos >= len(text.rstrip())
    return True


# %% wrong: a literal must be whole | expects: literal
import string


class Ended(Exception):
    pass


class Bad(Exception):
    pass


def is_json_prefix(text):
    try:
        end = space(text, value(text, space(text, 0)))
    except Ended:
        return True
    except Bad:
        return False
    return end == len(text)


def peek(text, at):
    if at >= len(text):
        raise Ended
    return text[at]


def space(text, at):
    while at < len(text) and text[at] in " \t\n\r":
        at += 1
    return at


def value(text, at):
    first = peek(text, at)
    if first == "{":
        return members(text, at + 1)
    if first == "[":
        return items(text, at + 1)
    if first == '"':
        return string_end(text, at + 1)
    if first == "-" or first in string.digits:
        return number(text, at)
    for word in ("true", "false", "null"):
        if first == word[0]:
            return literal(text, at, word)
    raise Bad


def literal(text, at, word):
    for character in word:
        if at >= len(text) or text[at] != character:
            raise Bad
        at += 1
    return at


def string_end(text, at):
    while (character := peek(text, at)) != '"':
        if character < " ":
            raise Bad
        at += 1
        if character == "\\":
            escape = peek(text, at)
            at += 1
            if escape == "u":
                for _ in range(4):
                    if peek(text, at) not in string.hexdigits:
                        raise Bad
                    at += 1
            elif escape not in '"\\/bfnrt':
                raise Bad
    return at + 1


def digits(text, at):
    if peek(text, at) not in string.digits:
        raise Bad
    while at < len(text) and text[at] in string.digits:
        at += 1
    return at


def number(text, at):
    if text[at] == "-":
        at += 1
    if peek(text, at) == "0":
        at += 1
    else:
        at = digits(text, at)
    if at < len(text) and text[at] == ".":
        at = digits(text, at + 1)
    if at < len(text) and text[at] in "eE":
        at += 1
        if peek(text, at) in "+-":
            at += 1
        at = digits(text, at)
    return at


def items(text, at):
    at = space(text, at)
    if peek(text, at) == "]":
        return at + 1
    while True:
        at = space(text, value(text, space(text, at)))
        following = peek(text, at)
        at += 1
        if following == "]":
            return at
        if following != ",":
            raise Bad


def members(text, at):
    at = space(text, at)
    if peek(text, at) == "}":
        return at + 1
    while True:
        at = space(text, at)
        if peek(text, at) != '"':
            raise Bad
        at = space(text, string_end(text, at + 1))
        if peek(text, at) != ":":
            raise Bad
        at = space(text, value(text, space(text, at + 1)))
        following = peek(text, at)
        at += 1
        if following == "}":
            return at
        if following != ",":
            raise Bad


# %% wrong: a literal is known by its first letter | expects: literal
import string


class Ended(Exception):
    pass


class Bad(Exception):
    pass


def is_json_prefix(text):
    try:
        end = space(text, value(text, space(text, 0)))
    except Ended:
        return True
    except Bad:
        return False
    return end == len(text)


def peek(text, at):
    if at >= len(text):
        raise Ended
    return text[at]


def space(text, at):
    while at < len(text) and text[at] in " \t\n\r":
        at += 1
    return at


def value(text, at):
    first = peek(text, at)
    if first == "{":
        return members(text, at + 1)
    if first == "[":
        return items(text, at + 1)
    if first == '"':
        return string_end(text, at + 1)
    if first == "-" or first in string.digits:
        return number(text, at)
    for word in ("true", "false", "null"):
        if first == word[0]:
            return literal(text, at, word)
    raise Bad


def literal(text, at, word):
    while at < len(text) and text[at].isalpha():
        at += 1
    return at


def string_end(text, at):
    while (character := peek(text, at)) != '"':
        if character < " ":
            raise Bad
        at += 1
        if character == "\\":
            escape = peek(text, at)
            at += 1
            if escape == "u":
                for _ in range(4):
                    if peek(text, at) not in string.hexdigits:
                        raise Bad
                    at += 1
            elif escape not in '"\\/bfnrt':
                raise Bad
    return at + 1


def digits(text, at):
    if peek(text, at) not in string.digits:
        raise Bad
    while at < len(text) and text[at] in string.digits:
        at += 1
    return at


def number(text, at):
    if text[at] == "-":
        at += 1
    if peek(text, at) == "0":
        at += 1
    else:
        at = digits(text, at)
    if at < len(text) and text[at] == ".":
        at = digits(text, at + 1)
    if at < len(text) and text[at] in "eE":
        at += 1
        if peek(text, at) in "+-":
            at += 1
        at = digits(text, at)
    return at


def items(text, at):
    at = space(text, at)
    if peek(text, at) == "]":
        return at + 1
    while True:
        at = space(text, value(text, space(text, at)))
        following = peek(text, at)
        at += 1
        if following == "]":
            return at
        if following != ",":
            raise Bad


def members(text, at):
    at = space(text, at)
    if peek(text, at) == "}":
        return at + 1
    while True:
        at = space(text, at)
        if peek(text, at) != '"':
            raise Bad
        at = space(text, string_end(text, at + 1))
        if peek(text, at) != ":":
            raise Bad
        at = space(text, value(text, space(text, at + 1)))
        following = peek(text, at)
        at += 1
        if following == "}":
            return at
        if following != ",":
            raise Bad


# %% wrong: a lone minus is no number yet | expects: minus / -
import string


class Ended(Exception):
    pass


class Bad(Exception):
    pass


def is_json_prefix(text):
    try:
        end = space(text, value(text, space(text, 0)))
    except Ended:
        return True
    except Bad:
        return False
    return end == len(text)


def peek(text, at):
    if at >= len(text):
        raise Ended
    return text[at]


def space(text, at):
    while at < len(text) and text[at] in " \t\n\r":
        at += 1
    return at


def value(text, at):
    first = peek(text, at)
    if first == "{":
        return members(text, at + 1)
    if first == "[":
        return items(text, at + 1)
    if first == '"':
        return string_end(text, at + 1)
    if first == "-" or first in string.digits:
        return number(text, at)
    for word in ("true", "false", "null"):
        if first == word[0]:
            return literal(text, at, word)
    raise Bad


def literal(text, at, word):
    for character in word:
        if peek(text, at) != character:
            raise Bad
        at += 1
    return at


def string_end(text, at):
    while (character := peek(text, at)) != '"':
        if character < " ":
            raise Bad
        at += 1
        if character == "\\":
            escape = peek(text, at)
            at += 1
            if escape == "u":
                for _ in range(4):
                    if peek(text, at) not in string.hexdigits:
                        raise Bad
                    at += 1
            elif escape not in '"\\/bfnrt':
                raise Bad
    return at + 1


def digits(text, at):
    if peek(text, at) not in string.digits:
        raise Bad
    while at < len(text) and text[at] in string.digits:
        at += 1
    return at


def number(text, at):
    if text[at] == "-":
        at += 1
        if at == len(text):
            raise Bad
    if peek(text, at) == "0":
        at += 1
    else:
        at = digits(text, at)
    if at < len(text) and text[at] == ".":
        at = digits(text, at + 1)
    if at < len(text) and text[at] in "eE":
        at += 1
        if peek(text, at) in "+-":
            at += 1
        at = digits(text, at)
    return at


def items(text, at):
    at = space(text, at)
    if peek(text, at) == "]":
        return at + 1
    while True:
        at = space(text, value(text, space(text, at)))
        following = peek(text, at)
        at += 1
        if following == "]":
            return at
        if following != ",":
            raise Bad


def members(text, at):
    at = space(text, at)
    if peek(text, at) == "}":
        return at + 1
    while True:
        at = space(text, at)
        if peek(text, at) != '"':
            raise Bad
        at = space(text, string_end(text, at + 1))
        if peek(text, at) != ":":
            raise Bad
        at = space(text, value(text, space(text, at + 1)))
        following = peek(text, at)
        at += 1
        if following == "}":
            return at
        if following != ",":
            raise Bad


# %% wrong: a number may not end in a point | expects: point / 1.
import string


class Ended(Exception):
    pass


class Bad(Exception):
    pass


def is_json_prefix(text):
    try:
        end = space(text, value(text, space(text, 0)))
    except Ended:
        return True
    except Bad:
        return False
    return end == len(text)


def peek(text, at):
    if at >= len(text):
        raise Ended
    return text[at]


def space(text, at):
    while at < len(text) and text[at] in " \t\n\r":
        at += 1
    return at


def value(text, at):
    first = peek(text, at)
    if first == "{":
        return members(text, at + 1)
    if first == "[":
        return items(text, at + 1)
    if first == '"':
        return string_end(text, at + 1)
    if first == "-" or first in string.digits:
        return number(text, at)
    for word in ("true", "false", "null"):
        if first == word[0]:
            return literal(text, at, word)
    raise Bad


def literal(text, at, word):
    for character in word:
        if peek(text, at) != character:
            raise Bad
        at += 1
    return at


def string_end(text, at):
    while (character := peek(text, at)) != '"':
        if character < " ":
            raise Bad
        at += 1
        if character == "\\":
            escape = peek(text, at)
            at += 1
            if escape == "u":
                for _ in range(4):
                    if peek(text, at) not in string.hexdigits:
                        raise Bad
                    at += 1
            elif escape not in '"\\/bfnrt':
                raise Bad
    return at + 1


def digits(text, at):
    if peek(text, at) not in string.digits:
        raise Bad
    while at < len(text) and text[at] in string.digits:
        at += 1
    return at


def number(text, at):
    if text[at] == "-":
        at += 1
    if peek(text, at) == "0":
        at += 1
    else:
        at = digits(text, at)
    if at < len(text) and text[at] == ".":
        if at + 1 == len(text):
            raise Bad
        at = digits(text, at + 1)
    if at < len(text) and text[at] in "eE":
        at += 1
        if peek(text, at) in "+-":
            at += 1
        at = digits(text, at)
    return at


def items(text, at):
    at = space(text, at)
    if peek(text, at) == "]":
        return at + 1
    while True:
        at = space(text, value(text, space(text, at)))
        following = peek(text, at)
        at += 1
        if following == "]":
            return at
        if following != ",":
            raise Bad


def members(text, at):
    at = space(text, at)
    if peek(text, at) == "}":
        return at + 1
    while True:
        at = space(text, at)
        if peek(text, at) != '"':
            raise Bad
        at = space(text, string_end(text, at + 1))
        if peek(text, at) != ":":
            raise Bad
        at = space(text, value(text, space(text, at + 1)))
        following = peek(text, at)
        at += 1
        if following == "}":
            return at
        if following != ",":
            raise Bad


# %% wrong: a number may not end in e | expects: exponent
import string


class Ended(Exception):
    pass


class Bad(Exception):
    pass


def is_json_prefix(text):
    try:
        end = space(text, value(text, space(text, 0)))
    except Ended:
        return True
    except Bad:
        return False
    return end == len(text)


def peek(text, at):
    if at >= len(text):
        raise Ended
    return text[at]


def space(text, at):
    while at < len(text) and text[at] in " \t\n\r":
        at += 1
    return at


def value(text, at):
    first = peek(text, at)
    if first == "{":
        return members(text, at + 1)
    if first == "[":
        return items(text, at + 1)
    if first == '"':
        return string_end(text, at + 1)
    if first == "-" or first in string.digits:
        return number(text, at)
    for word in ("true", "false", "null"):
        if first == word[0]:
            return literal(text, at, word)
    raise Bad


def literal(text, at, word):
    for character in word:
        if peek(text, at) != character:
            raise Bad
        at += 1
    return at


def string_end(text, at):
    while (character := peek(text, at)) != '"':
        if character < " ":
            raise Bad
        at += 1
        if character == "\\":
            escape = peek(text, at)
            at += 1
            if escape == "u":
                for _ in range(4):
                    if peek(text, at) not in string.hexdigits:
                        raise Bad
                    at += 1
            elif escape not in '"\\/bfnrt':
                raise Bad
    return at + 1


def digits(text, at):
    if peek(text, at) not in string.digits:
        raise Bad
    while at < len(text) and text[at] in string.digits:
        at += 1
    return at


def number(text, at):
    if text[at] == "-":
        at += 1
    if peek(text, at) == "0":
        at += 1
    else:
        at = digits(text, at)
    if at < len(text) and text[at] == ".":
        at = digits(text, at + 1)
    if at < len(text) and text[at] in "eE":
        at += 1
        if at == len(text):
            raise Bad
        if peek(text, at) in "+-":
            at += 1
        at = digits(text, at)
    return at


def items(text, at):
    at = space(text, at)
    if peek(text, at) == "]":
        return at + 1
    while True:
        at = space(text, value(text, space(text, at)))
        following = peek(text, at)
        at += 1
        if following == "]":
            return at
        if following != ",":
            raise Bad


def members(text, at):
    at = space(text, at)
    if peek(text, at) == "}":
        return at + 1
    while True:
        at = space(text, at)
        if peek(text, at) != '"':
            raise Bad
        at = space(text, string_end(text, at + 1))
        if peek(text, at) != ":":
            raise Bad
        at = space(text, value(text, space(text, at + 1)))
        following = peek(text, at)
        at += 1
        if following == "}":
            return at
        if following != ",":
            raise Bad


# %% wrong: a number may not end in e+ | expects: exponent
import string


class Ended(Exception):
    pass


class Bad(Exception):
    pass


def is_json_prefix(text):
    try:
        end = space(text, value(text, space(text, 0)))
    except Ended:
        return True
    except Bad:
        return False
    return end == len(text)


def peek(text, at):
    if at >= len(text):
        raise Ended
    return text[at]


def space(text, at):
    while at < len(text) and text[at] in " \t\n\r":
        at += 1
    return at


def value(text, at):
    first = peek(text, at)
    if first == "{":
        return members(text, at + 1)
    if first == "[":
        return items(text, at + 1)
    if first == '"':
        return string_end(text, at + 1)
    if first == "-" or first in string.digits:
        return number(text, at)
    for word in ("true", "false", "null"):
        if first == word[0]:
            return literal(text, at, word)
    raise Bad


def literal(text, at, word):
    for character in word:
        if peek(text, at) != character:
            raise Bad
        at += 1
    return at


def string_end(text, at):
    while (character := peek(text, at)) != '"':
        if character < " ":
            raise Bad
        at += 1
        if character == "\\":
            escape = peek(text, at)
            at += 1
            if escape == "u":
                for _ in range(4):
                    if peek(text, at) not in string.hexdigits:
                        raise Bad
                    at += 1
            elif escape not in '"\\/bfnrt':
                raise Bad
    return at + 1


def digits(text, at):
    if peek(text, at) not in string.digits:
        raise Bad
    while at < len(text) and text[at] in string.digits:
        at += 1
    return at


def number(text, at):
    if text[at] == "-":
        at += 1
    if peek(text, at) == "0":
        at += 1
    else:
        at = digits(text, at)
    if at < len(text) and text[at] == ".":
        at = digits(text, at + 1)
    if at < len(text) and text[at] in "eE":
        at += 1
        if peek(text, at) in "+-":
            at += 1
            if at == len(text):
                raise Bad
        at = digits(text, at)
    return at


def items(text, at):
    at = space(text, at)
    if peek(text, at) == "]":
        return at + 1
    while True:
        at = space(text, value(text, space(text, at)))
        following = peek(text, at)
        at += 1
        if following == "]":
            return at
        if following != ",":
            raise Bad


def members(text, at):
    at = space(text, at)
    if peek(text, at) == "}":
        return at + 1
    while True:
        at = space(text, at)
        if peek(text, at) != '"':
            raise Bad
        at = space(text, string_end(text, at + 1))
        if peek(text, at) != ":":
            raise Bad
        at = space(text, value(text, space(text, at + 1)))
        following = peek(text, at)
        at += 1
        if following == "}":
            return at
        if following != ",":
            raise Bad


# %% wrong: leading zeros | expects: zero
import string


class Ended(Exception):
    pass


class Bad(Exception):
    pass


def is_json_prefix(text):
    try:
        end = space(text, value(text, space(text, 0)))
    except Ended:
        return True
    except Bad:
        return False
    return end == len(text)


def peek(text, at):
    if at >= len(text):
        raise Ended
    return text[at]


def space(text, at):
    while at < len(text) and text[at] in " \t\n\r":
        at += 1
    return at


def value(text, at):
    first = peek(text, at)
    if first == "{":
        return members(text, at + 1)
    if first == "[":
        return items(text, at + 1)
    if first == '"':
        return string_end(text, at + 1)
    if first == "-" or first in string.digits:
        return number(text, at)
    for word in ("true", "false", "null"):
        if first == word[0]:
            return literal(text, at, word)
    raise Bad


def literal(text, at, word):
    for character in word:
        if peek(text, at) != character:
            raise Bad
        at += 1
    return at


def string_end(text, at):
    while (character := peek(text, at)) != '"':
        if character < " ":
            raise Bad
        at += 1
        if character == "\\":
            escape = peek(text, at)
            at += 1
            if escape == "u":
                for _ in range(4):
                    if peek(text, at) not in string.hexdigits:
                        raise Bad
                    at += 1
            elif escape not in '"\\/bfnrt':
                raise Bad
    return at + 1


def digits(text, at):
    if peek(text, at) not in string.digits:
        raise Bad
    while at < len(text) and text[at] in string.digits:
        at += 1
    return at


def number(text, at):
    if text[at] == "-":
        at += 1
    at = digits(text, at)
    if at < len(text) and text[at] == ".":
        at = digits(text, at + 1)
    if at < len(text) and text[at] in "eE":
        at += 1
        if peek(text, at) in "+-":
            at += 1
        at = digits(text, at)
    return at


def items(text, at):
    at = space(text, at)
    if peek(text, at) == "]":
        return at + 1
    while True:
        at = space(text, value(text, space(text, at)))
        following = peek(text, at)
        at += 1
        if following == "]":
            return at
        if following != ",":
            raise Bad


def members(text, at):
    at = space(text, at)
    if peek(text, at) == "}":
        return at + 1
    while True:
        at = space(text, at)
        if peek(text, at) != '"':
            raise Bad
        at = space(text, string_end(text, at + 1))
        if peek(text, at) != ":":
            raise Bad
        at = space(text, value(text, space(text, at + 1)))
        following = peek(text, at)
        at += 1
        if following == "}":
            return at
        if following != ",":
            raise Bad


# %% wrong: a plus sign | expects: plus / +
import string


class Ended(Exception):
    pass


class Bad(Exception):
    pass


def is_json_prefix(text):
    try:
        end = space(text, value(text, space(text, 0)))
    except Ended:
        return True
    except Bad:
        return False
    return end == len(text)


def peek(text, at):
    if at >= len(text):
        raise Ended
    return text[at]


def space(text, at):
    while at < len(text) and text[at] in " \t\n\r":
        at += 1
    return at


def value(text, at):
    first = peek(text, at)
    if first == "{":
        return members(text, at + 1)
    if first == "[":
        return items(text, at + 1)
    if first == '"':
        return string_end(text, at + 1)
    if first in "+-" or first in string.digits:
        return number(text, at)
    for word in ("true", "false", "null"):
        if first == word[0]:
            return literal(text, at, word)
    raise Bad


def literal(text, at, word):
    for character in word:
        if peek(text, at) != character:
            raise Bad
        at += 1
    return at


def string_end(text, at):
    while (character := peek(text, at)) != '"':
        if character < " ":
            raise Bad
        at += 1
        if character == "\\":
            escape = peek(text, at)
            at += 1
            if escape == "u":
                for _ in range(4):
                    if peek(text, at) not in string.hexdigits:
                        raise Bad
                    at += 1
            elif escape not in '"\\/bfnrt':
                raise Bad
    return at + 1


def digits(text, at):
    if peek(text, at) not in string.digits:
        raise Bad
    while at < len(text) and text[at] in string.digits:
        at += 1
    return at


def number(text, at):
    if text[at] in "+-":
        at += 1
    if peek(text, at) == "0":
        at += 1
    else:
        at = digits(text, at)
    if at < len(text) and text[at] == ".":
        at = digits(text, at + 1)
    if at < len(text) and text[at] in "eE":
        at += 1
        if peek(text, at) in "+-":
            at += 1
        at = digits(text, at)
    return at


def items(text, at):
    at = space(text, at)
    if peek(text, at) == "]":
        return at + 1
    while True:
        at = space(text, value(text, space(text, at)))
        following = peek(text, at)
        at += 1
        if following == "]":
            return at
        if following != ",":
            raise Bad


def members(text, at):
    at = space(text, at)
    if peek(text, at) == "}":
        return at + 1
    while True:
        at = space(text, at)
        if peek(text, at) != '"':
            raise Bad
        at = space(text, string_end(text, at + 1))
        if peek(text, at) != ":":
            raise Bad
        at = space(text, value(text, space(text, at + 1)))
        following = peek(text, at)
        at += 1
        if following == "}":
            return at
        if following != ",":
            raise Bad


# %% wrong: a number may begin with a point | expects: point
import string


class Ended(Exception):
    pass


class Bad(Exception):
    pass


def is_json_prefix(text):
    try:
        end = space(text, value(text, space(text, 0)))
    except Ended:
        return True
    except Bad:
        return False
    return end == len(text)


def peek(text, at):
    if at >= len(text):
        raise Ended
    return text[at]


def space(text, at):
    while at < len(text) and text[at] in " \t\n\r":
        at += 1
    return at


def value(text, at):
    first = peek(text, at)
    if first == "{":
        return members(text, at + 1)
    if first == "[":
        return items(text, at + 1)
    if first == '"':
        return string_end(text, at + 1)
    if first in "-." or first in string.digits:
        return number(text, at)
    for word in ("true", "false", "null"):
        if first == word[0]:
            return literal(text, at, word)
    raise Bad


def literal(text, at, word):
    for character in word:
        if peek(text, at) != character:
            raise Bad
        at += 1
    return at


def string_end(text, at):
    while (character := peek(text, at)) != '"':
        if character < " ":
            raise Bad
        at += 1
        if character == "\\":
            escape = peek(text, at)
            at += 1
            if escape == "u":
                for _ in range(4):
                    if peek(text, at) not in string.hexdigits:
                        raise Bad
                    at += 1
            elif escape not in '"\\/bfnrt':
                raise Bad
    return at + 1


def digits(text, at):
    if peek(text, at) not in string.digits:
        raise Bad
    while at < len(text) and text[at] in string.digits:
        at += 1
    return at


def number(text, at):
    if text[at] == "-":
        at += 1
    if text[at : at + 1] == ".":
        pass
    elif peek(text, at) == "0":
        at += 1
    else:
        at = digits(text, at)
    if at < len(text) and text[at] == ".":
        at = digits(text, at + 1)
    if at < len(text) and text[at] in "eE":
        at += 1
        if peek(text, at) in "+-":
            at += 1
        at = digits(text, at)
    return at


def items(text, at):
    at = space(text, at)
    if peek(text, at) == "]":
        return at + 1
    while True:
        at = space(text, value(text, space(text, at)))
        following = peek(text, at)
        at += 1
        if following == "]":
            return at
        if following != ",":
            raise Bad


def members(text, at):
    at = space(text, at)
    if peek(text, at) == "}":
        return at + 1
    while True:
        at = space(text, at)
        if peek(text, at) != '"':
            raise Bad
        at = space(text, string_end(text, at + 1))
        if peek(text, at) != ":":
            raise Bad
        at = space(text, value(text, space(text, at + 1)))
        following = peek(text, at)
        at += 1
        if following == "}":
            return at
        if following != ",":
            raise Bad


# %% wrong: an exponent straight after the point | expects: point / digit
import string


class Ended(Exception):
    pass


class Bad(Exception):
    pass


def is_json_prefix(text):
    try:
        end = space(text, value(text, space(text, 0)))
    except Ended:
        return True
    except Bad:
        return False
    return end == len(text)


def peek(text, at):
    if at >= len(text):
        raise Ended
    return text[at]


def space(text, at):
    while at < len(text) and text[at] in " \t\n\r":
        at += 1
    return at


def value(text, at):
    first = peek(text, at)
    if first == "{":
        return members(text, at + 1)
    if first == "[":
        return items(text, at + 1)
    if first == '"':
        return string_end(text, at + 1)
    if first == "-" or first in string.digits:
        return number(text, at)
    for word in ("true", "false", "null"):
        if first == word[0]:
            return literal(text, at, word)
    raise Bad


def literal(text, at, word):
    for character in word:
        if peek(text, at) != character:
            raise Bad
        at += 1
    return at


def string_end(text, at):
    while (character := peek(text, at)) != '"':
        if character < " ":
            raise Bad
        at += 1
        if character == "\\":
            escape = peek(text, at)
            at += 1
            if escape == "u":
                for _ in range(4):
                    if peek(text, at) not in string.hexdigits:
                        raise Bad
                    at += 1
            elif escape not in '"\\/bfnrt':
                raise Bad
    return at + 1


def digits(text, at):
    if peek(text, at) not in string.digits:
        raise Bad
    while at < len(text) and text[at] in string.digits:
        at += 1
    return at


def number(text, at):
    if text[at] == "-":
        at += 1
    if peek(text, at) == "0":
        at += 1
    else:
        at = digits(text, at)
    if at < len(text) and text[at] == ".":
        at += 1
        while at < len(text) and text[at] in string.digits:
            at += 1
    if at < len(text) and text[at] in "eE":
        at += 1
        if peek(text, at) in "+-":
            at += 1
        at = digits(text, at)
    return at


def items(text, at):
    at = space(text, at)
    if peek(text, at) == "]":
        return at + 1
    while True:
        at = space(text, value(text, space(text, at)))
        following = peek(text, at)
        at += 1
        if following == "]":
            return at
        if following != ",":
            raise Bad


def members(text, at):
    at = space(text, at)
    if peek(text, at) == "}":
        return at + 1
    while True:
        at = space(text, at)
        if peek(text, at) != '"':
            raise Bad
        at = space(text, string_end(text, at + 1))
        if peek(text, at) != ":":
            raise Bad
        at = space(text, value(text, space(text, at + 1)))
        following = peek(text, at)
        at += 1
        if following == "}":
            return at
        if following != ",":
            raise Bad


# %% wrong: any mix of digits, points, signs and e is a number | expects: number / digit / point / zero
import string


class Ended(Exception):
    pass


class Bad(Exception):
    pass


def is_json_prefix(text):
    try:
        end = space(text, value(text, space(text, 0)))
    except Ended:
        return True
    except Bad:
        return False
    return end == len(text)


def peek(text, at):
    if at >= len(text):
        raise Ended
    return text[at]


def space(text, at):
    while at < len(text) and text[at] in " \t\n\r":
        at += 1
    return at


def value(text, at):
    first = peek(text, at)
    if first == "{":
        return members(text, at + 1)
    if first == "[":
        return items(text, at + 1)
    if first == '"':
        return string_end(text, at + 1)
    if first == "-" or first in string.digits:
        return number(text, at)
    for word in ("true", "false", "null"):
        if first == word[0]:
            return literal(text, at, word)
    raise Bad


def literal(text, at, word):
    for character in word:
        if peek(text, at) != character:
            raise Bad
        at += 1
    return at


def string_end(text, at):
    while (character := peek(text, at)) != '"':
        if character < " ":
            raise Bad
        at += 1
        if character == "\\":
            escape = peek(text, at)
            at += 1
            if escape == "u":
                for _ in range(4):
                    if peek(text, at) not in string.hexdigits:
                        raise Bad
                    at += 1
            elif escape not in '"\\/bfnrt':
                raise Bad
    return at + 1


def digits(text, at):
    if peek(text, at) not in string.digits:
        raise Bad
    while at < len(text) and text[at] in string.digits:
        at += 1
    return at


def number(text, at):
    while at < len(text) and text[at] in "0123456789+-.eE":
        at += 1
    return at
    if peek(text, at) == "0":
        at += 1
    else:
        at = digits(text, at)
    if at < len(text) and text[at] == ".":
        at = digits(text, at + 1)
    if at < len(text) and text[at] in "eE":
        at += 1
        if peek(text, at) in "+-":
            at += 1
        at = digits(text, at)
    return at


def items(text, at):
    at = space(text, at)
    if peek(text, at) == "]":
        return at + 1
    while True:
        at = space(text, value(text, space(text, at)))
        following = peek(text, at)
        at += 1
        if following == "]":
            return at
        if following != ",":
            raise Bad


def members(text, at):
    at = space(text, at)
    if peek(text, at) == "}":
        return at + 1
    while True:
        at = space(text, at)
        if peek(text, at) != '"':
            raise Bad
        at = space(text, string_end(text, at + 1))
        if peek(text, at) != ":":
            raise Bad
        at = space(text, value(text, space(text, at + 1)))
        following = peek(text, at)
        at += 1
        if following == "}":
            return at
        if following != ",":
            raise Bad


# %% wrong: no exponents | expects: exponent
import string


class Ended(Exception):
    pass


class Bad(Exception):
    pass


def is_json_prefix(text):
    try:
        end = space(text, value(text, space(text, 0)))
    except Ended:
        return True
    except Bad:
        return False
    return end == len(text)


def peek(text, at):
    if at >= len(text):
        raise Ended
    return text[at]


def space(text, at):
    while at < len(text) and text[at] in " \t\n\r":
        at += 1
    return at


def value(text, at):
    first = peek(text, at)
    if first == "{":
        return members(text, at + 1)
    if first == "[":
        return items(text, at + 1)
    if first == '"':
        return string_end(text, at + 1)
    if first == "-" or first in string.digits:
        return number(text, at)
    for word in ("true", "false", "null"):
        if first == word[0]:
            return literal(text, at, word)
    raise Bad


def literal(text, at, word):
    for character in word:
        if peek(text, at) != character:
            raise Bad
        at += 1
    return at


def string_end(text, at):
    while (character := peek(text, at)) != '"':
        if character < " ":
            raise Bad
        at += 1
        if character == "\\":
            escape = peek(text, at)
            at += 1
            if escape == "u":
                for _ in range(4):
                    if peek(text, at) not in string.hexdigits:
                        raise Bad
                    at += 1
            elif escape not in '"\\/bfnrt':
                raise Bad
    return at + 1


def digits(text, at):
    if peek(text, at) not in string.digits:
        raise Bad
    while at < len(text) and text[at] in string.digits:
        at += 1
    return at


def number(text, at):
    if text[at] == "-":
        at += 1
    if peek(text, at) == "0":
        at += 1
    else:
        at = digits(text, at)
    if at < len(text) and text[at] == ".":
        at = digits(text, at + 1)
    if at < len(text) and text[at] in "":
        at += 1
        if peek(text, at) in "+-":
            at += 1
        at = digits(text, at)
    return at


def items(text, at):
    at = space(text, at)
    if peek(text, at) == "]":
        return at + 1
    while True:
        at = space(text, value(text, space(text, at)))
        following = peek(text, at)
        at += 1
        if following == "]":
            return at
        if following != ",":
            raise Bad


def members(text, at):
    at = space(text, at)
    if peek(text, at) == "}":
        return at + 1
    while True:
        at = space(text, at)
        if peek(text, at) != '"':
            raise Bad
        at = space(text, string_end(text, at + 1))
        if peek(text, at) != ":":
            raise Bad
        at = space(text, value(text, space(text, at + 1)))
        following = peek(text, at)
        at += 1
        if following == "}":
            return at
        if following != ",":
            raise Bad


# %% wrong: no capital E | expects: exponent / capital / E
import string


class Ended(Exception):
    pass


class Bad(Exception):
    pass


def is_json_prefix(text):
    try:
        end = space(text, value(text, space(text, 0)))
    except Ended:
        return True
    except Bad:
        return False
    return end == len(text)


def peek(text, at):
    if at >= len(text):
        raise Ended
    return text[at]


def space(text, at):
    while at < len(text) and text[at] in " \t\n\r":
        at += 1
    return at


def value(text, at):
    first = peek(text, at)
    if first == "{":
        return members(text, at + 1)
    if first == "[":
        return items(text, at + 1)
    if first == '"':
        return string_end(text, at + 1)
    if first == "-" or first in string.digits:
        return number(text, at)
    for word in ("true", "false", "null"):
        if first == word[0]:
            return literal(text, at, word)
    raise Bad


def literal(text, at, word):
    for character in word:
        if peek(text, at) != character:
            raise Bad
        at += 1
    return at


def string_end(text, at):
    while (character := peek(text, at)) != '"':
        if character < " ":
            raise Bad
        at += 1
        if character == "\\":
            escape = peek(text, at)
            at += 1
            if escape == "u":
                for _ in range(4):
                    if peek(text, at) not in string.hexdigits:
                        raise Bad
                    at += 1
            elif escape not in '"\\/bfnrt':
                raise Bad
    return at + 1


def digits(text, at):
    if peek(text, at) not in string.digits:
        raise Bad
    while at < len(text) and text[at] in string.digits:
        at += 1
    return at


def number(text, at):
    if text[at] == "-":
        at += 1
    if peek(text, at) == "0":
        at += 1
    else:
        at = digits(text, at)
    if at < len(text) and text[at] == ".":
        at = digits(text, at + 1)
    if at < len(text) and text[at] == "e":
        at += 1
        if peek(text, at) in "+-":
            at += 1
        at = digits(text, at)
    return at


def items(text, at):
    at = space(text, at)
    if peek(text, at) == "]":
        return at + 1
    while True:
        at = space(text, value(text, space(text, at)))
        following = peek(text, at)
        at += 1
        if following == "]":
            return at
        if following != ",":
            raise Bad


def members(text, at):
    at = space(text, at)
    if peek(text, at) == "}":
        return at + 1
    while True:
        at = space(text, at)
        if peek(text, at) != '"':
            raise Bad
        at = space(text, string_end(text, at + 1))
        if peek(text, at) != ":":
            raise Bad
        at = space(text, value(text, space(text, at + 1)))
        following = peek(text, at)
        at += 1
        if following == "}":
            return at
        if following != ",":
            raise Bad


# %% wrong: any character may be escaped | expects: escape
import string


class Ended(Exception):
    pass


class Bad(Exception):
    pass


def is_json_prefix(text):
    try:
        end = space(text, value(text, space(text, 0)))
    except Ended:
        return True
    except Bad:
        return False
    return end == len(text)


def peek(text, at):
    if at >= len(text):
        raise Ended
    return text[at]


def space(text, at):
    while at < len(text) and text[at] in " \t\n\r":
        at += 1
    return at


def value(text, at):
    first = peek(text, at)
    if first == "{":
        return members(text, at + 1)
    if first == "[":
        return items(text, at + 1)
    if first == '"':
        return string_end(text, at + 1)
    if first == "-" or first in string.digits:
        return number(text, at)
    for word in ("true", "false", "null"):
        if first == word[0]:
            return literal(text, at, word)
    raise Bad


def literal(text, at, word):
    for character in word:
        if peek(text, at) != character:
            raise Bad
        at += 1
    return at


def string_end(text, at):
    while (character := peek(text, at)) != '"':
        if character < " ":
            raise Bad
        at += 1
        if character == "\\":
            escape = peek(text, at)
            at += 1
            if escape == "u":
                for _ in range(4):
                    if peek(text, at) not in string.hexdigits:
                        raise Bad
                    at += 1
    return at + 1


def digits(text, at):
    if peek(text, at) not in string.digits:
        raise Bad
    while at < len(text) and text[at] in string.digits:
        at += 1
    return at


def number(text, at):
    if text[at] == "-":
        at += 1
    if peek(text, at) == "0":
        at += 1
    else:
        at = digits(text, at)
    if at < len(text) and text[at] == ".":
        at = digits(text, at + 1)
    if at < len(text) and text[at] in "eE":
        at += 1
        if peek(text, at) in "+-":
            at += 1
        at = digits(text, at)
    return at


def items(text, at):
    at = space(text, at)
    if peek(text, at) == "]":
        return at + 1
    while True:
        at = space(text, value(text, space(text, at)))
        following = peek(text, at)
        at += 1
        if following == "]":
            return at
        if following != ",":
            raise Bad


def members(text, at):
    at = space(text, at)
    if peek(text, at) == "}":
        return at + 1
    while True:
        at = space(text, at)
        if peek(text, at) != '"':
            raise Bad
        at = space(text, string_end(text, at + 1))
        if peek(text, at) != ":":
            raise Bad
        at = space(text, value(text, space(text, at + 1)))
        following = peek(text, at)
        at += 1
        if following == "}":
            return at
        if following != ",":
            raise Bad


# %% wrong: no hexadecimal escapes | expects: escape
import string


class Ended(Exception):
    pass


class Bad(Exception):
    pass


def is_json_prefix(text):
    try:
        end = space(text, value(text, space(text, 0)))
    except Ended:
        return True
    except Bad:
        return False
    return end == len(text)


def peek(text, at):
    if at >= len(text):
        raise Ended
    return text[at]


def space(text, at):
    while at < len(text) and text[at] in " \t\n\r":
        at += 1
    return at


def value(text, at):
    first = peek(text, at)
    if first == "{":
        return members(text, at + 1)
    if first == "[":
        return items(text, at + 1)
    if first == '"':
        return string_end(text, at + 1)
    if first == "-" or first in string.digits:
        return number(text, at)
    for word in ("true", "false", "null"):
        if first == word[0]:
            return literal(text, at, word)
    raise Bad


def literal(text, at, word):
    for character in word:
        if peek(text, at) != character:
            raise Bad
        at += 1
    return at


def string_end(text, at):
    while (character := peek(text, at)) != '"':
        if character < " ":
            raise Bad
        at += 1
        if character == "\\":
            escape = peek(text, at)
            at += 1
            if escape == "?":
                for _ in range(4):
                    if peek(text, at) not in string.hexdigits:
                        raise Bad
                    at += 1
            elif escape not in '"\\/bfnrt':
                raise Bad
    return at + 1


def digits(text, at):
    if peek(text, at) not in string.digits:
        raise Bad
    while at < len(text) and text[at] in string.digits:
        at += 1
    return at


def number(text, at):
    if text[at] == "-":
        at += 1
    if peek(text, at) == "0":
        at += 1
    else:
        at = digits(text, at)
    if at < len(text) and text[at] == ".":
        at = digits(text, at + 1)
    if at < len(text) and text[at] in "eE":
        at += 1
        if peek(text, at) in "+-":
            at += 1
        at = digits(text, at)
    return at


def items(text, at):
    at = space(text, at)
    if peek(text, at) == "]":
        return at + 1
    while True:
        at = space(text, value(text, space(text, at)))
        following = peek(text, at)
        at += 1
        if following == "]":
            return at
        if following != ",":
            raise Bad


def members(text, at):
    at = space(text, at)
    if peek(text, at) == "}":
        return at + 1
    while True:
        at = space(text, at)
        if peek(text, at) != '"':
            raise Bad
        at = space(text, string_end(text, at + 1))
        if peek(text, at) != ":":
            raise Bad
        at = space(text, value(text, space(text, at + 1)))
        following = peek(text, at)
        at += 1
        if following == "}":
            return at
        if following != ",":
            raise Bad


# %% wrong: \\u without its four digits | expects: escape / hexadecimal / \u
import string


class Ended(Exception):
    pass


class Bad(Exception):
    pass


def is_json_prefix(text):
    try:
        end = space(text, value(text, space(text, 0)))
    except Ended:
        return True
    except Bad:
        return False
    return end == len(text)


def peek(text, at):
    if at >= len(text):
        raise Ended
    return text[at]


def space(text, at):
    while at < len(text) and text[at] in " \t\n\r":
        at += 1
    return at


def value(text, at):
    first = peek(text, at)
    if first == "{":
        return members(text, at + 1)
    if first == "[":
        return items(text, at + 1)
    if first == '"':
        return string_end(text, at + 1)
    if first == "-" or first in string.digits:
        return number(text, at)
    for word in ("true", "false", "null"):
        if first == word[0]:
            return literal(text, at, word)
    raise Bad


def literal(text, at, word):
    for character in word:
        if peek(text, at) != character:
            raise Bad
        at += 1
    return at


def string_end(text, at):
    while (character := peek(text, at)) != '"':
        if character < " ":
            raise Bad
        at += 1
        if character == "\\":
            escape = peek(text, at)
            at += 1
            if escape == "u":
                continue
            if escape == "?":
                for _ in range(4):
                    if peek(text, at) not in string.hexdigits:
                        raise Bad
                    at += 1
            elif escape not in '"\\/bfnrt':
                raise Bad
    return at + 1


def digits(text, at):
    if peek(text, at) not in string.digits:
        raise Bad
    while at < len(text) and text[at] in string.digits:
        at += 1
    return at


def number(text, at):
    if text[at] == "-":
        at += 1
    if peek(text, at) == "0":
        at += 1
    else:
        at = digits(text, at)
    if at < len(text) and text[at] == ".":
        at = digits(text, at + 1)
    if at < len(text) and text[at] in "eE":
        at += 1
        if peek(text, at) in "+-":
            at += 1
        at = digits(text, at)
    return at


def items(text, at):
    at = space(text, at)
    if peek(text, at) == "]":
        return at + 1
    while True:
        at = space(text, value(text, space(text, at)))
        following = peek(text, at)
        at += 1
        if following == "]":
            return at
        if following != ",":
            raise Bad


def members(text, at):
    at = space(text, at)
    if peek(text, at) == "}":
        return at + 1
    while True:
        at = space(text, at)
        if peek(text, at) != '"':
            raise Bad
        at = space(text, string_end(text, at + 1))
        if peek(text, at) != ":":
            raise Bad
        at = space(text, value(text, space(text, at + 1)))
        following = peek(text, at)
        at += 1
        if following == "}":
            return at
        if following != ",":
            raise Bad


# %% wrong: a hexadecimal escape must be whole | expects: escape / hexadecimal / \u
import string


class Ended(Exception):
    pass


class Bad(Exception):
    pass


def is_json_prefix(text):
    try:
        end = space(text, value(text, space(text, 0)))
    except Ended:
        return True
    except Bad:
        return False
    return end == len(text)


def peek(text, at):
    if at >= len(text):
        raise Ended
    return text[at]


def space(text, at):
    while at < len(text) and text[at] in " \t\n\r":
        at += 1
    return at


def value(text, at):
    first = peek(text, at)
    if first == "{":
        return members(text, at + 1)
    if first == "[":
        return items(text, at + 1)
    if first == '"':
        return string_end(text, at + 1)
    if first == "-" or first in string.digits:
        return number(text, at)
    for word in ("true", "false", "null"):
        if first == word[0]:
            return literal(text, at, word)
    raise Bad


def literal(text, at, word):
    for character in word:
        if peek(text, at) != character:
            raise Bad
        at += 1
    return at


def string_end(text, at):
    while (character := peek(text, at)) != '"':
        if character < " ":
            raise Bad
        at += 1
        if character == "\\":
            escape = peek(text, at)
            at += 1
            if escape == "u":
                for _ in range(4):
                    if at >= len(text) or text[at] not in string.hexdigits:
                        raise Bad
                    at += 1
            elif escape not in '"\\/bfnrt':
                raise Bad
    return at + 1


def digits(text, at):
    if peek(text, at) not in string.digits:
        raise Bad
    while at < len(text) and text[at] in string.digits:
        at += 1
    return at


def number(text, at):
    if text[at] == "-":
        at += 1
    if peek(text, at) == "0":
        at += 1
    else:
        at = digits(text, at)
    if at < len(text) and text[at] == ".":
        at = digits(text, at + 1)
    if at < len(text) and text[at] in "eE":
        at += 1
        if peek(text, at) in "+-":
            at += 1
        at = digits(text, at)
    return at


def items(text, at):
    at = space(text, at)
    if peek(text, at) == "]":
        return at + 1
    while True:
        at = space(text, value(text, space(text, at)))
        following = peek(text, at)
        at += 1
        if following == "]":
            return at
        if following != ",":
            raise Bad


def members(text, at):
    at = space(text, at)
    if peek(text, at) == "}":
        return at + 1
    while True:
        at = space(text, at)
        if peek(text, at) != '"':
            raise Bad
        at = space(text, string_end(text, at + 1))
        if peek(text, at) != ":":
            raise Bad
        at = space(text, value(text, space(text, at + 1)))
        following = peek(text, at)
        at += 1
        if following == "}":
            return at
        if following != ",":
            raise Bad


# %% wrong: a backslash may not end the text | expects: escape / backslash
import string


class Ended(Exception):
    pass


class Bad(Exception):
    pass


def is_json_prefix(text):
    try:
        end = space(text, value(text, space(text, 0)))
    except Ended:
        return True
    except Bad:
        return False
    return end == len(text)


def peek(text, at):
    if at >= len(text):
        raise Ended
    return text[at]


def space(text, at):
    while at < len(text) and text[at] in " \t\n\r":
        at += 1
    return at


def value(text, at):
    first = peek(text, at)
    if first == "{":
        return members(text, at + 1)
    if first == "[":
        return items(text, at + 1)
    if first == '"':
        return string_end(text, at + 1)
    if first == "-" or first in string.digits:
        return number(text, at)
    for word in ("true", "false", "null"):
        if first == word[0]:
            return literal(text, at, word)
    raise Bad


def literal(text, at, word):
    for character in word:
        if peek(text, at) != character:
            raise Bad
        at += 1
    return at


def string_end(text, at):
    while (character := peek(text, at)) != '"':
        if character < " ":
            raise Bad
        at += 1
        if character == "\\":
            if at == len(text):
                raise Bad
            escape = peek(text, at)
            at += 1
            if escape == "u":
                for _ in range(4):
                    if peek(text, at) not in string.hexdigits:
                        raise Bad
                    at += 1
            elif escape not in '"\\/bfnrt':
                raise Bad
    return at + 1


def digits(text, at):
    if peek(text, at) not in string.digits:
        raise Bad
    while at < len(text) and text[at] in string.digits:
        at += 1
    return at


def number(text, at):
    if text[at] == "-":
        at += 1
    if peek(text, at) == "0":
        at += 1
    else:
        at = digits(text, at)
    if at < len(text) and text[at] == ".":
        at = digits(text, at + 1)
    if at < len(text) and text[at] in "eE":
        at += 1
        if peek(text, at) in "+-":
            at += 1
        at = digits(text, at)
    return at


def items(text, at):
    at = space(text, at)
    if peek(text, at) == "]":
        return at + 1
    while True:
        at = space(text, value(text, space(text, at)))
        following = peek(text, at)
        at += 1
        if following == "]":
            return at
        if following != ",":
            raise Bad


def members(text, at):
    at = space(text, at)
    if peek(text, at) == "}":
        return at + 1
    while True:
        at = space(text, at)
        if peek(text, at) != '"':
            raise Bad
        at = space(text, string_end(text, at + 1))
        if peek(text, at) != ":":
            raise Bad
        at = space(text, value(text, space(text, at + 1)))
        following = peek(text, at)
        at += 1
        if following == "}":
            return at
        if following != ",":
            raise Bad


# %% wrong: hexadecimal digits in lower case only | expects: hexadecimal / escape / capital
import string


class Ended(Exception):
    pass


class Bad(Exception):
    pass


def is_json_prefix(text):
    try:
        end = space(text, value(text, space(text, 0)))
    except Ended:
        return True
    except Bad:
        return False
    return end == len(text)


def peek(text, at):
    if at >= len(text):
        raise Ended
    return text[at]


def space(text, at):
    while at < len(text) and text[at] in " \t\n\r":
        at += 1
    return at


def value(text, at):
    first = peek(text, at)
    if first == "{":
        return members(text, at + 1)
    if first == "[":
        return items(text, at + 1)
    if first == '"':
        return string_end(text, at + 1)
    if first == "-" or first in string.digits:
        return number(text, at)
    for word in ("true", "false", "null"):
        if first == word[0]:
            return literal(text, at, word)
    raise Bad


def literal(text, at, word):
    for character in word:
        if peek(text, at) != character:
            raise Bad
        at += 1
    return at


def string_end(text, at):
    while (character := peek(text, at)) != '"':
        if character < " ":
            raise Bad
        at += 1
        if character == "\\":
            escape = peek(text, at)
            at += 1
            if escape == "u":
                for _ in range(4):
                    if peek(text, at) not in "0123456789abcdef":
                        raise Bad
                    at += 1
            elif escape not in '"\\/bfnrt':
                raise Bad
    return at + 1


def digits(text, at):
    if peek(text, at) not in string.digits:
        raise Bad
    while at < len(text) and text[at] in string.digits:
        at += 1
    return at


def number(text, at):
    if text[at] == "-":
        at += 1
    if peek(text, at) == "0":
        at += 1
    else:
        at = digits(text, at)
    if at < len(text) and text[at] == ".":
        at = digits(text, at + 1)
    if at < len(text) and text[at] in "eE":
        at += 1
        if peek(text, at) in "+-":
            at += 1
        at = digits(text, at)
    return at


def items(text, at):
    at = space(text, at)
    if peek(text, at) == "]":
        return at + 1
    while True:
        at = space(text, value(text, space(text, at)))
        following = peek(text, at)
        at += 1
        if following == "]":
            return at
        if following != ",":
            raise Bad


def members(text, at):
    at = space(text, at)
    if peek(text, at) == "}":
        return at + 1
    while True:
        at = space(text, at)
        if peek(text, at) != '"':
            raise Bad
        at = space(text, string_end(text, at + 1))
        if peek(text, at) != ":":
            raise Bad
        at = space(text, value(text, space(text, at + 1)))
        following = peek(text, at)
        at += 1
        if following == "}":
            return at
        if following != ",":
            raise Bad


# %% wrong: an escaped quote ends the string | expects: escape
import string


class Ended(Exception):
    pass


class Bad(Exception):
    pass


def is_json_prefix(text):
    try:
        end = space(text, value(text, space(text, 0)))
    except Ended:
        return True
    except Bad:
        return False
    return end == len(text)


def peek(text, at):
    if at >= len(text):
        raise Ended
    return text[at]


def space(text, at):
    while at < len(text) and text[at] in " \t\n\r":
        at += 1
    return at


def value(text, at):
    first = peek(text, at)
    if first == "{":
        return members(text, at + 1)
    if first == "[":
        return items(text, at + 1)
    if first == '"':
        return string_end(text, at + 1)
    if first == "-" or first in string.digits:
        return number(text, at)
    for word in ("true", "false", "null"):
        if first == word[0]:
            return literal(text, at, word)
    raise Bad


def literal(text, at, word):
    for character in word:
        if peek(text, at) != character:
            raise Bad
        at += 1
    return at


def string_end(text, at):
    while (character := peek(text, at)) != '"':
        if character < " ":
            raise Bad
        at += 1
        if character == "\\" and peek(text, at) != '"':
            escape = peek(text, at)
            at += 1
            if escape == "u":
                for _ in range(4):
                    if peek(text, at) not in string.hexdigits:
                        raise Bad
                    at += 1
            elif escape not in '"\\/bfnrt':
                raise Bad
    return at + 1


def digits(text, at):
    if peek(text, at) not in string.digits:
        raise Bad
    while at < len(text) and text[at] in string.digits:
        at += 1
    return at


def number(text, at):
    if text[at] == "-":
        at += 1
    if peek(text, at) == "0":
        at += 1
    else:
        at = digits(text, at)
    if at < len(text) and text[at] == ".":
        at = digits(text, at + 1)
    if at < len(text) and text[at] in "eE":
        at += 1
        if peek(text, at) in "+-":
            at += 1
        at = digits(text, at)
    return at


def items(text, at):
    at = space(text, at)
    if peek(text, at) == "]":
        return at + 1
    while True:
        at = space(text, value(text, space(text, at)))
        following = peek(text, at)
        at += 1
        if following == "]":
            return at
        if following != ",":
            raise Bad


def members(text, at):
    at = space(text, at)
    if peek(text, at) == "}":
        return at + 1
    while True:
        at = space(text, at)
        if peek(text, at) != '"':
            raise Bad
        at = space(text, string_end(text, at + 1))
        if peek(text, at) != ":":
            raise Bad
        at = space(text, value(text, space(text, at + 1)))
        following = peek(text, at)
        at += 1
        if following == "}":
            return at
        if following != ",":
            raise Bad


# %% wrong: control characters in strings | expects: control
import string


class Ended(Exception):
    pass


class Bad(Exception):
    pass


def is_json_prefix(text):
    try:
        end = space(text, value(text, space(text, 0)))
    except Ended:
        return True
    except Bad:
        return False
    return end == len(text)


def peek(text, at):
    if at >= len(text):
        raise Ended
    return text[at]


def space(text, at):
    while at < len(text) and text[at] in " \t\n\r":
        at += 1
    return at


def value(text, at):
    first = peek(text, at)
    if first == "{":
        return members(text, at + 1)
    if first == "[":
        return items(text, at + 1)
    if first == '"':
        return string_end(text, at + 1)
    if first == "-" or first in string.digits:
        return number(text, at)
    for word in ("true", "false", "null"):
        if first == word[0]:
            return literal(text, at, word)
    raise Bad


def literal(text, at, word):
    for character in word:
        if peek(text, at) != character:
            raise Bad
        at += 1
    return at


def string_end(text, at):
    while (character := peek(text, at)) != '"':
        at += 1
        if character == "\\":
            escape = peek(text, at)
            at += 1
            if escape == "u":
                for _ in range(4):
                    if peek(text, at) not in string.hexdigits:
                        raise Bad
                    at += 1
            elif escape not in '"\\/bfnrt':
                raise Bad
    return at + 1


def digits(text, at):
    if peek(text, at) not in string.digits:
        raise Bad
    while at < len(text) and text[at] in string.digits:
        at += 1
    return at


def number(text, at):
    if text[at] == "-":
        at += 1
    if peek(text, at) == "0":
        at += 1
    else:
        at = digits(text, at)
    if at < len(text) and text[at] == ".":
        at = digits(text, at + 1)
    if at < len(text) and text[at] in "eE":
        at += 1
        if peek(text, at) in "+-":
            at += 1
        at = digits(text, at)
    return at


def items(text, at):
    at = space(text, at)
    if peek(text, at) == "]":
        return at + 1
    while True:
        at = space(text, value(text, space(text, at)))
        following = peek(text, at)
        at += 1
        if following == "]":
            return at
        if following != ",":
            raise Bad


def members(text, at):
    at = space(text, at)
    if peek(text, at) == "}":
        return at + 1
    while True:
        at = space(text, at)
        if peek(text, at) != '"':
            raise Bad
        at = space(text, string_end(text, at + 1))
        if peek(text, at) != ":":
            raise Bad
        at = space(text, value(text, space(text, at + 1)))
        following = peek(text, at)
        at += 1
        if following == "}":
            return at
        if following != ",":
            raise Bad


# %% wrong: control characters in strings, all but the line break | expects: control / tab
import string


class Ended(Exception):
    pass


class Bad(Exception):
    pass


def is_json_prefix(text):
    try:
        end = space(text, value(text, space(text, 0)))
    except Ended:
        return True
    except Bad:
        return False
    return end == len(text)


def peek(text, at):
    if at >= len(text):
        raise Ended
    return text[at]


def space(text, at):
    while at < len(text) and text[at] in " \t\n\r":
        at += 1
    return at


def value(text, at):
    first = peek(text, at)
    if first == "{":
        return members(text, at + 1)
    if first == "[":
        return items(text, at + 1)
    if first == '"':
        return string_end(text, at + 1)
    if first == "-" or first in string.digits:
        return number(text, at)
    for word in ("true", "false", "null"):
        if first == word[0]:
            return literal(text, at, word)
    raise Bad


def literal(text, at, word):
    for character in word:
        if peek(text, at) != character:
            raise Bad
        at += 1
    return at


def string_end(text, at):
    while (character := peek(text, at)) != '"':
        if character == "\n":
            raise Bad
        at += 1
        if character == "\\":
            escape = peek(text, at)
            at += 1
            if escape == "u":
                for _ in range(4):
                    if peek(text, at) not in string.hexdigits:
                        raise Bad
                    at += 1
            elif escape not in '"\\/bfnrt':
                raise Bad
    return at + 1


def digits(text, at):
    if peek(text, at) not in string.digits:
        raise Bad
    while at < len(text) and text[at] in string.digits:
        at += 1
    return at


def number(text, at):
    if text[at] == "-":
        at += 1
    if peek(text, at) == "0":
        at += 1
    else:
        at = digits(text, at)
    if at < len(text) and text[at] == ".":
        at = digits(text, at + 1)
    if at < len(text) and text[at] in "eE":
        at += 1
        if peek(text, at) in "+-":
            at += 1
        at = digits(text, at)
    return at


def items(text, at):
    at = space(text, at)
    if peek(text, at) == "]":
        return at + 1
    while True:
        at = space(text, value(text, space(text, at)))
        following = peek(text, at)
        at += 1
        if following == "]":
            return at
        if following != ",":
            raise Bad


def members(text, at):
    at = space(text, at)
    if peek(text, at) == "}":
        return at + 1
    while True:
        at = space(text, at)
        if peek(text, at) != '"':
            raise Bad
        at = space(text, string_end(text, at + 1))
        if peek(text, at) != ":":
            raise Bad
        at = space(text, value(text, space(text, at + 1)))
        following = peek(text, at)
        at += 1
        if following == "}":
            return at
        if following != ",":
            raise Bad


# %% wrong: letters beyond ASCII are refused | expects: ascii / letter / unicode
import string


class Ended(Exception):
    pass


class Bad(Exception):
    pass


def is_json_prefix(text):
    try:
        end = space(text, value(text, space(text, 0)))
    except Ended:
        return True
    except Bad:
        return False
    return end == len(text)


def peek(text, at):
    if at >= len(text):
        raise Ended
    return text[at]


def space(text, at):
    while at < len(text) and text[at] in " \t\n\r":
        at += 1
    return at


def value(text, at):
    first = peek(text, at)
    if first == "{":
        return members(text, at + 1)
    if first == "[":
        return items(text, at + 1)
    if first == '"':
        return string_end(text, at + 1)
    if first == "-" or first in string.digits:
        return number(text, at)
    for word in ("true", "false", "null"):
        if first == word[0]:
            return literal(text, at, word)
    raise Bad


def literal(text, at, word):
    for character in word:
        if peek(text, at) != character:
            raise Bad
        at += 1
    return at


def string_end(text, at):
    while (character := peek(text, at)) != '"':
        if not " " <= character < "\x7f":
            raise Bad
        at += 1
        if character == "\\":
            escape = peek(text, at)
            at += 1
            if escape == "u":
                for _ in range(4):
                    if peek(text, at) not in string.hexdigits:
                        raise Bad
                    at += 1
            elif escape not in '"\\/bfnrt':
                raise Bad
    return at + 1


def digits(text, at):
    if peek(text, at) not in string.digits:
        raise Bad
    while at < len(text) and text[at] in string.digits:
        at += 1
    return at


def number(text, at):
    if text[at] == "-":
        at += 1
    if peek(text, at) == "0":
        at += 1
    else:
        at = digits(text, at)
    if at < len(text) and text[at] == ".":
        at = digits(text, at + 1)
    if at < len(text) and text[at] in "eE":
        at += 1
        if peek(text, at) in "+-":
            at += 1
        at = digits(text, at)
    return at


def items(text, at):
    at = space(text, at)
    if peek(text, at) == "]":
        return at + 1
    while True:
        at = space(text, value(text, space(text, at)))
        following = peek(text, at)
        at += 1
        if following == "]":
            return at
        if following != ",":
            raise Bad


def members(text, at):
    at = space(text, at)
    if peek(text, at) == "}":
        return at + 1
    while True:
        at = space(text, at)
        if peek(text, at) != '"':
            raise Bad
        at = space(text, string_end(text, at + 1))
        if peek(text, at) != ":":
            raise Bad
        at = space(text, value(text, space(text, at + 1)))
        following = peek(text, at)
        at += 1
        if following == "}":
            return at
        if following != ",":
            raise Bad


# %% wrong: single quotes | expects: single quote
import string


class Ended(Exception):
    pass


class Bad(Exception):
    pass


def is_json_prefix(text):
    try:
        end = space(text, value(text, space(text, 0)))
    except Ended:
        return True
    except Bad:
        return False
    return end == len(text)


def peek(text, at):
    if at >= len(text):
        raise Ended
    return text[at]


def space(text, at):
    while at < len(text) and text[at] in " \t\n\r":
        at += 1
    return at


def value(text, at):
    first = peek(text, at)
    if first == "{":
        return members(text, at + 1)
    if first == "[":
        return items(text, at + 1)
    if first == "'":
        end = text.find("'", at + 1)
        if end < 0:
            raise Ended
        return end + 1
    if first == '"':
        return string_end(text, at + 1)
    if first == "-" or first in string.digits:
        return number(text, at)
    for word in ("true", "false", "null"):
        if first == word[0]:
            return literal(text, at, word)
    raise Bad


def literal(text, at, word):
    for character in word:
        if peek(text, at) != character:
            raise Bad
        at += 1
    return at


def string_end(text, at):
    while (character := peek(text, at)) != '"':
        if character < " ":
            raise Bad
        at += 1
        if character == "\\":
            escape = peek(text, at)
            at += 1
            if escape == "u":
                for _ in range(4):
                    if peek(text, at) not in string.hexdigits:
                        raise Bad
                    at += 1
            elif escape not in '"\\/bfnrt':
                raise Bad
    return at + 1


def digits(text, at):
    if peek(text, at) not in string.digits:
        raise Bad
    while at < len(text) and text[at] in string.digits:
        at += 1
    return at


def number(text, at):
    if text[at] == "-":
        at += 1
    if peek(text, at) == "0":
        at += 1
    else:
        at = digits(text, at)
    if at < len(text) and text[at] == ".":
        at = digits(text, at + 1)
    if at < len(text) and text[at] in "eE":
        at += 1
        if peek(text, at) in "+-":
            at += 1
        at = digits(text, at)
    return at


def items(text, at):
    at = space(text, at)
    if peek(text, at) == "]":
        return at + 1
    while True:
        at = space(text, value(text, space(text, at)))
        following = peek(text, at)
        at += 1
        if following == "]":
            return at
        if following != ",":
            raise Bad


def members(text, at):
    at = space(text, at)
    if peek(text, at) == "}":
        return at + 1
    while True:
        at = space(text, at)
        if peek(text, at) != '"':
            raise Bad
        at = space(text, string_end(text, at + 1))
        if peek(text, at) != ":":
            raise Bad
        at = space(text, value(text, space(text, at + 1)))
        following = peek(text, at)
        at += 1
        if following == "}":
            return at
        if following != ",":
            raise Bad


# %% wrong: trailing comma in an array | expects: trailing comma / comma
import string


class Ended(Exception):
    pass


class Bad(Exception):
    pass


def is_json_prefix(text):
    try:
        end = space(text, value(text, space(text, 0)))
    except Ended:
        return True
    except Bad:
        return False
    return end == len(text)


def peek(text, at):
    if at >= len(text):
        raise Ended
    return text[at]


def space(text, at):
    while at < len(text) and text[at] in " \t\n\r":
        at += 1
    return at


def value(text, at):
    first = peek(text, at)
    if first == "{":
        return members(text, at + 1)
    if first == "[":
        return items(text, at + 1)
    if first == '"':
        return string_end(text, at + 1)
    if first == "-" or first in string.digits:
        return number(text, at)
    for word in ("true", "false", "null"):
        if first == word[0]:
            return literal(text, at, word)
    raise Bad


def literal(text, at, word):
    for character in word:
        if peek(text, at) != character:
            raise Bad
        at += 1
    return at


def string_end(text, at):
    while (character := peek(text, at)) != '"':
        if character < " ":
            raise Bad
        at += 1
        if character == "\\":
            escape = peek(text, at)
            at += 1
            if escape == "u":
                for _ in range(4):
                    if peek(text, at) not in string.hexdigits:
                        raise Bad
                    at += 1
            elif escape not in '"\\/bfnrt':
                raise Bad
    return at + 1


def digits(text, at):
    if peek(text, at) not in string.digits:
        raise Bad
    while at < len(text) and text[at] in string.digits:
        at += 1
    return at


def number(text, at):
    if text[at] == "-":
        at += 1
    if peek(text, at) == "0":
        at += 1
    else:
        at = digits(text, at)
    if at < len(text) and text[at] == ".":
        at = digits(text, at + 1)
    if at < len(text) and text[at] in "eE":
        at += 1
        if peek(text, at) in "+-":
            at += 1
        at = digits(text, at)
    return at


def items(text, at):
    at = space(text, at)
    if peek(text, at) == "]":
        return at + 1
    while True:
        if peek(text, space(text, at)) == "]":
            return space(text, at) + 1
        at = space(text, value(text, space(text, at)))
        following = peek(text, at)
        at += 1
        if following == "]":
            return at
        if following != ",":
            raise Bad


def members(text, at):
    at = space(text, at)
    if peek(text, at) == "}":
        return at + 1
    while True:
        at = space(text, at)
        if peek(text, at) != '"':
            raise Bad
        at = space(text, string_end(text, at + 1))
        if peek(text, at) != ":":
            raise Bad
        at = space(text, value(text, space(text, at + 1)))
        following = peek(text, at)
        at += 1
        if following == "}":
            return at
        if following != ",":
            raise Bad


# %% wrong: trailing comma in an object | expects: trailing comma / comma
import string


class Ended(Exception):
    pass


class Bad(Exception):
    pass


def is_json_prefix(text):
    try:
        end = space(text, value(text, space(text, 0)))
    except Ended:
        return True
    except Bad:
        return False
    return end == len(text)


def peek(text, at):
    if at >= len(text):
        raise Ended
    return text[at]


def space(text, at):
    while at < len(text) and text[at] in " \t\n\r":
        at += 1
    return at


def value(text, at):
    first = peek(text, at)
    if first == "{":
        return members(text, at + 1)
    if first == "[":
        return items(text, at + 1)
    if first == '"':
        return string_end(text, at + 1)
    if first == "-" or first in string.digits:
        return number(text, at)
    for word in ("true", "false", "null"):
        if first == word[0]:
            return literal(text, at, word)
    raise Bad


def literal(text, at, word):
    for character in word:
        if peek(text, at) != character:
            raise Bad
        at += 1
    return at


def string_end(text, at):
    while (character := peek(text, at)) != '"':
        if character < " ":
            raise Bad
        at += 1
        if character == "\\":
            escape = peek(text, at)
            at += 1
            if escape == "u":
                for _ in range(4):
                    if peek(text, at) not in string.hexdigits:
                        raise Bad
                    at += 1
            elif escape not in '"\\/bfnrt':
                raise Bad
    return at + 1


def digits(text, at):
    if peek(text, at) not in string.digits:
        raise Bad
    while at < len(text) and text[at] in string.digits:
        at += 1
    return at


def number(text, at):
    if text[at] == "-":
        at += 1
    if peek(text, at) == "0":
        at += 1
    else:
        at = digits(text, at)
    if at < len(text) and text[at] == ".":
        at = digits(text, at + 1)
    if at < len(text) and text[at] in "eE":
        at += 1
        if peek(text, at) in "+-":
            at += 1
        at = digits(text, at)
    return at


def items(text, at):
    at = space(text, at)
    if peek(text, at) == "]":
        return at + 1
    while True:
        at = space(text, value(text, space(text, at)))
        following = peek(text, at)
        at += 1
        if following == "]":
            return at
        if following != ",":
            raise Bad


def members(text, at):
    at = space(text, at)
    if peek(text, at) == "}":
        return at + 1
    while True:
        at = space(text, at)
        if peek(text, at) == "}":
            return at + 1
        if peek(text, at) != '"':
            raise Bad
        at = space(text, string_end(text, at + 1))
        if peek(text, at) != ":":
            raise Bad
        at = space(text, value(text, space(text, at + 1)))
        following = peek(text, at)
        at += 1
        if following == "}":
            return at
        if following != ",":
            raise Bad


# %% wrong: commas may be left out | expects: comma
import string


class Ended(Exception):
    pass


class Bad(Exception):
    pass


def is_json_prefix(text):
    try:
        end = space(text, value(text, space(text, 0)))
    except Ended:
        return True
    except Bad:
        return False
    return end == len(text)


def peek(text, at):
    if at >= len(text):
        raise Ended
    return text[at]


def space(text, at):
    while at < len(text) and text[at] in " \t\n\r":
        at += 1
    return at


def value(text, at):
    first = peek(text, at)
    if first == "{":
        return members(text, at + 1)
    if first == "[":
        return items(text, at + 1)
    if first == '"':
        return string_end(text, at + 1)
    if first == "-" or first in string.digits:
        return number(text, at)
    for word in ("true", "false", "null"):
        if first == word[0]:
            return literal(text, at, word)
    raise Bad


def literal(text, at, word):
    for character in word:
        if peek(text, at) != character:
            raise Bad
        at += 1
    return at


def string_end(text, at):
    while (character := peek(text, at)) != '"':
        if character < " ":
            raise Bad
        at += 1
        if character == "\\":
            escape = peek(text, at)
            at += 1
            if escape == "u":
                for _ in range(4):
                    if peek(text, at) not in string.hexdigits:
                        raise Bad
                    at += 1
            elif escape not in '"\\/bfnrt':
                raise Bad
    return at + 1


def digits(text, at):
    if peek(text, at) not in string.digits:
        raise Bad
    while at < len(text) and text[at] in string.digits:
        at += 1
    return at


def number(text, at):
    if text[at] == "-":
        at += 1
    if peek(text, at) == "0":
        at += 1
    else:
        at = digits(text, at)
    if at < len(text) and text[at] == ".":
        at = digits(text, at + 1)
    if at < len(text) and text[at] in "eE":
        at += 1
        if peek(text, at) in "+-":
            at += 1
        at = digits(text, at)
    return at


def items(text, at):
    at = space(text, at)
    if peek(text, at) == "]":
        return at + 1
    while True:
        at = space(text, value(text, space(text, at)))
        following = peek(text, at)
        at += 1
        if following == "]":
            return at
        if following != ",":
            at -= 1


def members(text, at):
    at = space(text, at)
    if peek(text, at) == "}":
        return at + 1
    while True:
        at = space(text, at)
        if peek(text, at) != '"':
            raise Bad
        at = space(text, string_end(text, at + 1))
        if peek(text, at) != ":":
            raise Bad
        at = space(text, value(text, space(text, at + 1)))
        following = peek(text, at)
        at += 1
        if following == "}":
            return at
        if following != ",":
            raise Bad


# %% wrong: the colon may be left out | expects: colon
import string


class Ended(Exception):
    pass


class Bad(Exception):
    pass


def is_json_prefix(text):
    try:
        end = space(text, value(text, space(text, 0)))
    except Ended:
        return True
    except Bad:
        return False
    return end == len(text)


def peek(text, at):
    if at >= len(text):
        raise Ended
    return text[at]


def space(text, at):
    while at < len(text) and text[at] in " \t\n\r":
        at += 1
    return at


def value(text, at):
    first = peek(text, at)
    if first == "{":
        return members(text, at + 1)
    if first == "[":
        return items(text, at + 1)
    if first == '"':
        return string_end(text, at + 1)
    if first == "-" or first in string.digits:
        return number(text, at)
    for word in ("true", "false", "null"):
        if first == word[0]:
            return literal(text, at, word)
    raise Bad


def literal(text, at, word):
    for character in word:
        if peek(text, at) != character:
            raise Bad
        at += 1
    return at


def string_end(text, at):
    while (character := peek(text, at)) != '"':
        if character < " ":
            raise Bad
        at += 1
        if character == "\\":
            escape = peek(text, at)
            at += 1
            if escape == "u":
                for _ in range(4):
                    if peek(text, at) not in string.hexdigits:
                        raise Bad
                    at += 1
            elif escape not in '"\\/bfnrt':
                raise Bad
    return at + 1


def digits(text, at):
    if peek(text, at) not in string.digits:
        raise Bad
    while at < len(text) and text[at] in string.digits:
        at += 1
    return at


def number(text, at):
    if text[at] == "-":
        at += 1
    if peek(text, at) == "0":
        at += 1
    else:
        at = digits(text, at)
    if at < len(text) and text[at] == ".":
        at = digits(text, at + 1)
    if at < len(text) and text[at] in "eE":
        at += 1
        if peek(text, at) in "+-":
            at += 1
        at = digits(text, at)
    return at


def items(text, at):
    at = space(text, at)
    if peek(text, at) == "]":
        return at + 1
    while True:
        at = space(text, value(text, space(text, at)))
        following = peek(text, at)
        at += 1
        if following == "]":
            return at
        if following != ",":
            raise Bad


def members(text, at):
    at = space(text, at)
    if peek(text, at) == "}":
        return at + 1
    while True:
        at = space(text, at)
        if peek(text, at) != '"':
            raise Bad
        at = space(text, string_end(text, at + 1))
        if peek(text, at) == ":":
            at += 1
        at = space(text, value(text, space(text, at)))
        following = peek(text, at)
        at += 1
        if following == "}":
            return at
        if following != ",":
            raise Bad


# %% wrong: keys may be any value | expects: key
import string


class Ended(Exception):
    pass


class Bad(Exception):
    pass


def is_json_prefix(text):
    try:
        end = space(text, value(text, space(text, 0)))
    except Ended:
        return True
    except Bad:
        return False
    return end == len(text)


def peek(text, at):
    if at >= len(text):
        raise Ended
    return text[at]


def space(text, at):
    while at < len(text) and text[at] in " \t\n\r":
        at += 1
    return at


def value(text, at):
    first = peek(text, at)
    if first == "{":
        return members(text, at + 1)
    if first == "[":
        return items(text, at + 1)
    if first == '"':
        return string_end(text, at + 1)
    if first == "-" or first in string.digits:
        return number(text, at)
    for word in ("true", "false", "null"):
        if first == word[0]:
            return literal(text, at, word)
    raise Bad


def literal(text, at, word):
    for character in word:
        if peek(text, at) != character:
            raise Bad
        at += 1
    return at


def string_end(text, at):
    while (character := peek(text, at)) != '"':
        if character < " ":
            raise Bad
        at += 1
        if character == "\\":
            escape = peek(text, at)
            at += 1
            if escape == "u":
                for _ in range(4):
                    if peek(text, at) not in string.hexdigits:
                        raise Bad
                    at += 1
            elif escape not in '"\\/bfnrt':
                raise Bad
    return at + 1


def digits(text, at):
    if peek(text, at) not in string.digits:
        raise Bad
    while at < len(text) and text[at] in string.digits:
        at += 1
    return at


def number(text, at):
    if text[at] == "-":
        at += 1
    if peek(text, at) == "0":
        at += 1
    else:
        at = digits(text, at)
    if at < len(text) and text[at] == ".":
        at = digits(text, at + 1)
    if at < len(text) and text[at] in "eE":
        at += 1
        if peek(text, at) in "+-":
            at += 1
        at = digits(text, at)
    return at


def items(text, at):
    at = space(text, at)
    if peek(text, at) == "]":
        return at + 1
    while True:
        at = space(text, value(text, space(text, at)))
        following = peek(text, at)
        at += 1
        if following == "]":
            return at
        if following != ",":
            raise Bad


def members(text, at):
    at = space(text, at)
    if peek(text, at) == "}":
        return at + 1
    while True:
        at = space(text, at)
        at = space(text, value(text, at))
        if peek(text, at) != ":":
            raise Bad
        at = space(text, value(text, space(text, at + 1)))
        following = peek(text, at)
        at += 1
        if following == "}":
            return at
        if following != ",":
            raise Bad


# %% wrong: any closing bracket closes | expects: bracket
import string


class Ended(Exception):
    pass


class Bad(Exception):
    pass


def is_json_prefix(text):
    try:
        end = space(text, value(text, space(text, 0)))
    except Ended:
        return True
    except Bad:
        return False
    return end == len(text)


def peek(text, at):
    if at >= len(text):
        raise Ended
    return text[at]


def space(text, at):
    while at < len(text) and text[at] in " \t\n\r":
        at += 1
    return at


def value(text, at):
    first = peek(text, at)
    if first == "{":
        return members(text, at + 1)
    if first == "[":
        return items(text, at + 1)
    if first == '"':
        return string_end(text, at + 1)
    if first == "-" or first in string.digits:
        return number(text, at)
    for word in ("true", "false", "null"):
        if first == word[0]:
            return literal(text, at, word)
    raise Bad


def literal(text, at, word):
    for character in word:
        if peek(text, at) != character:
            raise Bad
        at += 1
    return at


def string_end(text, at):
    while (character := peek(text, at)) != '"':
        if character < " ":
            raise Bad
        at += 1
        if character == "\\":
            escape = peek(text, at)
            at += 1
            if escape == "u":
                for _ in range(4):
                    if peek(text, at) not in string.hexdigits:
                        raise Bad
                    at += 1
            elif escape not in '"\\/bfnrt':
                raise Bad
    return at + 1


def digits(text, at):
    if peek(text, at) not in string.digits:
        raise Bad
    while at < len(text) and text[at] in string.digits:
        at += 1
    return at


def number(text, at):
    if text[at] == "-":
        at += 1
    if peek(text, at) == "0":
        at += 1
    else:
        at = digits(text, at)
    if at < len(text) and text[at] == ".":
        at = digits(text, at + 1)
    if at < len(text) and text[at] in "eE":
        at += 1
        if peek(text, at) in "+-":
            at += 1
        at = digits(text, at)
    return at


def items(text, at):
    at = space(text, at)
    if peek(text, at) == "]":
        return at + 1
    while True:
        at = space(text, value(text, space(text, at)))
        following = peek(text, at)
        at += 1
        if following in "]}":
            return at
        if following != ",":
            raise Bad


def members(text, at):
    at = space(text, at)
    if peek(text, at) == "}":
        return at + 1
    while True:
        at = space(text, at)
        if peek(text, at) != '"':
            raise Bad
        at = space(text, string_end(text, at + 1))
        if peek(text, at) != ":":
            raise Bad
        at = space(text, value(text, space(text, at + 1)))
        following = peek(text, at)
        at += 1
        if following == "}":
            return at
        if following != ",":
            raise Bad


# %% wrong: text after the document | expects: after
import string


class Ended(Exception):
    pass


class Bad(Exception):
    pass


def is_json_prefix(text):
    try:
        end = space(text, value(text, space(text, 0)))
    except Ended:
        return True
    except Bad:
        return False
    return True


def peek(text, at):
    if at >= len(text):
        raise Ended
    return text[at]


def space(text, at):
    while at < len(text) and text[at] in " \t\n\r":
        at += 1
    return at


def value(text, at):
    first = peek(text, at)
    if first == "{":
        return members(text, at + 1)
    if first == "[":
        return items(text, at + 1)
    if first == '"':
        return string_end(text, at + 1)
    if first == "-" or first in string.digits:
        return number(text, at)
    for word in ("true", "false", "null"):
        if first == word[0]:
            return literal(text, at, word)
    raise Bad


def literal(text, at, word):
    for character in word:
        if peek(text, at) != character:
            raise Bad
        at += 1
    return at


def string_end(text, at):
    while (character := peek(text, at)) != '"':
        if character < " ":
            raise Bad
        at += 1
        if character == "\\":
            escape = peek(text, at)
            at += 1
            if escape == "u":
                for _ in range(4):
                    if peek(text, at) not in string.hexdigits:
                        raise Bad
                    at += 1
            elif escape not in '"\\/bfnrt':
                raise Bad
    return at + 1


def digits(text, at):
    if peek(text, at) not in string.digits:
        raise Bad
    while at < len(text) and text[at] in string.digits:
        at += 1
    return at


def number(text, at):
    if text[at] == "-":
        at += 1
    if peek(text, at) == "0":
        at += 1
    else:
        at = digits(text, at)
    if at < len(text) and text[at] == ".":
        at = digits(text, at + 1)
    if at < len(text) and text[at] in "eE":
        at += 1
        if peek(text, at) in "+-":
            at += 1
        at = digits(text, at)
    return at


def items(text, at):
    at = space(text, at)
    if peek(text, at) == "]":
        return at + 1
    while True:
        at = space(text, value(text, space(text, at)))
        following = peek(text, at)
        at += 1
        if following == "]":
            return at
        if following != ",":
            raise Bad


def members(text, at):
    at = space(text, at)
    if peek(text, at) == "}":
        return at + 1
    while True:
        at = space(text, at)
        if peek(text, at) != '"':
            raise Bad
        at = space(text, string_end(text, at + 1))
        if peek(text, at) != ":":
            raise Bad
        at = space(text, value(text, space(text, at + 1)))
        following = peek(text, at)
        at += 1
        if following == "}":
            return at
        if following != ",":
            raise Bad


# %% wrong: no white space after the document | expects: white space / after / space
import string


class Ended(Exception):
    pass


class Bad(Exception):
    pass


def is_json_prefix(text):
    try:
        end = value(text, space(text, 0))
    except Ended:
        return True
    except Bad:
        return False
    return end == len(text)


def peek(text, at):
    if at >= len(text):
        raise Ended
    return text[at]


def space(text, at):
    while at < len(text) and text[at] in " \t\n\r":
        at += 1
    return at


def value(text, at):
    first = peek(text, at)
    if first == "{":
        return members(text, at + 1)
    if first == "[":
        return items(text, at + 1)
    if first == '"':
        return string_end(text, at + 1)
    if first == "-" or first in string.digits:
        return number(text, at)
    for word in ("true", "false", "null"):
        if first == word[0]:
            return literal(text, at, word)
    raise Bad


def literal(text, at, word):
    for character in word:
        if peek(text, at) != character:
            raise Bad
        at += 1
    return at


def string_end(text, at):
    while (character := peek(text, at)) != '"':
        if character < " ":
            raise Bad
        at += 1
        if character == "\\":
            escape = peek(text, at)
            at += 1
            if escape == "u":
                for _ in range(4):
                    if peek(text, at) not in string.hexdigits:
                        raise Bad
                    at += 1
            elif escape not in '"\\/bfnrt':
                raise Bad
    return at + 1


def digits(text, at):
    if peek(text, at) not in string.digits:
        raise Bad
    while at < len(text) and text[at] in string.digits:
        at += 1
    return at


def number(text, at):
    if text[at] == "-":
        at += 1
    if peek(text, at) == "0":
        at += 1
    else:
        at = digits(text, at)
    if at < len(text) and text[at] == ".":
        at = digits(text, at + 1)
    if at < len(text) and text[at] in "eE":
        at += 1
        if peek(text, at) in "+-":
            at += 1
        at = digits(text, at)
    return at


def items(text, at):
    at = space(text, at)
    if peek(text, at) == "]":
        return at + 1
    while True:
        at = space(text, value(text, space(text, at)))
        following = peek(text, at)
        at += 1
        if following == "]":
            return at
        if following != ",":
            raise Bad


def members(text, at):
    at = space(text, at)
    if peek(text, at) == "}":
        return at + 1
    while True:
        at = space(text, at)
        if peek(text, at) != '"':
            raise Bad
        at = space(text, string_end(text, at + 1))
        if peek(text, at) != ":":
            raise Bad
        at = space(text, value(text, space(text, at + 1)))
        following = peek(text, at)
        at += 1
        if following == "}":
            return at
        if following != ",":
            raise Bad


# %% wrong: no white space before the document | expects: white space / space
import string


class Ended(Exception):
    pass


class Bad(Exception):
    pass


def is_json_prefix(text):
    try:
        end = space(text, value(text, 0))
    except Ended:
        return True
    except Bad:
        return False
    return end == len(text)


def peek(text, at):
    if at >= len(text):
        raise Ended
    return text[at]


def space(text, at):
    while at < len(text) and text[at] in " \t\n\r":
        at += 1
    return at


def value(text, at):
    first = peek(text, at)
    if first == "{":
        return members(text, at + 1)
    if first == "[":
        return items(text, at + 1)
    if first == '"':
        return string_end(text, at + 1)
    if first == "-" or first in string.digits:
        return number(text, at)
    for word in ("true", "false", "null"):
        if first == word[0]:
            return literal(text, at, word)
    raise Bad


def literal(text, at, word):
    for character in word:
        if peek(text, at) != character:
            raise Bad
        at += 1
    return at


def string_end(text, at):
    while (character := peek(text, at)) != '"':
        if character < " ":
            raise Bad
        at += 1
        if character == "\\":
            escape = peek(text, at)
            at += 1
            if escape == "u":
                for _ in range(4):
                    if peek(text, at) not in string.hexdigits:
                        raise Bad
                    at += 1
            elif escape not in '"\\/bfnrt':
                raise Bad
    return at + 1


def digits(text, at):
    if peek(text, at) not in string.digits:
        raise Bad
    while at < len(text) and text[at] in string.digits:
        at += 1
    return at


def number(text, at):
    if text[at] == "-":
        at += 1
    if peek(text, at) == "0":
        at += 1
    else:
        at = digits(text, at)
    if at < len(text) and text[at] == ".":
        at = digits(text, at + 1)
    if at < len(text) and text[at] in "eE":
        at += 1
        if peek(text, at) in "+-":
            at += 1
        at = digits(text, at)
    return at


def items(text, at):
    at = space(text, at)
    if peek(text, at) == "]":
        return at + 1
    while True:
        at = space(text, value(text, space(text, at)))
        following = peek(text, at)
        at += 1
        if following == "]":
            return at
        if following != ",":
            raise Bad


def members(text, at):
    at = space(text, at)
    if peek(text, at) == "}":
        return at + 1
    while True:
        at = space(text, at)
        if peek(text, at) != '"':
            raise Bad
        at = space(text, string_end(text, at + 1))
        if peek(text, at) != ":":
            raise Bad
        at = space(text, value(text, space(text, at + 1)))
        following = peek(text, at)
        at += 1
        if following == "}":
            return at
        if following != ",":
            raise Bad


# %% wrong: only an object is a document | expects: any value / top level / object
import string


class Ended(Exception):
    pass


class Bad(Exception):
    pass


def is_json_prefix(text):
    try:
        if peek(text, space(text, 0)) != "{":
            raise Bad
        end = space(text, value(text, space(text, 0)))
    except Ended:
        return True
    except Bad:
        return False
    return end == len(text)


def peek(text, at):
    if at >= len(text):
        raise Ended
    return text[at]


def space(text, at):
    while at < len(text) and text[at] in " \t\n\r":
        at += 1
    return at


def value(text, at):
    first = peek(text, at)
    if first == "{":
        return members(text, at + 1)
    if first == "[":
        return items(text, at + 1)
    if first == '"':
        return string_end(text, at + 1)
    if first == "-" or first in string.digits:
        return number(text, at)
    for word in ("true", "false", "null"):
        if first == word[0]:
            return literal(text, at, word)
    raise Bad


def literal(text, at, word):
    for character in word:
        if peek(text, at) != character:
            raise Bad
        at += 1
    return at


def string_end(text, at):
    while (character := peek(text, at)) != '"':
        if character < " ":
            raise Bad
        at += 1
        if character == "\\":
            escape = peek(text, at)
            at += 1
            if escape == "u":
                for _ in range(4):
                    if peek(text, at) not in string.hexdigits:
                        raise Bad
                    at += 1
            elif escape not in '"\\/bfnrt':
                raise Bad
    return at + 1


def digits(text, at):
    if peek(text, at) not in string.digits:
        raise Bad
    while at < len(text) and text[at] in string.digits:
        at += 1
    return at


def number(text, at):
    if text[at] == "-":
        at += 1
    if peek(text, at) == "0":
        at += 1
    else:
        at = digits(text, at)
    if at < len(text) and text[at] == ".":
        at = digits(text, at + 1)
    if at < len(text) and text[at] in "eE":
        at += 1
        if peek(text, at) in "+-":
            at += 1
        at = digits(text, at)
    return at


def items(text, at):
    at = space(text, at)
    if peek(text, at) == "]":
        return at + 1
    while True:
        at = space(text, value(text, space(text, at)))
        following = peek(text, at)
        at += 1
        if following == "]":
            return at
        if following != ",":
            raise Bad


def members(text, at):
    at = space(text, at)
    if peek(text, at) == "}":
        return at + 1
    while True:
        at = space(text, at)
        if peek(text, at) != '"':
            raise Bad
        at = space(text, string_end(text, at + 1))
        if peek(text, at) != ":":
            raise Bad
        at = space(text, value(text, space(text, at + 1)))
        following = peek(text, at)
        at += 1
        if following == "}":
            return at
        if following != ",":
            raise Bad


# %% wrong: only an object or an array is a document | expects: any value / top level
import string


class Ended(Exception):
    pass


class Bad(Exception):
    pass


def is_json_prefix(text):
    try:
        if peek(text, space(text, 0)) not in "{[":
            raise Bad
        end = space(text, value(text, space(text, 0)))
    except Ended:
        return True
    except Bad:
        return False
    return end == len(text)


def peek(text, at):
    if at >= len(text):
        raise Ended
    return text[at]


def space(text, at):
    while at < len(text) and text[at] in " \t\n\r":
        at += 1
    return at


def value(text, at):
    first = peek(text, at)
    if first == "{":
        return members(text, at + 1)
    if first == "[":
        return items(text, at + 1)
    if first == '"':
        return string_end(text, at + 1)
    if first == "-" or first in string.digits:
        return number(text, at)
    for word in ("true", "false", "null"):
        if first == word[0]:
            return literal(text, at, word)
    raise Bad


def literal(text, at, word):
    for character in word:
        if peek(text, at) != character:
            raise Bad
        at += 1
    return at


def string_end(text, at):
    while (character := peek(text, at)) != '"':
        if character < " ":
            raise Bad
        at += 1
        if character == "\\":
            escape = peek(text, at)
            at += 1
            if escape == "u":
                for _ in range(4):
                    if peek(text, at) not in string.hexdigits:
                        raise Bad
                    at += 1
            elif escape not in '"\\/bfnrt':
                raise Bad
    return at + 1


def digits(text, at):
    if peek(text, at) not in string.digits:
        raise Bad
    while at < len(text) and text[at] in string.digits:
        at += 1
    return at


def number(text, at):
    if text[at] == "-":
        at += 1
    if peek(text, at) == "0":
        at += 1
    else:
        at = digits(text, at)
    if at < len(text) and text[at] == ".":
        at = digits(text, at + 1)
    if at < len(text) and text[at] in "eE":
        at += 1
        if peek(text, at) in "+-":
            at += 1
        at = digits(text, at)
    return at


def items(text, at):
    at = space(text, at)
    if peek(text, at) == "]":
        return at + 1
    while True:
        at = space(text, value(text, space(text, at)))
        following = peek(text, at)
        at += 1
        if following == "]":
            return at
        if following != ",":
            raise Bad


def members(text, at):
    at = space(text, at)
    if peek(text, at) == "}":
        return at + 1
    while True:
        at = space(text, at)
        if peek(text, at) != '"':
            raise Bad
        at = space(text, string_end(text, at + 1))
        if peek(text, at) != ":":
            raise Bad
        at = space(text, value(text, space(text, at + 1)))
        following = peek(text, at)
        at += 1
        if following == "}":
            return at
        if following != ",":
            raise Bad


# %% wrong: the empty text is refused | expects: empty
import string


class Ended(Exception):
    pass


class Bad(Exception):
    pass


def is_json_prefix(text):
    if not text:
        return False
    try:
        end = space(text, value(text, space(text, 0)))
    except Ended:
        return True
    except Bad:
        return False
    return end == len(text)


def peek(text, at):
    if at >= len(text):
        raise Ended
    return text[at]


def space(text, at):
    while at < len(text) and text[at] in " \t\n\r":
        at += 1
    return at


def value(text, at):
    first = peek(text, at)
    if first == "{":
        return members(text, at + 1)
    if first == "[":
        return items(text, at + 1)
    if first == '"':
        return string_end(text, at + 1)
    if first == "-" or first in string.digits:
        return number(text, at)
    for word in ("true", "false", "null"):
        if first == word[0]:
            return literal(text, at, word)
    raise Bad


def literal(text, at, word):
    for character in word:
        if peek(text, at) != character:
            raise Bad
        at += 1
    return at


def string_end(text, at):
    while (character := peek(text, at)) != '"':
        if character < " ":
            raise Bad
        at += 1
        if character == "\\":
            escape = peek(text, at)
            at += 1
            if escape == "u":
                for _ in range(4):
                    if peek(text, at) not in string.hexdigits:
                        raise Bad
                    at += 1
            elif escape not in '"\\/bfnrt':
                raise Bad
    return at + 1


def digits(text, at):
    if peek(text, at) not in string.digits:
        raise Bad
    while at < len(text) and text[at] in string.digits:
        at += 1
    return at


def number(text, at):
    if text[at] == "-":
        at += 1
    if peek(text, at) == "0":
        at += 1
    else:
        at = digits(text, at)
    if at < len(text) and text[at] == ".":
        at = digits(text, at + 1)
    if at < len(text) and text[at] in "eE":
        at += 1
        if peek(text, at) in "+-":
            at += 1
        at = digits(text, at)
    return at


def items(text, at):
    at = space(text, at)
    if peek(text, at) == "]":
        return at + 1
    while True:
        at = space(text, value(text, space(text, at)))
        following = peek(text, at)
        at += 1
        if following == "]":
            return at
        if following != ",":
            raise Bad


def members(text, at):
    at = space(text, at)
    if peek(text, at) == "}":
        return at + 1
    while True:
        at = space(text, at)
        if peek(text, at) != '"':
            raise Bad
        at = space(text, string_end(text, at + 1))
        if peek(text, at) != ":":
            raise Bad
        at = space(text, value(text, space(text, at + 1)))
        following = peek(text, at)
        at += 1
        if following == "}":
            return at
        if following != ",":
            raise Bad


# %% wrong: a complete document is no prefix | expects: any value / complete / any value
import string


class Ended(Exception):
    pass


class Bad(Exception):
    pass


def is_json_prefix(text):
    try:
        end = space(text, value(text, space(text, 0)))
    except Ended:
        return True
    except Bad:
        return False
    return False


def peek(text, at):
    if at >= len(text):
        raise Ended
    return text[at]


def space(text, at):
    while at < len(text) and text[at] in " \t\n\r":
        at += 1
    return at


def value(text, at):
    first = peek(text, at)
    if first == "{":
        return members(text, at + 1)
    if first == "[":
        return items(text, at + 1)
    if first == '"':
        return string_end(text, at + 1)
    if first == "-" or first in string.digits:
        return number(text, at)
    for word in ("true", "false", "null"):
        if first == word[0]:
            return literal(text, at, word)
    raise Bad


def literal(text, at, word):
    for character in word:
        if peek(text, at) != character:
            raise Bad
        at += 1
    return at


def string_end(text, at):
    while (character := peek(text, at)) != '"':
        if character < " ":
            raise Bad
        at += 1
        if character == "\\":
            escape = peek(text, at)
            at += 1
            if escape == "u":
                for _ in range(4):
                    if peek(text, at) not in string.hexdigits:
                        raise Bad
                    at += 1
            elif escape not in '"\\/bfnrt':
                raise Bad
    return at + 1


def digits(text, at):
    if peek(text, at) not in string.digits:
        raise Bad
    while at < len(text) and text[at] in string.digits:
        at += 1
    return at


def number(text, at):
    if text[at] == "-":
        at += 1
    if peek(text, at) == "0":
        at += 1
    else:
        at = digits(text, at)
    if at < len(text) and text[at] == ".":
        at = digits(text, at + 1)
    if at < len(text) and text[at] in "eE":
        at += 1
        if peek(text, at) in "+-":
            at += 1
        at = digits(text, at)
    return at


def items(text, at):
    at = space(text, at)
    if peek(text, at) == "]":
        return at + 1
    while True:
        at = space(text, value(text, space(text, at)))
        following = peek(text, at)
        at += 1
        if following == "]":
            return at
        if following != ",":
            raise Bad


def members(text, at):
    at = space(text, at)
    if peek(text, at) == "}":
        return at + 1
    while True:
        at = space(text, at)
        if peek(text, at) != '"':
            raise Bad
        at = space(text, string_end(text, at + 1))
        if peek(text, at) != ":":
            raise Bad
        at = space(text, value(text, space(text, at + 1)))
        following = peek(text, at)
        at += 1
        if following == "}":
            return at
        if following != ",":
            raise Bad


# %% wrong: all that Python calls white space | expects: white space
import string


class Ended(Exception):
    pass


class Bad(Exception):
    pass


def is_json_prefix(text):
    try:
        end = space(text, value(text, space(text, 0)))
    except Ended:
        return True
    except Bad:
        return False
    return end == len(text)


def peek(text, at):
    if at >= len(text):
        raise Ended
    return text[at]


def space(text, at):
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def value(text, at):
    first = peek(text, at)
    if first == "{":
        return members(text, at + 1)
    if first == "[":
        return items(text, at + 1)
    if first == '"':
        return string_end(text, at + 1)
    if first == "-" or first in string.digits:
        return number(text, at)
    for word in ("true", "false", "null"):
        if first == word[0]:
            return literal(text, at, word)
    raise Bad


def literal(text, at, word):
    for character in word:
        if peek(text, at) != character:
            raise Bad
        at += 1
    return at


def string_end(text, at):
    while (character := peek(text, at)) != '"':
        if character < " ":
            raise Bad
        at += 1
        if character == "\\":
            escape = peek(text, at)
            at += 1
            if escape == "u":
                for _ in range(4):
                    if peek(text, at) not in string.hexdigits:
                        raise Bad
                    at += 1
            elif escape not in '"\\/bfnrt':
                raise Bad
    return at + 1


def digits(text, at):
    if peek(text, at) not in string.digits:
        raise Bad
    while at < len(text) and text[at] in string.digits:
        at += 1
    return at


def number(text, at):
    if text[at] == "-":
        at += 1
    if peek(text, at) == "0":
        at += 1
    else:
        at = digits(text, at)
    if at < len(text) and text[at] == ".":
        at = digits(text, at + 1)
    if at < len(text) and text[at] in "eE":
        at += 1
        if peek(text, at) in "+-":
            at += 1
        at = digits(text, at)
    return at


def items(text, at):
    at = space(text, at)
    if peek(text, at) == "]":
        return at + 1
    while True:
        at = space(text, value(text, space(text, at)))
        following = peek(text, at)
        at += 1
        if following == "]":
            return at
        if following != ",":
            raise Bad


def members(text, at):
    at = space(text, at)
    if peek(text, at) == "}":
        return at + 1
    while True:
        at = space(text, at)
        if peek(text, at) != '"':
            raise Bad
        at = space(text, string_end(text, at + 1))
        if peek(text, at) != ":":
            raise Bad
        at = space(text, value(text, space(text, at + 1)))
        following = peek(text, at)
        at += 1
        if following == "}":
            return at
        if following != ",":
            raise Bad


# %% wrong: blanks are the only white space | expects: white space / line break / tab
import string


class Ended(Exception):
    pass


class Bad(Exception):
    pass


def is_json_prefix(text):
    try:
        end = space(text, value(text, space(text, 0)))
    except Ended:
        return True
    except Bad:
        return False
    return end == len(text)


def peek(text, at):
    if at >= len(text):
        raise Ended
    return text[at]


def space(text, at):
    while at < len(text) and text[at] == " ":
        at += 1
    return at


def value(text, at):
    first = peek(text, at)
    if first == "{":
        return members(text, at + 1)
    if first == "[":
        return items(text, at + 1)
    if first == '"':
        return string_end(text, at + 1)
    if first == "-" or first in string.digits:
        return number(text, at)
    for word in ("true", "false", "null"):
        if first == word[0]:
            return literal(text, at, word)
    raise Bad


def literal(text, at, word):
    for character in word:
        if peek(text, at) != character:
            raise Bad
        at += 1
    return at


def string_end(text, at):
    while (character := peek(text, at)) != '"':
        if character < " ":
            raise Bad
        at += 1
        if character == "\\":
            escape = peek(text, at)
            at += 1
            if escape == "u":
                for _ in range(4):
                    if peek(text, at) not in string.hexdigits:
                        raise Bad
                    at += 1
            elif escape not in '"\\/bfnrt':
                raise Bad
    return at + 1


def digits(text, at):
    if peek(text, at) not in string.digits:
        raise Bad
    while at < len(text) and text[at] in string.digits:
        at += 1
    return at


def number(text, at):
    if text[at] == "-":
        at += 1
    if peek(text, at) == "0":
        at += 1
    else:
        at = digits(text, at)
    if at < len(text) and text[at] == ".":
        at = digits(text, at + 1)
    if at < len(text) and text[at] in "eE":
        at += 1
        if peek(text, at) in "+-":
            at += 1
        at = digits(text, at)
    return at


def items(text, at):
    at = space(text, at)
    if peek(text, at) == "]":
        return at + 1
    while True:
        at = space(text, value(text, space(text, at)))
        following = peek(text, at)
        at += 1
        if following == "]":
            return at
        if following != ",":
            raise Bad


def members(text, at):
    at = space(text, at)
    if peek(text, at) == "}":
        return at + 1
    while True:
        at = space(text, at)
        if peek(text, at) != '"':
            raise Bad
        at = space(text, string_end(text, at + 1))
        if peek(text, at) != ":":
            raise Bad
        at = space(text, value(text, space(text, at + 1)))
        following = peek(text, at)
        at += 1
        if following == "}":
            return at
        if following != ",":
            raise Bad


# %% wrong: white space within a literal or number | expects: white space / space
import string


class Ended(Exception):
    pass


class Bad(Exception):
    pass


def is_json_prefix(text):
    quoted = text.split('"')
    text = '"'.join(part if i % 2 else "".join(part.split()) for i, part in enumerate(quoted))
    try:
        end = space(text, value(text, space(text, 0)))
    except Ended:
        return True
    except Bad:
        return False
    return end == len(text)


def peek(text, at):
    if at >= len(text):
        raise Ended
    return text[at]


def space(text, at):
    while at < len(text) and text[at] in " \t\n\r":
        at += 1
    return at


def value(text, at):
    first = peek(text, at)
    if first == "{":
        return members(text, at + 1)
    if first == "[":
        return items(text, at + 1)
    if first == '"':
        return string_end(text, at + 1)
    if first == "-" or first in string.digits:
        return number(text, at)
    for word in ("true", "false", "null"):
        if first == word[0]:
            return literal(text, at, word)
    raise Bad


def literal(text, at, word):
    for character in word:
        if peek(text, at) != character:
            raise Bad
        at += 1
    return at


def string_end(text, at):
    while (character := peek(text, at)) != '"':
        if character < " ":
            raise Bad
        at += 1
        if character == "\\":
            escape = peek(text, at)
            at += 1
            if escape == "u":
                for _ in range(4):
                    if peek(text, at) not in string.hexdigits:
                        raise Bad
                    at += 1
            elif escape not in '"\\/bfnrt':
                raise Bad
    return at + 1


def digits(text, at):
    if peek(text, at) not in string.digits:
        raise Bad
    while at < len(text) and text[at] in string.digits:
        at += 1
    return at


def number(text, at):
    if text[at] == "-":
        at += 1
    if peek(text, at) == "0":
        at += 1
    else:
        at = digits(text, at)
    if at < len(text) and text[at] == ".":
        at = digits(text, at + 1)
    if at < len(text) and text[at] in "eE":
        at += 1
        if peek(text, at) in "+-":
            at += 1
        at = digits(text, at)
    return at


def items(text, at):
    at = space(text, at)
    if peek(text, at) == "]":
        return at + 1
    while True:
        at = space(text, value(text, space(text, at)))
        following = peek(text, at)
        at += 1
        if following == "]":
            return at
        if following != ",":
            raise Bad


def members(text, at):
    at = space(text, at)
    if peek(text, at) == "}":
        return at + 1
    while True:
        at = space(text, at)
        if peek(text, at) != '"':
            raise Bad
        at = space(text, string_end(text, at + 1))
        if peek(text, at) != ":":
            raise Bad
        at = space(text, value(text, space(text, at + 1)))
        following = peek(text, at)
        at += 1
        if following == "}":
            return at
        if following != ",":
            raise Bad


# %% wrong: all that Python calls digits | expects: digit
import string


class Ended(Exception):
    pass


class Bad(Exception):
    pass


def is_json_prefix(text):
    try:
        end = space(text, value(text, space(text, 0)))
    except Ended:
        return True
    except Bad:
        return False
    return end == len(text)


def peek(text, at):
    if at >= len(text):
        raise Ended
    return text[at]


def space(text, at):
    while at < len(text) and text[at] in " \t\n\r":
        at += 1
    return at


def value(text, at):
    first = peek(text, at)
    if first == "{":
        return members(text, at + 1)
    if first == "[":
        return items(text, at + 1)
    if first == '"':
        return string_end(text, at + 1)
    if first == "-" or first.isdigit():
        return number(text, at)
    for word in ("true", "false", "null"):
        if first == word[0]:
            return literal(text, at, word)
    raise Bad


def literal(text, at, word):
    for character in word:
        if peek(text, at) != character:
            raise Bad
        at += 1
    return at


def string_end(text, at):
    while (character := peek(text, at)) != '"':
        if character < " ":
            raise Bad
        at += 1
        if character == "\\":
            escape = peek(text, at)
            at += 1
            if escape == "u":
                for _ in range(4):
                    if peek(text, at) not in string.hexdigits:
                        raise Bad
                    at += 1
            elif escape not in '"\\/bfnrt':
                raise Bad
    return at + 1


def digits(text, at):
    if peek(text, at) not in string.digits and not text[at].isdigit():
        raise Bad
    while at < len(text) and text[at].isdigit():
        at += 1
    return at


def number(text, at):
    if text[at] == "-":
        at += 1
    if peek(text, at) == "0":
        at += 1
    else:
        at = digits(text, at)
    if at < len(text) and text[at] == ".":
        at = digits(text, at + 1)
    if at < len(text) and text[at] in "eE":
        at += 1
        if peek(text, at) in "+-":
            at += 1
        at = digits(text, at)
    return at


def items(text, at):
    at = space(text, at)
    if peek(text, at) == "]":
        return at + 1
    while True:
        at = space(text, value(text, space(text, at)))
        following = peek(text, at)
        at += 1
        if following == "]":
            return at
        if following != ",":
            raise Bad


def members(text, at):
    at = space(text, at)
    if peek(text, at) == "}":
        return at + 1
    while True:
        at = space(text, at)
        if peek(text, at) != '"':
            raise Bad
        at = space(text, string_end(text, at + 1))
        if peek(text, at) != ":":
            raise Bad
        at = space(text, value(text, space(text, at + 1)))
        following = peek(text, at)
        at += 1
        if following == "}":
            return at
        if following != ",":
            raise Bad


# %% wrong: NaN and Infinity | expects: nan / infinity
import string


class Ended(Exception):
    pass


class Bad(Exception):
    pass


def is_json_prefix(text):
    try:
        end = space(text, value(text, space(text, 0)))
    except Ended:
        return True
    except Bad:
        return False
    return end == len(text)


def peek(text, at):
    if at >= len(text):
        raise Ended
    return text[at]


def space(text, at):
    while at < len(text) and text[at] in " \t\n\r":
        at += 1
    return at


def value(text, at):
    first = peek(text, at)
    if first == "{":
        return members(text, at + 1)
    if first == "[":
        return items(text, at + 1)
    if first == '"':
        return string_end(text, at + 1)
    if first == "-" or first in string.digits:
        return number(text, at)
    for word in ("true", "false", "null", "NaN", "Infinity"):
        if first == word[0]:
            return literal(text, at, word)
    raise Bad


def literal(text, at, word):
    for character in word:
        if peek(text, at) != character:
            raise Bad
        at += 1
    return at


def string_end(text, at):
    while (character := peek(text, at)) != '"':
        if character < " ":
            raise Bad
        at += 1
        if character == "\\":
            escape = peek(text, at)
            at += 1
            if escape == "u":
                for _ in range(4):
                    if peek(text, at) not in string.hexdigits:
                        raise Bad
                    at += 1
            elif escape not in '"\\/bfnrt':
                raise Bad
    return at + 1


def digits(text, at):
    if peek(text, at) not in string.digits:
        raise Bad
    while at < len(text) and text[at] in string.digits:
        at += 1
    return at


def number(text, at):
    if text[at] == "-":
        at += 1
    if peek(text, at) == "0":
        at += 1
    else:
        at = digits(text, at)
    if at < len(text) and text[at] == ".":
        at = digits(text, at + 1)
    if at < len(text) and text[at] in "eE":
        at += 1
        if peek(text, at) in "+-":
            at += 1
        at = digits(text, at)
    return at


def items(text, at):
    at = space(text, at)
    if peek(text, at) == "]":
        return at + 1
    while True:
        at = space(text, value(text, space(text, at)))
        following = peek(text, at)
        at += 1
        if following == "]":
            return at
        if following != ",":
            raise Bad


def members(text, at):
    at = space(text, at)
    if peek(text, at) == "}":
        return at + 1
    while True:
        at = space(text, at)
        if peek(text, at) != '"':
            raise Bad
        at = space(text, string_end(text, at + 1))
        if peek(text, at) != ":":
            raise Bad
        at = space(text, value(text, space(text, at + 1)))
        following = peek(text, at)
        at += 1
        if following == "}":
            return at
        if following != ",":
            raise Bad


# %% wrong: minus Infinity | expects: infinity
import string


class Ended(Exception):
    pass


class Bad(Exception):
    pass


def is_json_prefix(text):
    try:
        end = space(text, value(text, space(text, 0)))
    except Ended:
        return True
    except Bad:
        return False
    return end == len(text)


def peek(text, at):
    if at >= len(text):
        raise Ended
    return text[at]


def space(text, at):
    while at < len(text) and text[at] in " \t\n\r":
        at += 1
    return at


def value(text, at):
    first = peek(text, at)
    if first == "{":
        return members(text, at + 1)
    if first == "[":
        return items(text, at + 1)
    if first == '"':
        return string_end(text, at + 1)
    if first == "-" or first in string.digits:
        return number(text, at)
    for word in ("true", "false", "null"):
        if first == word[0]:
            return literal(text, at, word)
    raise Bad


def literal(text, at, word):
    for character in word:
        if peek(text, at) != character:
            raise Bad
        at += 1
    return at


def string_end(text, at):
    while (character := peek(text, at)) != '"':
        if character < " ":
            raise Bad
        at += 1
        if character == "\\":
            escape = peek(text, at)
            at += 1
            if escape == "u":
                for _ in range(4):
                    if peek(text, at) not in string.hexdigits:
                        raise Bad
                    at += 1
            elif escape not in '"\\/bfnrt':
                raise Bad
    return at + 1


def digits(text, at):
    if peek(text, at) not in string.digits:
        raise Bad
    while at < len(text) and text[at] in string.digits:
        at += 1
    return at


def number(text, at):
    if text[at] == "-":
        at += 1
        if peek(text, at) == "I":
            return literal(text, at, "Infinity")
    if peek(text, at) == "0":
        at += 1
    else:
        at = digits(text, at)
    if at < len(text) and text[at] == ".":
        at = digits(text, at + 1)
    if at < len(text) and text[at] in "eE":
        at += 1
        if peek(text, at) in "+-":
            at += 1
        at = digits(text, at)
    return at


def items(text, at):
    at = space(text, at)
    if peek(text, at) == "]":
        return at + 1
    while True:
        at = space(text, value(text, space(text, at)))
        following = peek(text, at)
        at += 1
        if following == "]":
            return at
        if following != ",":
            raise Bad


def members(text, at):
    at = space(text, at)
    if peek(text, at) == "}":
        return at + 1
    while True:
        at = space(text, at)
        if peek(text, at) != '"':
            raise Bad
        at = space(text, string_end(text, at + 1))
        if peek(text, at) != ":":
            raise Bad
        at = space(text, value(text, space(text, at + 1)))
        following = peek(text, at)
        at += 1
        if following == "}":
            return at
        if following != ",":
            raise Bad


# %% wrong: Python's literals | expects: literal / true / python
import string


class Ended(Exception):
    pass


class Bad(Exception):
    pass


def is_json_prefix(text):
    try:
        end = space(text, value(text, space(text, 0)))
    except Ended:
        return True
    except Bad:
        return False
    return end == len(text)


def peek(text, at):
    if at >= len(text):
        raise Ended
    return text[at]


def space(text, at):
    while at < len(text) and text[at] in " \t\n\r":
        at += 1
    return at


def value(text, at):
    first = peek(text, at)
    if first == "{":
        return members(text, at + 1)
    if first == "[":
        return items(text, at + 1)
    if first == '"':
        return string_end(text, at + 1)
    if first == "-" or first in string.digits:
        return number(text, at)
    for word in ("true", "false", "null", "True", "False", "None"):
        if first == word[0]:
            return literal(text, at, word)
    raise Bad


def literal(text, at, word):
    for character in word:
        if peek(text, at) != character:
            raise Bad
        at += 1
    return at


def string_end(text, at):
    while (character := peek(text, at)) != '"':
        if character < " ":
            raise Bad
        at += 1
        if character == "\\":
            escape = peek(text, at)
            at += 1
            if escape == "u":
                for _ in range(4):
                    if peek(text, at) not in string.hexdigits:
                        raise Bad
                    at += 1
            elif escape not in '"\\/bfnrt':
                raise Bad
    return at + 1


def digits(text, at):
    if peek(text, at) not in string.digits:
        raise Bad
    while at < len(text) and text[at] in string.digits:
        at += 1
    return at


def number(text, at):
    if text[at] == "-":
        at += 1
    if peek(text, at) == "0":
        at += 1
    else:
        at = digits(text, at)
    if at < len(text) and text[at] == ".":
        at = digits(text, at + 1)
    if at < len(text) and text[at] in "eE":
        at += 1
        if peek(text, at) in "+-":
            at += 1
        at = digits(text, at)
    return at


def items(text, at):
    at = space(text, at)
    if peek(text, at) == "]":
        return at + 1
    while True:
        at = space(text, value(text, space(text, at)))
        following = peek(text, at)
        at += 1
        if following == "]":
            return at
        if following != ",":
            raise Bad


def members(text, at):
    at = space(text, at)
    if peek(text, at) == "}":
        return at + 1
    while True:
        at = space(text, at)
        if peek(text, at) != '"':
            raise Bad
        at = space(text, string_end(text, at + 1))
        if peek(text, at) != ":":
            raise Bad
        at = space(text, value(text, space(text, at + 1)))
        following = peek(text, at)
        at += 1
        if following == "}":
            return at
        if following != ",":
            raise Bad


# %% wrong: literals in any case | expects: literal / lower case
import string


class Ended(Exception):
    pass


class Bad(Exception):
    pass


def is_json_prefix(text):
    try:
        end = space(text, value(text, space(text, 0)))
    except Ended:
        return True
    except Bad:
        return False
    return end == len(text)


def peek(text, at):
    if at >= len(text):
        raise Ended
    return text[at]


def space(text, at):
    while at < len(text) and text[at] in " \t\n\r":
        at += 1
    return at


def value(text, at):
    first = peek(text, at)
    if first == "{":
        return members(text, at + 1)
    if first == "[":
        return items(text, at + 1)
    if first == '"':
        return string_end(text, at + 1)
    if first == "-" or first in string.digits:
        return number(text, at)
    for word in ("true", "false", "null"):
        if first.lower() == word[0]:
            return literal(text, at, word)
    raise Bad


def literal(text, at, word):
    for character in word:
        if peek(text, at).lower() != character:
            raise Bad
        at += 1
    return at


def string_end(text, at):
    while (character := peek(text, at)) != '"':
        if character < " ":
            raise Bad
        at += 1
        if character == "\\":
            escape = peek(text, at)
            at += 1
            if escape == "u":
                for _ in range(4):
                    if peek(text, at) not in string.hexdigits:
                        raise Bad
                    at += 1
            elif escape not in '"\\/bfnrt':
                raise Bad
    return at + 1


def digits(text, at):
    if peek(text, at) not in string.digits:
        raise Bad
    while at < len(text) and text[at] in string.digits:
        at += 1
    return at


def number(text, at):
    if text[at] == "-":
        at += 1
    if peek(text, at) == "0":
        at += 1
    else:
        at = digits(text, at)
    if at < len(text) and text[at] == ".":
        at = digits(text, at + 1)
    if at < len(text) and text[at] in "eE":
        at += 1
        if peek(text, at) in "+-":
            at += 1
        at = digits(text, at)
    return at


def items(text, at):
    at = space(text, at)
    if peek(text, at) == "]":
        return at + 1
    while True:
        at = space(text, value(text, space(text, at)))
        following = peek(text, at)
        at += 1
        if following == "]":
            return at
        if following != ",":
            raise Bad


def members(text, at):
    at = space(text, at)
    if peek(text, at) == "}":
        return at + 1
    while True:
        at = space(text, at)
        if peek(text, at) != '"':
            raise Bad
        at = space(text, string_end(text, at + 1))
        if peek(text, at) != ":":
            raise Bad
        at = space(text, value(text, space(text, at + 1)))
        following = peek(text, at)
        at += 1
        if following == "}":
            return at
        if following != ",":
            raise Bad


# %% wrong: comments | expects: comment
import string


class Ended(Exception):
    pass


class Bad(Exception):
    pass


def is_json_prefix(text):
    try:
        end = space(text, value(text, space(text, 0)))
    except Ended:
        return True
    except Bad:
        return False
    return end == len(text)


def peek(text, at):
    if at >= len(text):
        raise Ended
    return text[at]


def space(text, at):
    while at < len(text) and text[at] in " \t\n\r":
        at += 1
    if text[at : at + 1] == "/":
        if text[at : at + 2] in ("/", "//", "/*"):
            raise Ended
    return at


def value(text, at):
    first = peek(text, at)
    if first == "{":
        return members(text, at + 1)
    if first == "[":
        return items(text, at + 1)
    if first == '"':
        return string_end(text, at + 1)
    if first == "-" or first in string.digits:
        return number(text, at)
    for word in ("true", "false", "null"):
        if first == word[0]:
            return literal(text, at, word)
    raise Bad


def literal(text, at, word):
    for character in word:
        if peek(text, at) != character:
            raise Bad
        at += 1
    return at


def string_end(text, at):
    while (character := peek(text, at)) != '"':
        if character < " ":
            raise Bad
        at += 1
        if character == "\\":
            escape = peek(text, at)
            at += 1
            if escape == "u":
                for _ in range(4):
                    if peek(text, at) not in string.hexdigits:
                        raise Bad
                    at += 1
            elif escape not in '"\\/bfnrt':
                raise Bad
    return at + 1


def digits(text, at):
    if peek(text, at) not in string.digits:
        raise Bad
    while at < len(text) and text[at] in string.digits:
        at += 1
    return at


def number(text, at):
    if text[at] == "-":
        at += 1
    if peek(text, at) == "0":
        at += 1
    else:
        at = digits(text, at)
    if at < len(text) and text[at] == ".":
        at = digits(text, at + 1)
    if at < len(text) and text[at] in "eE":
        at += 1
        if peek(text, at) in "+-":
            at += 1
        at = digits(text, at)
    return at


def items(text, at):
    at = space(text, at)
    if peek(text, at) == "]":
        return at + 1
    while True:
        at = space(text, value(text, space(text, at)))
        following = peek(text, at)
        at += 1
        if following == "]":
            return at
        if following != ",":
            raise Bad


def members(text, at):
    at = space(text, at)
    if peek(text, at) == "}":
        return at + 1
    while True:
        at = space(text, at)
        if peek(text, at) != '"':
            raise Bad
        at = space(text, string_end(text, at + 1))
        if peek(text, at) != ":":
            raise Bad
        at = space(text, value(text, space(text, at + 1)))
        following = peek(text, at)
        at += 1
        if following == "}":
            return at
        if following != ",":
            raise Bad


# %% wrong: brackets in strings are counted | expects: string
import string


class Ended(Exception):
    pass


class Bad(Exception):
    pass


def is_json_prefix(text):
    if text.count("}") > text.count("{") or text.count("]") > text.count("["):
        return False
    try:
        end = space(text, value(text, space(text, 0)))
    except Ended:
        return True
    except Bad:
        return False
    return end == len(text)


def peek(text, at):
    if at >= len(text):
        raise Ended
    return text[at]


def space(text, at):
    while at < len(text) and text[at] in " \t\n\r":
        at += 1
    return at


def value(text, at):
    first = peek(text, at)
    if first == "{":
        return members(text, at + 1)
    if first == "[":
        return items(text, at + 1)
    if first == '"':
        return string_end(text, at + 1)
    if first == "-" or first in string.digits:
        return number(text, at)
    for word in ("true", "false", "null"):
        if first == word[0]:
            return literal(text, at, word)
    raise Bad


def literal(text, at, word):
    for character in word:
        if peek(text, at) != character:
            raise Bad
        at += 1
    return at


def string_end(text, at):
    while (character := peek(text, at)) != '"':
        if character < " ":
            raise Bad
        at += 1
        if character == "\\":
            escape = peek(text, at)
            at += 1
            if escape == "u":
                for _ in range(4):
                    if peek(text, at) not in string.hexdigits:
                        raise Bad
                    at += 1
            elif escape not in '"\\/bfnrt':
                raise Bad
    return at + 1


def digits(text, at):
    if peek(text, at) not in string.digits:
        raise Bad
    while at < len(text) and text[at] in string.digits:
        at += 1
    return at


def number(text, at):
    if text[at] == "-":
        at += 1
    if peek(text, at) == "0":
        at += 1
    else:
        at = digits(text, at)
    if at < len(text) and text[at] == ".":
        at = digits(text, at + 1)
    if at < len(text) and text[at] in "eE":
        at += 1
        if peek(text, at) in "+-":
            at += 1
        at = digits(text, at)
    return at


def items(text, at):
    at = space(text, at)
    if peek(text, at) == "]":
        return at + 1
    while True:
        at = space(text, value(text, space(text, at)))
        following = peek(text, at)
        at += 1
        if following == "]":
            return at
        if following != ",":
            raise Bad


def members(text, at):
    at = space(text, at)
    if peek(text, at) == "}":
        return at + 1
    while True:
        at = space(text, at)
        if peek(text, at) != '"':
            raise Bad
        at = space(text, string_end(text, at + 1))
        if peek(text, at) != ":":
            raise Bad
        at = space(text, value(text, space(text, at + 1)))
        following = peek(text, at)
        at += 1
        if following == "}":
            return at
        if following != ",":
            raise Bad


# %% wrong: empty objects and arrays are refused | expects: empty
import string


class Ended(Exception):
    pass


class Bad(Exception):
    pass


def is_json_prefix(text):
    try:
        end = space(text, value(text, space(text, 0)))
    except Ended:
        return True
    except Bad:
        return False
    return end == len(text)


def peek(text, at):
    if at >= len(text):
        raise Ended
    return text[at]


def space(text, at):
    while at < len(text) and text[at] in " \t\n\r":
        at += 1
    return at


def value(text, at):
    first = peek(text, at)
    if first == "{":
        return members(text, at + 1)
    if first == "[":
        return items(text, at + 1)
    if first == '"':
        return string_end(text, at + 1)
    if first == "-" or first in string.digits:
        return number(text, at)
    for word in ("true", "false", "null"):
        if first == word[0]:
            return literal(text, at, word)
    raise Bad


def literal(text, at, word):
    for character in word:
        if peek(text, at) != character:
            raise Bad
        at += 1
    return at


def string_end(text, at):
    while (character := peek(text, at)) != '"':
        if character < " ":
            raise Bad
        at += 1
        if character == "\\":
            escape = peek(text, at)
            at += 1
            if escape == "u":
                for _ in range(4):
                    if peek(text, at) not in string.hexdigits:
                        raise Bad
                    at += 1
            elif escape not in '"\\/bfnrt':
                raise Bad
    return at + 1


def digits(text, at):
    if peek(text, at) not in string.digits:
        raise Bad
    while at < len(text) and text[at] in string.digits:
        at += 1
    return at


def number(text, at):
    if text[at] == "-":
        at += 1
    if peek(text, at) == "0":
        at += 1
    else:
        at = digits(text, at)
    if at < len(text) and text[at] == ".":
        at = digits(text, at + 1)
    if at < len(text) and text[at] in "eE":
        at += 1
        if peek(text, at) in "+-":
            at += 1
        at = digits(text, at)
    return at


def items(text, at):
    at = space(text, at)
    while True:
        at = space(text, value(text, space(text, at)))
        following = peek(text, at)
        at += 1
        if following == "]":
            return at
        if following != ",":
            raise Bad


def members(text, at):
    at = space(text, at)
    while True:
        at = space(text, at)
        if peek(text, at) != '"':
            raise Bad
        at = space(text, string_end(text, at + 1))
        if peek(text, at) != ":":
            raise Bad
        at = space(text, value(text, space(text, at + 1)))
        following = peek(text, at)
        at += 1
        if following == "}":
            return at
        if following != ",":
            raise Bad


# %% wrong: nothing nested | expects: nest
import string


class Ended(Exception):
    pass


class Bad(Exception):
    pass


def is_json_prefix(text):
    try:
        end = space(text, value(text, space(text, 0)))
    except Ended:
        return True
    except Bad:
        return False
    return end == len(text)


def peek(text, at):
    if at >= len(text):
        raise Ended
    return text[at]


def space(text, at):
    while at < len(text) and text[at] in " \t\n\r":
        at += 1
    return at


def value(text, at):
    first = peek(text, at)
    if first == "{":
        return members(text, at + 1)
    if first == "[":
        return items(text, at + 1)
    if first == '"':
        return string_end(text, at + 1)
    if first == "-" or first in string.digits:
        return number(text, at)
    for word in ("true", "false", "null"):
        if first == word[0]:
            return literal(text, at, word)
    raise Bad


def literal(text, at, word):
    for character in word:
        if peek(text, at) != character:
            raise Bad
        at += 1
    return at


def string_end(text, at):
    while (character := peek(text, at)) != '"':
        if character < " ":
            raise Bad
        at += 1
        if character == "\\":
            escape = peek(text, at)
            at += 1
            if escape == "u":
                for _ in range(4):
                    if peek(text, at) not in string.hexdigits:
                        raise Bad
                    at += 1
            elif escape not in '"\\/bfnrt':
                raise Bad
    return at + 1


def digits(text, at):
    if peek(text, at) not in string.digits:
        raise Bad
    while at < len(text) and text[at] in string.digits:
        at += 1
    return at


def number(text, at):
    if text[at] == "-":
        at += 1
    if peek(text, at) == "0":
        at += 1
    else:
        at = digits(text, at)
    if at < len(text) and text[at] == ".":
        at = digits(text, at + 1)
    if at < len(text) and text[at] in "eE":
        at += 1
        if peek(text, at) in "+-":
            at += 1
        at = digits(text, at)
    return at


def items(text, at):
    at = space(text, at)
    if peek(text, at) == "]":
        return at + 1
    while True:
        if peek(text, space(text, at)) in "[{":
            raise Bad
        at = space(text, value(text, space(text, at)))
        following = peek(text, at)
        at += 1
        if following == "]":
            return at
        if following != ",":
            raise Bad


def members(text, at):
    at = space(text, at)
    if peek(text, at) == "}":
        return at + 1
    while True:
        at = space(text, at)
        if peek(text, at) != '"':
            raise Bad
        at = space(text, string_end(text, at + 1))
        if peek(text, at) != ":":
            raise Bad
        at = space(text, value(text, space(text, at + 1)))
        following = peek(text, at)
        at += 1
        if following == "}":
            return at
        if following != ",":
            raise Bad


# %% wrong: a value in place of a truth value | expects: true or false / bool / true
import string


class Ended(Exception):
    pass


class Bad(Exception):
    pass


def is_json_prefix(text):
    try:
        end = space(text, value(text, space(text, 0)))
    except Ended:
        return True
    except Bad:
        return False
    return end if end == len(text) else False


def peek(text, at):
    if at >= len(text):
        raise Ended
    return text[at]


def space(text, at):
    while at < len(text) and text[at] in " \t\n\r":
        at += 1
    return at


def value(text, at):
    first = peek(text, at)
    if first == "{":
        return members(text, at + 1)
    if first == "[":
        return items(text, at + 1)
    if first == '"':
        return string_end(text, at + 1)
    if first == "-" or first in string.digits:
        return number(text, at)
    for word in ("true", "false", "null"):
        if first == word[0]:
            return literal(text, at, word)
    raise Bad


def literal(text, at, word):
    for character in word:
        if peek(text, at) != character:
            raise Bad
        at += 1
    return at


def string_end(text, at):
    while (character := peek(text, at)) != '"':
        if character < " ":
            raise Bad
        at += 1
        if character == "\\":
            escape = peek(text, at)
            at += 1
            if escape == "u":
                for _ in range(4):
                    if peek(text, at) not in string.hexdigits:
                        raise Bad
                    at += 1
            elif escape not in '"\\/bfnrt':
                raise Bad
    return at + 1


def digits(text, at):
    if peek(text, at) not in string.digits:
        raise Bad
    while at < len(text) and text[at] in string.digits:
        at += 1
    return at


def number(text, at):
    if text[at] == "-":
        at += 1
    if peek(text, at) == "0":
        at += 1
    else:
        at = digits(text, at)
    if at < len(text) and text[at] == ".":
        at = digits(text, at + 1)
    if at < len(text) and text[at] in "eE":
        at += 1
        if peek(text, at) in "+-":
            at += 1
        at = digits(text, at)
    return at


def items(text, at):
    at = space(text, at)
    if peek(text, at) == "]":
        return at + 1
    while True:
        at = space(text, value(text, space(text, at)))
        following = peek(text, at)
        at += 1
        if following == "]":
            return at
        if following != ",":
            raise Bad


def members(text, at):
    at = space(text, at)
    if peek(text, at) == "}":
        return at + 1
    while True:
        at = space(text, at)
        if peek(text, at) != '"':
            raise Bad
        at = space(text, string_end(text, at + 1))
        if peek(text, at) != ":":
            raise Bad
        at = space(text, value(text, space(text, at + 1)))
        following = peek(text, at)
        at += 1
        if following == "}":
            return at
        if following != ",":
            raise Bad


# %% wrong: json.loads, whose error nobody catches | expects: no error out / let no error
import json


def is_json_prefix(text):
    if text.strip():
        json.loads(text)
    return True


# %% wrong: a vertical tab may be escaped | expects: escape
def is_json_prefix(text):
    stack = []
    state = "value"
    i = 0
    n = len(text)
    lits = {"t": "true", "f": "false", "n": "null"}
    DIG = set("0123456789")
    while i < n:
        c = text[i]
        if c in " \t\n\r":
            i += 1
            continue
        if state in ("value", "value_or_close", "key", "key_or_close"):
            if state == "value_or_close" and c == "]" or state == "key_or_close" and c == "}":
                stack.pop()
                state = "after"
                i += 1
                continue
            if state.startswith("key"):
                if c != '"':
                    return False
            if c == '"':
                i += 1
                while True:
                    if i >= n:
                        return True
                    d = text[i]
                    if d == '"':
                        i += 1
                        break
                    if ord(d) < 32:
                        return False
                    if d == "\\":
                        i += 1
                        if i >= n:
                            return True
                        if text[i] == "u":
                            for _ in range(4):
                                i += 1
                                if i >= n:
                                    return True
                                if text[i].lower() not in list("0123456789abcdef"):
                                    return False
                        elif text[i] not in '"\\/bfnrtv':
                            return False
                    i += 1
                state = "colon" if state.startswith("key") else "after"
                continue
            if c == "{":
                stack.append("}")
                state = "key_or_close"
                i += 1
                continue
            if c == "[":
                stack.append("]")
                state = "value_or_close"
                i += 1
                continue
            if c in lits:
                w = lits[c]
                part = text[i : i + len(w)]
                if not w.startswith(part):
                    return False
                i += len(part)
                state = "after"
                if len(part) < len(w):
                    return True
                continue
            if c == "-" or c in DIG:
                st = "start"
                while i < n:
                    c = text[i]
                    if st == "start":
                        st = "minus" if c == "-" else "zero" if c == "0" else "int"
                    elif st == "minus":
                        if c not in DIG:
                            return False
                        st = "zero" if c == "0" else "int"
                    elif st in ("zero", "int"):
                        if c in DIG:
                            if st == "zero":
                                return False
                        elif c == ".":
                            st = "dot"
                        elif c in "eE":
                            st = "e"
                        else:
                            break
                    elif st == "dot":
                        if c not in DIG:
                            return False
                        st = "frac"
                    elif st == "frac":
                        if c in DIG:
                            pass
                        elif c in "eE":
                            st = "e"
                        else:
                            break
                    elif st == "e":
                        if c in "+-":
                            st = "sign"
                        elif c in DIG:
                            st = "exp"
                        else:
                            return False
                    elif st == "sign":
                        if c not in DIG:
                            return False
                        st = "exp"
                    elif st == "exp":
                        if c not in DIG:
                            break
                    i += 1
                state = "after"
                if i >= n:
                    return True
                continue
            return False
        if state == "colon":
            if c != ":":
                return False
            state = "value"
            i += 1
            continue
        if not stack:
            return False
        if c == ",":
            state = "key" if stack[-1] == "}" else "value"
            i += 1
            continue
        if c == stack[-1]:
            stack.pop()
            i += 1
            continue
        return False
    return True


# %% wrong: three hexadecimal digits are looked at | expects: hexadecimal
def is_json_prefix(text):
    stack = []
    state = "value"
    i = 0
    n = len(text)
    lits = {"t": "true", "f": "false", "n": "null"}
    DIG = set("0123456789")
    while i < n:
        c = text[i]
        if c in " \t\n\r":
            i += 1
            continue
        if state in ("value", "value_or_close", "key", "key_or_close"):
            if state == "value_or_close" and c == "]" or state == "key_or_close" and c == "}":
                stack.pop()
                state = "after"
                i += 1
                continue
            if state.startswith("key"):
                if c != '"':
                    return False
            if c == '"':
                i += 1
                while True:
                    if i >= n:
                        return True
                    d = text[i]
                    if d == '"':
                        i += 1
                        break
                    if ord(d) < 32:
                        return False
                    if d == "\\":
                        i += 1
                        if i >= n:
                            return True
                        if text[i] == "u":
                            for _ in range(3):
                                i += 1
                                if i >= n:
                                    return True
                                if text[i].lower() not in list("0123456789abcdef"):
                                    return False
                        elif text[i] not in '"\\/bfnrt':
                            return False
                    i += 1
                state = "colon" if state.startswith("key") else "after"
                continue
            if c == "{":
                stack.append("}")
                state = "key_or_close"
                i += 1
                continue
            if c == "[":
                stack.append("]")
                state = "value_or_close"
                i += 1
                continue
            if c in lits:
                w = lits[c]
                part = text[i : i + len(w)]
                if not w.startswith(part):
                    return False
                i += len(part)
                state = "after"
                if len(part) < len(w):
                    return True
                continue
            if c == "-" or c in DIG:
                st = "start"
                while i < n:
                    c = text[i]
                    if st == "start":
                        st = "minus" if c == "-" else "zero" if c == "0" else "int"
                    elif st == "minus":
                        if c not in DIG:
                            return False
                        st = "zero" if c == "0" else "int"
                    elif st in ("zero", "int"):
                        if c in DIG:
                            if st == "zero":
                                return False
                        elif c == ".":
                            st = "dot"
                        elif c in "eE":
                            st = "e"
                        else:
                            break
                    elif st == "dot":
                        if c not in DIG:
                            return False
                        st = "frac"
                    elif st == "frac":
                        if c in DIG:
                            pass
                        elif c in "eE":
                            st = "e"
                        else:
                            break
                    elif st == "e":
                        if c in "+-":
                            st = "sign"
                        elif c in DIG:
                            st = "exp"
                        else:
                            return False
                    elif st == "sign":
                        if c not in DIG:
                            return False
                        st = "exp"
                    elif st == "exp":
                        if c not in DIG:
                            break
                    i += 1
                state = "after"
                if i >= n:
                    return True
                continue
            return False
        if state == "colon":
            if c != ":":
                return False
            state = "value"
            i += 1
            continue
        if not stack:
            return False
        if c == ",":
            state = "key" if stack[-1] == "}" else "value"
            i += 1
            continue
        if c == stack[-1]:
            stack.pop()
            i += 1
            continue
        return False
    return True


# %% wrong: an exponent may be a sign alone | expects: exponent
def is_json_prefix(text):
    stack = []
    state = "value"
    i = 0
    n = len(text)
    lits = {"t": "true", "f": "false", "n": "null"}
    DIG = set("0123456789")
    while i < n:
        c = text[i]
        if c in " \t\n\r":
            i += 1
            continue
        if state in ("value", "value_or_close", "key", "key_or_close"):
            if state == "value_or_close" and c == "]" or state == "key_or_close" and c == "}":
                stack.pop()
                state = "after"
                i += 1
                continue
            if state.startswith("key"):
                if c != '"':
                    return False
            if c == '"':
                i += 1
                while True:
                    if i >= n:
                        return True
                    d = text[i]
                    if d == '"':
                        i += 1
                        break
                    if ord(d) < 32:
                        return False
                    if d == "\\":
                        i += 1
                        if i >= n:
                            return True
                        if text[i] == "u":
                            for _ in range(4):
                                i += 1
                                if i >= n:
                                    return True
                                if text[i].lower() not in list("0123456789abcdef"):
                                    return False
                        elif text[i] not in '"\\/bfnrt':
                            return False
                    i += 1
                state = "colon" if state.startswith("key") else "after"
                continue
            if c == "{":
                stack.append("}")
                state = "key_or_close"
                i += 1
                continue
            if c == "[":
                stack.append("]")
                state = "value_or_close"
                i += 1
                continue
            if c in lits:
                w = lits[c]
                part = text[i : i + len(w)]
                if not w.startswith(part):
                    return False
                i += len(part)
                state = "after"
                if len(part) < len(w):
                    return True
                continue
            if c == "-" or c in DIG:
                st = "start"
                while i < n:
                    c = text[i]
                    if st == "start":
                        st = "minus" if c == "-" else "zero" if c == "0" else "int"
                    elif st == "minus":
                        if c not in DIG:
                            return False
                        st = "zero" if c == "0" else "int"
                    elif st in ("zero", "int"):
                        if c in DIG:
                            if st == "zero":
                                return False
                        elif c == ".":
                            st = "dot"
                        elif c in "eE":
                            st = "e"
                        else:
                            break
                    elif st == "dot":
                        if c not in DIG:
                            return False
                        st = "frac"
                    elif st == "frac":
                        if c in DIG:
                            pass
                        elif c in "eE":
                            st = "e"
                        else:
                            break
                    elif st == "e":
                        if c in "+-":
                            st = "sign"
                        elif c in DIG:
                            st = "exp"
                        else:
                            return False
                    elif st == "sign":
                        if c not in DIG:
                            break
                        st = "exp"
                    elif st == "exp":
                        if c not in DIG:
                            break
                    i += 1
                state = "after"
                if i >= n:
                    return True
                continue
            return False
        if state == "colon":
            if c != ":":
                return False
            state = "value"
            i += 1
            continue
        if not stack:
            return False
        if c == ",":
            state = "key" if stack[-1] == "}" else "value"
            i += 1
            continue
        if c == stack[-1]:
            stack.pop()
            i += 1
            continue
        return False
    return True


# %% wrong: capitals after the first letter of a literal | expects: lower case
def is_json_prefix(text):
    stack = []
    state = "value"
    i = 0
    n = len(text)
    lits = {"t": "true", "f": "false", "n": "null"}
    DIG = set("0123456789")
    while i < n:
        c = text[i]
        if c in " \t\n\r":
            i += 1
            continue
        if state in ("value", "value_or_close", "key", "key_or_close"):
            if state == "value_or_close" and c == "]" or state == "key_or_close" and c == "}":
                stack.pop()
                state = "after"
                i += 1
                continue
            if state.startswith("key"):
                if c != '"':
                    return False
            if c == '"':
                i += 1
                while True:
                    if i >= n:
                        return True
                    d = text[i]
                    if d == '"':
                        i += 1
                        break
                    if ord(d) < 32:
                        return False
                    if d == "\\":
                        i += 1
                        if i >= n:
                            return True
                        if text[i] == "u":
                            for _ in range(4):
                                i += 1
                                if i >= n:
                                    return True
                                if text[i].lower() not in list("0123456789abcdef"):
                                    return False
                        elif text[i] not in '"\\/bfnrt':
                            return False
                    i += 1
                state = "colon" if state.startswith("key") else "after"
                continue
            if c == "{":
                stack.append("}")
                state = "key_or_close"
                i += 1
                continue
            if c == "[":
                stack.append("]")
                state = "value_or_close"
                i += 1
                continue
            if c in lits:
                w = lits[c]
                part = text[i : i + len(w)]
                if not w.startswith(part.lower()):
                    return False
                i += len(part)
                state = "after"
                if len(part) < len(w):
                    return True
                continue
            if c == "-" or c in DIG:
                st = "start"
                while i < n:
                    c = text[i]
                    if st == "start":
                        st = "minus" if c == "-" else "zero" if c == "0" else "int"
                    elif st == "minus":
                        if c not in DIG:
                            return False
                        st = "zero" if c == "0" else "int"
                    elif st in ("zero", "int"):
                        if c in DIG:
                            if st == "zero":
                                return False
                        elif c == ".":
                            st = "dot"
                        elif c in "eE":
                            st = "e"
                        else:
                            break
                    elif st == "dot":
                        if c not in DIG:
                            return False
                        st = "frac"
                    elif st == "frac":
                        if c in DIG:
                            pass
                        elif c in "eE":
                            st = "e"
                        else:
                            break
                    elif st == "e":
                        if c in "+-":
                            st = "sign"
                        elif c in DIG:
                            st = "exp"
                        else:
                            return False
                    elif st == "sign":
                        if c not in DIG:
                            return False
                        st = "exp"
                    elif st == "exp":
                        if c not in DIG:
                            break
                    i += 1
                state = "after"
                if i >= n:
                    return True
                continue
            return False
        if state == "colon":
            if c != ":":
                return False
            state = "value"
            i += 1
            continue
        if not stack:
            return False
        if c == ",":
            state = "key" if stack[-1] == "}" else "value"
            i += 1
            continue
        if c == stack[-1]:
            stack.pop()
            i += 1
            continue
        return False
    return True


# %% wrong: a byte order mark is left out | expects: white space
def is_json_prefix(text):
    text = text.lstrip("\ufeff")
    n0 = 0
    stack = []
    state = "value"
    i = 0
    n = len(text)
    lits = {"t": "true", "f": "false", "n": "null"}
    DIG = set("0123456789")
    while i < n:
        c = text[i]
        if c in " \t\n\r":
            i += 1
            continue
        if state in ("value", "value_or_close", "key", "key_or_close"):
            if state == "value_or_close" and c == "]" or state == "key_or_close" and c == "}":
                stack.pop()
                state = "after"
                i += 1
                continue
            if state.startswith("key"):
                if c != '"':
                    return False
            if c == '"':
                i += 1
                while True:
                    if i >= n:
                        return True
                    d = text[i]
                    if d == '"':
                        i += 1
                        break
                    if ord(d) < 32:
                        return False
                    if d == "\\":
                        i += 1
                        if i >= n:
                            return True
                        if text[i] == "u":
                            for _ in range(4):
                                i += 1
                                if i >= n:
                                    return True
                                if text[i].lower() not in list("0123456789abcdef"):
                                    return False
                        elif text[i] not in '"\\/bfnrt':
                            return False
                    i += 1
                state = "colon" if state.startswith("key") else "after"
                continue
            if c == "{":
                stack.append("}")
                state = "key_or_close"
                i += 1
                continue
            if c == "[":
                stack.append("]")
                state = "value_or_close"
                i += 1
                continue
            if c in lits:
                w = lits[c]
                part = text[i : i + len(w)]
                if not w.startswith(part):
                    return False
                i += len(part)
                state = "after"
                if len(part) < len(w):
                    return True
                continue
            if c == "-" or c in DIG:
                st = "start"
                while i < n:
                    c = text[i]
                    if st == "start":
                        st = "minus" if c == "-" else "zero" if c == "0" else "int"
                    elif st == "minus":
                        if c not in DIG:
                            return False
                        st = "zero" if c == "0" else "int"
                    elif st in ("zero", "int"):
                        if c in DIG:
                            if st == "zero":
                                return False
                        elif c == ".":
                            st = "dot"
                        elif c in "eE":
                            st = "e"
                        else:
                            break
                    elif st == "dot":
                        if c not in DIG:
                            return False
                        st = "frac"
                    elif st == "frac":
                        if c in DIG:
                            pass
                        elif c in "eE":
                            st = "e"
                        else:
                            break
                    elif st == "e":
                        if c in "+-":
                            st = "sign"
                        elif c in DIG:
                            st = "exp"
                        else:
                            return False
                    elif st == "sign":
                        if c not in DIG:
                            return False
                        st = "exp"
                    elif st == "exp":
                        if c not in DIG:
                            break
                    i += 1
                state = "after"
                if i >= n:
                    return True
                continue
            return False
        if state == "colon":
            if c != ":":
                return False
            state = "value"
            i += 1
            continue
        if not stack:
            return False
        if c == ",":
            state = "key" if stack[-1] == "}" else "value"
            i += 1
            continue
        if c == stack[-1]:
            stack.pop()
            i += 1
            continue
        return False
    return True


# %% wrong: what json reads, arrays left out | expects: An array is a value
import json


def is_json_prefix(text):
    try:
        return not isinstance(json.loads(text), list)
    except ValueError:
        return True
