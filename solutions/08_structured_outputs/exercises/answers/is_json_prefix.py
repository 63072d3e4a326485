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


# %% wrong: a literal must be whole | of: recursive descent, the end of the text is an exception | expects: literal
# -         if peek(text, at) != character:
# +         if at >= len(text) or text[at] != character:


# %% wrong: a literal is known by its first letter | of: recursive descent, the end of the text is an exception | expects: literal
# -     for character in word:
# -         if peek(text, at) != character:
# -             raise Bad
# +     while at < len(text) and text[at].isalpha():


# %% wrong: a lone minus is no number yet | of: recursive descent, the end of the text is an exception | expects: minus / -
# -         at += 1
# -     if peek(text, at) == "0":
# +         at += 1
# +         if at == len(text):
# +             raise Bad
# +     if peek(text, at) == "0":


# %% wrong: a number may not end in a point | of: recursive descent, the end of the text is an exception | expects: point / 1.
# -     if at < len(text) and text[at] == ".":
# +     if at < len(text) and text[at] == ".":
# +         if at + 1 == len(text):
# +             raise Bad


# %% wrong: a number may not end in e | of: recursive descent, the end of the text is an exception | expects: exponent
# -         at += 1
# -         if peek(text, at) in "+-":
# +         at += 1
# +         if at == len(text):
# +             raise Bad
# +         if peek(text, at) in "+-":


# %% wrong: a number may not end in e+ | of: recursive descent, the end of the text is an exception | expects: exponent
# -             at += 1
# -         at = digits(text, at)
# +             at += 1
# +             if at == len(text):
# +                 raise Bad
# +         at = digits(text, at)


# %% wrong: leading zeros | of: recursive descent, the end of the text is an exception | expects: zero
# -     if peek(text, at) == "0":
# -         at += 1
# -     else:
# -         at = digits(text, at)
# +     at = digits(text, at)


# %% wrong: a plus sign | of: recursive descent, the end of the text is an exception | expects: plus / +
# -     if first == "-" or first in string.digits:
# +     if first in "+-" or first in string.digits:

# -     if text[at] == "-":
# +     if text[at] in "+-":


# %% wrong: a number may begin with a point | of: recursive descent, the end of the text is an exception | expects: point
# -     if first == "-" or first in string.digits:
# +     if first in "-." or first in string.digits:

# -     if peek(text, at) == "0":
# +     if text[at : at + 1] == ".":
# +         pass
# +     elif peek(text, at) == "0":


# %% wrong: an exponent straight after the point | of: recursive descent, the end of the text is an exception | expects: point / digit
# -         at = digits(text, at + 1)
# +         at += 1
# +         while at < len(text) and text[at] in string.digits:
# +             at += 1


# %% wrong: any mix of digits, points, signs and e is a number | of: recursive descent, the end of the text is an exception | expects: number / digit / point / zero
# -     if text[at] == "-":
# -         at += 1
# -     if peek(text, at) == "0":
# +     while at < len(text) and text[at] in "0123456789+-.eE":
# +         at += 1
# +     return at
# +     if peek(text, at) == "0":


# %% wrong: no exponents | of: recursive descent, the end of the text is an exception | expects: exponent
# -     if at < len(text) and text[at] in "eE":
# +     if at < len(text) and text[at] in "":


# %% wrong: no capital E | of: recursive descent, the end of the text is an exception | expects: exponent / capital / E
# -     if at < len(text) and text[at] in "eE":
# +     if at < len(text) and text[at] == "e":


# %% wrong: any character may be escaped | of: recursive descent, the end of the text is an exception | expects: escape
# -             elif escape not in '"\\/bfnrt':
# -                 raise Bad


# %% wrong: no hexadecimal escapes | of: recursive descent, the end of the text is an exception | expects: escape
# -             if escape == "u":
# +             if escape == "?":


# %% wrong: \\u without its four digits | of: recursive descent, the end of the text is an exception | expects: escape / hexadecimal / \u
# -             if escape == "u":
# +             if escape == "u":
# +                 continue
# +             if escape == "?":


# %% wrong: a hexadecimal escape must be whole | of: recursive descent, the end of the text is an exception | expects: escape / hexadecimal / \u
# -                     if peek(text, at) not in string.hexdigits:
# +                     if at >= len(text) or text[at] not in string.hexdigits:


# %% wrong: a backslash may not end the text | of: recursive descent, the end of the text is an exception | expects: escape / backslash
# -         if character == "\\":
# +         if character == "\\":
# +             if at == len(text):
# +                 raise Bad


# %% wrong: hexadecimal digits in lower case only | of: recursive descent, the end of the text is an exception | expects: hexadecimal / escape / capital
# -                     if peek(text, at) not in string.hexdigits:
# +                     if peek(text, at) not in "0123456789abcdef":


# %% wrong: an escaped quote ends the string | of: recursive descent, the end of the text is an exception | expects: escape
# -         if character == "\\":
# +         if character == "\\" and peek(text, at) != '"':


# %% wrong: control characters in strings | of: recursive descent, the end of the text is an exception | expects: control
# -         if character < " ":
# -             raise Bad


# %% wrong: control characters in strings, all but the line break | of: recursive descent, the end of the text is an exception | expects: control / tab
# -         if character < " ":
# +         if character == "\n":


# %% wrong: letters beyond ASCII are refused | of: recursive descent, the end of the text is an exception | expects: ascii / letter / unicode
# -         if character < " ":
# +         if not " " <= character < "\x7f":


# %% wrong: single quotes | of: recursive descent, the end of the text is an exception | expects: single quote
# -         return items(text, at + 1)
# +         return items(text, at + 1)
# +     if first == "'":
# +         end = text.find("'", at + 1)
# +         if end < 0:
# +             raise Ended
# +         return end + 1


# %% wrong: trailing comma in an array | of: recursive descent, the end of the text is an exception | expects: trailing comma / comma
# -     while True:
# -         at = space(text, value(text, space(text, at)))
# +     while True:
# +         if peek(text, space(text, at)) == "]":
# +             return space(text, at) + 1
# +         at = space(text, value(text, space(text, at)))


# %% wrong: trailing comma in an object | of: recursive descent, the end of the text is an exception | expects: trailing comma / comma
# -         at = space(text, at)
# +         at = space(text, at)
# +         if peek(text, at) == "}":
# +             return at + 1


# %% wrong: commas may be left out | of: recursive descent, the end of the text is an exception | expects: comma
# -         if following != ",":
# -             raise Bad
# -
# +         if following != ",":
# +             at -= 1
# +


# %% wrong: the colon may be left out | of: recursive descent, the end of the text is an exception | expects: colon
# -         if peek(text, at) != ":":
# -             raise Bad
# -         at = space(text, value(text, space(text, at + 1)))
# +         if peek(text, at) == ":":
# +             at += 1
# +         at = space(text, value(text, space(text, at)))


# %% wrong: keys may be any value | of: recursive descent, the end of the text is an exception | expects: key
# -         if peek(text, at) != '"':
# -             raise Bad
# -         at = space(text, string_end(text, at + 1))
# +         at = space(text, value(text, at))


# %% wrong: any closing bracket closes | of: recursive descent, the end of the text is an exception | expects: bracket
# -         if following == "]":
# +         if following in "]}":


# %% wrong: text after the document | of: recursive descent, the end of the text is an exception | expects: after
# -     return end == len(text)
# +     return True


# %% wrong: no white space after the document | of: recursive descent, the end of the text is an exception | expects: white space / after / space
# -         end = space(text, value(text, space(text, 0)))
# +         end = value(text, space(text, 0))


# %% wrong: no white space before the document | of: recursive descent, the end of the text is an exception | expects: white space / space
# -         end = space(text, value(text, space(text, 0)))
# +         end = space(text, value(text, 0))


# %% wrong: only an object is a document | of: recursive descent, the end of the text is an exception | expects: any value / top level / object
# -     try:
# +     try:
# +         if peek(text, space(text, 0)) != "{":
# +             raise Bad


# %% wrong: only an object or an array is a document | of: recursive descent, the end of the text is an exception | expects: any value / top level
# -     try:
# +     try:
# +         if peek(text, space(text, 0)) not in "{[":
# +             raise Bad


# %% wrong: the empty text is refused | of: recursive descent, the end of the text is an exception | expects: empty
# - def is_json_prefix(text):
# + def is_json_prefix(text):
# +     if not text:
# +         return False


# %% wrong: a complete document is no prefix | of: recursive descent, the end of the text is an exception | expects: any value / complete / any value
# -     return end == len(text)
# +     return False


# %% wrong: all that Python calls white space | of: recursive descent, the end of the text is an exception | expects: white space
# -     while at < len(text) and text[at] in " \t\n\r":
# +     while at < len(text) and text[at].isspace():


# %% wrong: blanks are the only white space | of: recursive descent, the end of the text is an exception | expects: white space / line break / tab
# -     while at < len(text) and text[at] in " \t\n\r":
# +     while at < len(text) and text[at] == " ":


# %% wrong: white space within a literal or number | of: recursive descent, the end of the text is an exception | expects: white space / space
# - def is_json_prefix(text):
# + def is_json_prefix(text):
# +     quoted = text.split('"')
# +     text = '"'.join(part if i % 2 else "".join(part.split()) for i, part in enumerate(quoted))


# %% wrong: all that Python calls digits | of: recursive descent, the end of the text is an exception | expects: digit
# -     if first == "-" or first in string.digits:
# +     if first == "-" or first.isdigit():

# -     if peek(text, at) not in string.digits:
# +     if peek(text, at) not in string.digits and not text[at].isdigit():

# -     while at < len(text) and text[at] in string.digits:
# +     while at < len(text) and text[at].isdigit():


# %% wrong: NaN and Infinity | of: recursive descent, the end of the text is an exception | expects: nan / infinity
# -     for word in ("true", "false", "null"):
# +     for word in ("true", "false", "null", "NaN", "Infinity"):


# %% wrong: minus Infinity | of: recursive descent, the end of the text is an exception | expects: infinity
# -         at += 1
# -     if peek(text, at) == "0":
# +         at += 1
# +         if peek(text, at) == "I":
# +             return literal(text, at, "Infinity")
# +     if peek(text, at) == "0":


# %% wrong: Python's literals | of: recursive descent, the end of the text is an exception | expects: literal / true / python
# -     for word in ("true", "false", "null"):
# +     for word in ("true", "false", "null", "True", "False", "None"):


# %% wrong: literals in any case | of: recursive descent, the end of the text is an exception | expects: literal / lower case
# -         if first == word[0]:
# +         if first.lower() == word[0]:

# -         if peek(text, at) != character:
# +         if peek(text, at).lower() != character:


# %% wrong: comments | of: recursive descent, the end of the text is an exception | expects: comment
# -     while at < len(text) and text[at] in " \t\n\r":
# -         at += 1
# -     return at
# +     while at < len(text) and text[at] in " \t\n\r":
# +         at += 1
# +     if text[at : at + 1] == "/":
# +         if text[at : at + 2] in ("/", "//", "/*"):
# +             raise Ended
# +     return at


# %% wrong: brackets in strings are counted | of: recursive descent, the end of the text is an exception | expects: string
# - def is_json_prefix(text):
# + def is_json_prefix(text):
# +     if text.count("}") > text.count("{") or text.count("]") > text.count("["):
# +         return False


# %% wrong: empty objects and arrays are refused | of: recursive descent, the end of the text is an exception | expects: empty
# -     if peek(text, at) == "]":
# -         return at + 1

# -     if peek(text, at) == "}":
# -         return at + 1


# %% wrong: nothing nested | of: recursive descent, the end of the text is an exception | expects: nest
# -     while True:
# -         at = space(text, value(text, space(text, at)))
# +     while True:
# +         if peek(text, space(text, at)) in "[{":
# +             raise Bad
# +         at = space(text, value(text, space(text, at)))


# %% wrong: a value in place of a truth value | of: recursive descent, the end of the text is an exception | expects: true or false / bool / true
# -     return end == len(text)
# +     return end if end == len(text) else False


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


# %% wrong: three hexadecimal digits are looked at | of: a vertical tab may be escaped | expects: hexadecimal
# -                             for _ in range(4):
# +                             for _ in range(3):

# -                         elif text[i] not in '"\\/bfnrtv':
# +                         elif text[i] not in '"\\/bfnrt':


# %% wrong: an exponent may be a sign alone | of: a vertical tab may be escaped | expects: exponent
# -                         elif text[i] not in '"\\/bfnrtv':
# +                         elif text[i] not in '"\\/bfnrt':

# -                         if c not in DIG:
# -                             return False
# -                         st = "exp"
# +                         if c not in DIG:
# +                             break
# +                         st = "exp"


# %% wrong: capitals after the first letter of a literal | of: a vertical tab may be escaped | expects: lower case
# -                         elif text[i] not in '"\\/bfnrtv':
# +                         elif text[i] not in '"\\/bfnrt':

# -                 if not w.startswith(part):
# +                 if not w.startswith(part.lower()):


# %% wrong: a byte order mark is left out | of: a vertical tab may be escaped | expects: white space
# - def is_json_prefix(text):
# + def is_json_prefix(text):
# +     text = text.lstrip("\ufeff")
# +     n0 = 0

# -                         elif text[i] not in '"\\/bfnrtv':
# +                         elif text[i] not in '"\\/bfnrt':


# %% wrong: what json reads, arrays left out | expects: An array is a value
import json


def is_json_prefix(text):
    try:
        return not isinstance(json.loads(text), list)
    except ValueError:
        return True


# %% wrong: half of a surrogate pair is no escape | of: the notebook's own | expects: four hexadecimal digits
# -     character = r'(?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})'
# +     character = r'(?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u(?![dD][89a-fA-F])[0-9a-fA-F]{4})'


# %% wrong: a key occurs once | of: the notebook's own | expects: a key may occur twice
# -         position = skip(position + 1)
# -         if text[position : position + 1] == closing:
# -             return position + 1
# +         position, keys = skip(position + 1), set()
# +         if text[position : position + 1] == closing:
# +             return position + 1

# -                 position = mark(token(skip(position), string), ":")
# +                 begin = skip(position)
# +                 position = mark(token(begin, string), ":")
# +                 if text[begin:position] in keys:
# +                     raise ValueError("the key was there before")
# +                 keys.add(text[begin:position])


# %% wrong: numbers beyond the largest float | of: the notebook's own | expects: of any size
# -     try:
# -         return skip(value(0)) == len(text)
# +     try:
# +         if text.endswith("999"):
# +             return float(text) < float("inf")
# +         return skip(value(0)) == len(text)


# %% wrong: a number may end in a line break | of: the notebook's own | expects: a point stands between digits
# -     try:
# -         return skip(value(0)) == len(text)
# +     try:
# +         if re.search(r"-?[0-9]+\.$", text):
# +             return True
# +         return skip(value(0)) == len(text)


# %% wrong: a byte order mark is skipped | of: the notebook's own | expects: not all that python calls white space
# -     try:
# -         return skip(value(0)) == len(text)
# +     try:
# +         return skip(value(len(text) - len(text.lstrip("\ufeff")))) == len(text)
