"""Answers to `repair_json`: right ones that must pass, wrong ones that must fail with the words given."""

# %% right: reads the text once, and writes the mended text as it goes
import json


def repair_json(text):
    try:
        json.loads(text)
        return text
    except ValueError:
        pass
    start = text.find("{")
    if start < 0:
        raise ValueError(f"text holds no object: {text!r}")
    out, stack, quote = [], [], None
    at = start
    while at < len(text):
        c = text[at]
        if quote:
            if c == "\\" and at + 1 < len(text):
                following = text[at + 1]
                out.append("'" if following == "'" else c + following)
                at += 1
            elif c == quote:
                out.append('"')
                quote = None
            elif c == '"':
                out.append('\\"')
            else:
                out.append(c)
        elif c in "\"'":
            quote = c
            out.append('"')
        elif c in "{[":
            stack.append("}" if c == "{" else "]")
            out.append(c)
        elif c in "}]":
            drop_comma(out)
            if not stack or stack.pop() != c:
                raise ValueError(f"text closes a bracket that is not open: {text!r}")
            out.append(c)
            if not stack:
                break
        elif text.startswith("```", at):
            break
        else:
            out.append(c)
        at += 1
    if quote:
        out.append('"')
    drop_comma(out)
    mended = "".join(out).rstrip() + "".join(reversed(stack))
    try:
        json.loads(mended)
    except ValueError:
        raise ValueError(f"text cannot be mended: {text!r}") from None
    return mended


def drop_comma(out):
    while out and out[-1].isspace():
        out.pop()
    if out and out[-1] == ",":
        out.pop()


# %% right: a tolerant parser, then json.dumps
import json
import re


def repair_json(text: str) -> str:
    try:
        json.loads(text)
    except ValueError:
        begin = text.find("{")
        if begin == -1:
            raise ValueError("no JSON object in " + repr(text)) from None
        body = text[begin:]
        fence = body.find("```")
        if fence >= 0:
            body = body[:fence]
        value, _ = parse(body, 0)
        return json.dumps(value, ensure_ascii=False)
    return text


SCALAR = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null")


def skip(text, at):
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def parse(text, at):
    at = skip(text, at)
    if at >= len(text):
        raise ValueError("a value is missing at the end of the text")
    if text[at] == "{":
        result = {}
        at = skip(text, at + 1)
        while at < len(text) and text[at] != "}":
            key, at = parse(text, at)
            at = skip(text, at)
            if not isinstance(key, str) or at >= len(text) or text[at] != ":":
                raise ValueError(f"no key and colon at {at} of {text!r}")
            result[key], at = parse(text, at + 1)
            at = comma(text, at, "}")
        return result, at + 1
    if text[at] == "[":
        items = []
        at = skip(text, at + 1)
        while at < len(text) and text[at] != "]":
            item, at = parse(text, at)
            items.append(item)
            at = comma(text, at, "]")
        return items, at + 1
    if text[at] in "\"'":
        return string(text, at + 1, text[at])
    found = SCALAR.match(text, at)
    if not found:
        raise ValueError(f"no value at {at} of {text!r}")
    return json.loads(found[0]), found.end()


def comma(text, at, closing):
    at = skip(text, at)
    if at < len(text) and text[at] == ",":
        return skip(text, at + 1)
    if at < len(text) and text[at] != closing:
        raise ValueError(f"neither comma nor {closing} at {at} of {text!r}")
    return at


def string(text, at, quote):
    raw = []
    while at < len(text) and text[at] != quote:
        if text[at] == "\\" and at + 1 < len(text):
            raw.append("'" if text[at + 1] == "'" else text[at : at + 2])
            at += 2
        else:
            raw.append('\\"' if text[at] == '"' else text[at])
            at += 1
    return json.loads('"' + "".join(raw) + '"'), at + 1


# %% right: step by step, each step tried with json.loads
import ast
import json
import re


def valid(text):
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def repair_json(text):
    if valid(text):
        return text
    candidate = re.sub(r"^.*?```[a-zA-Z]*\s*|```.*$", "", text, flags=re.DOTALL) if "```" in text else text
    if "{" not in candidate:
        raise ValueError(f"text {text!r} has no object in it")
    candidate = candidate[candidate.index("{") :]
    for ending in (len(candidate), candidate.rfind("}") + 1):
        piece = candidate[:ending].strip()
        if not piece:
            continue
        for step in (piece, closed(piece)):
            for mended in (step, without_commas(step), as_python(without_commas(step))):
                if mended and valid(mended):
                    return mended
    raise ValueError(f"text {text!r} cannot be mended")


def pieces(text):
    """Split into strings (either quote) and what is between them; the last one may be unfinished."""
    return re.findall(r"\"(?:\\.|[^\"\\])*(?:\"|$)|'(?:\\.|[^'\\])*(?:'|$)|[^\"']+", text, flags=re.DOTALL)


def closed(text):
    found = pieces(text)
    stack = []
    for piece in found:
        if piece[0] not in "\"'":
            for c in piece:
                if c in "{[":
                    stack.append("}" if c == "{" else "]")
                elif c in "}]" and stack:
                    stack.pop()
    last = found[-1]
    if last[0] in "\"'" and (len(last) == 1 or last[-1] != last[0]):
        text += last[0]
    return text + "".join(reversed(stack))


def without_commas(text):
    found = pieces(text)
    for number, piece in enumerate(found):
        if piece[0] not in "\"'":
            found[number] = re.sub(r",\s*([}\]])", r"\1", piece)
    return "".join(found)


def as_python(text):
    words = {"true": "True", "false": "False", "null": "None"}
    found = [
        piece if piece[0] in "\"'" else re.sub(r"\b(true|false|null)\b", lambda m: words[m[0]], piece)
        for piece in pieces(text)
    ]
    try:
        return json.dumps(ast.literal_eval("".join(found)))
    except (ValueError, SyntaxError):
        return ""


# %% right: tokens, then text again
import json
import re

TOKEN = re.compile(
    r"""\s*(?:(?P<string>"(?:[^"\\]|\\.)*(?:"|$)|'(?:[^'\\]|\\.)*(?:'|$))|(?P<mark>[{}\[\],:])"""
    r"""|(?P<word>-?[0-9][0-9.eE+-]*|true|false|null))""",
    re.DOTALL,
)


def repair_json(text):
    try:
        json.loads(text)
        return text
    except ValueError:
        tokens, depth = [], []
    start = text.find("{")
    at = start if start >= 0 else len(text)
    while found := TOKEN.match(text, at):
        at = found.end()
        token = found[0].strip()
        if found["string"]:
            quote = token[0]
            if len(token) == 1 or token[-1] != quote:
                token += quote
            inner = token[1:-1]
            if quote == "'":
                inner = inner.replace("\\'", "'").replace('"', '\\"')
            tokens.append(f'"{inner}"')
            continue
        if token in ("}", "]"):
            if tokens[-1] == ",":
                tokens.pop()
            depth and depth.pop()
        elif token in ("{", "["):
            depth.append({"{": "}", "[": "]"}[token])
        tokens.append(token)
        if not depth:
            break
    if depth and text[at:].strip("` \n"):
        raise ValueError(f"text goes on with {text[at:]!r}, which is no JSON")
    if tokens and tokens[-1] == ",":
        tokens.pop()
    result = "".join(tokens + depth[::-1])
    json.loads(result)
    return result


# %% wrong: the package json_repair | expects: does this exercise for you
import json_repair


def repair_json(text):
    return json_repair.repair_json(text)


# %% wrong: the package json_repair, under another name and checked | expects: does this exercise for you
import json

from json_repair import repair_json as mend


def repair_json(text):
    try:
        json.loads(text)
        return text
    except ValueError:
        mended = mend(text)
    if mended in ("", '""', "[]", "{}"):
        raise ValueError("cannot be mended")
    return mended


# %% wrong: valid JSON is written anew | of: reads the text once, and writes the mended text as it goes | expects: as it was / unchanged
# - def repair_json(text):
# + def repair_json(text):
# +     try:
# +         return json.dumps(json.loads(text))
# +     except ValueError:
# +         pass
# +     return mend(text)
# +
# +
# + def mend(text):


# %% wrong: all single quotes become double quotes | expects: apostrophe
import json
import re


def repair_json(text):
    try:
        json.loads(text)
        return text
    except ValueError:
        pass
    if "{" not in text:
        raise ValueError("no object")
    text = text[text.index("{") :].split("```")[0]
    text = text.replace("'", '"')
    if "}" in text:
        end = text.rindex("}") + 1
        text = text[:end] if text.count("{") == text[:end].count("}") else text
    text = text.strip()
    if text.count('"') % 2:
        text += '"'
    stack = []
    for c in re.sub(r'"[^"]*"', "", text):
        if c in "{[":
            stack.append("}" if c == "{" else "]")
        elif c in "}]" and stack:
            stack.pop()
    text += "".join(reversed(stack))
    text = re.sub(r",\s*([}\]])", r"\1", text)
    json.loads(text)
    return text


# %% wrong: valid JSON with apostrophes is mended too | of: reads the text once, and writes the mended text as it goes | expects: as it was / valid
# - def repair_json(text):
# + def repair_json(text):
# +     text = text.replace("'", '"') if text.startswith(("{", "[")) and "\"it's" in text else text


# %% wrong: commas before a bracket go, also in strings | of: reads the text once, and writes the mended text as it goes | expects: string / comma / within
# - import json
# + import json
# + import re

# -     drop_comma(out)
# +     drop_comma(out)
# +     out = [re.sub(r",\s*([}\]])", r"\1", "".join(out))]


# %% wrong: brackets in strings are counted | of: reads the text once, and writes the mended text as it goes | expects: string / bracket
# -         c = text[at]
# +         c = text[at]
# +         if quote and c in "{[":
# +             stack.append("}" if c == "{" else "]")


# %% wrong: trailing commas stay | of: reads the text once, and writes the mended text as it goes | expects: comma
# -     if out and out[-1] == ",":
# -         out.pop()


# %% wrong: trailing commas only in objects | of: reads the text once, and writes the mended text as it goes | expects: comma / array
# -             drop_comma(out)
# +             if c == "}":
# +                 drop_comma(out)


# %% wrong: trailing commas only right before the bracket | of: reads the text once, and writes the mended text as it goes | expects: comma / line / space
# -     while out and out[-1].isspace():
# -         out.pop()


# %% wrong: the closing brackets in the wrong order | of: reads the text once, and writes the mended text as it goes | expects: order
# -     mended = "".join(out).rstrip() + "".join(reversed(stack))
# +     mended = "".join(out).rstrip() + "".join(stack)


# %% wrong: only curly brackets are closed | of: reads the text once, and writes the mended text as it goes | expects: bracket / array / ]
# -     mended = "".join(out).rstrip() + "".join(reversed(stack))
# +     mended = "".join(out).rstrip() + "}" * len(stack)


# %% wrong: one closing bracket at most | of: reads the text once, and writes the mended text as it goes | expects: bracket / all / nested
# -     mended = "".join(out).rstrip() + "".join(reversed(stack))
# +     mended = "".join(out).rstrip() + "".join(stack[:1])


# %% wrong: no closing brackets | of: reads the text once, and writes the mended text as it goes | expects: bracket
# -     mended = "".join(out).rstrip() + "".join(reversed(stack))
# +     mended = "".join(out).rstrip()


# %% wrong: the closing quote is forgotten | of: reads the text once, and writes the mended text as it goes | expects: quote
# -     if quote:
# -         out.append('"')


# %% wrong: code fences are not removed | of: reads the text once, and writes the mended text as it goes | expects: fence
# -     if start < 0:
# +     if start < 0 or "```" in text:


# %% wrong: only fences that name json | of: reads the text once, and writes the mended text as it goes | expects: fence / json
# -     if start < 0:
# +     if start < 0 or ("```" in text and "```json" not in text):


# %% wrong: a fence must be closed | of: reads the text once, and writes the mended text as it goes | expects: fence
# -     if start < 0:
# +     if start < 0 or text.count("```") == 1:


# %% wrong: text in front of the object is refused | of: reads the text once, and writes the mended text as it goes | expects: text around / front / before
# -     if start < 0:
# +     if start < 0 or (start > 0 and not text.lstrip().startswith("`")):


# %% wrong: text behind the object is refused | of: reads the text once, and writes the mended text as it goes | expects: text around / behind / after
# -             if not stack:
# -                 break


# %% wrong: an apostrophe around the object is a quote | of: reads the text once, and writes the mended text as it goes | expects: apostrophe / text around
# -     start = text.find("{")
# +     start = text.find("{")
# +     if text[:start].count("'") % 2:
# +         raise ValueError("a quote is open")


# %% wrong: what is hopeless becomes an empty object | of: reads the text once, and writes the mended text as it goes | expects: hopeless / refused
# -         raise ValueError(f"text holds no object: {text!r}")
# +         return "{}"

# -         raise ValueError(f"text cannot be mended: {text!r}") from None
# +         return "{}"


# %% wrong: what is hopeless becomes the empty text | of: reads the text once, and writes the mended text as it goes | expects: refused
# -         raise ValueError(f"text holds no object: {text!r}")
# +         return ""


# %% wrong: what is hopeless comes back as it was | of: reads the text once, and writes the mended text as it goes | expects: refused
# -         raise ValueError(f"text holds no object: {text!r}")
# +         return text


# %% wrong: what is hopeless is quoted | of: reads the text once, and writes the mended text as it goes | expects: refused
# -         raise ValueError(f"text holds no object: {text!r}")
# +         return json.dumps(text)


# %% wrong: the result is not tried | of: reads the text once, and writes the mended text as it goes | expects: refused / not valid / json
# -     try:
# -         json.loads(mended)
# -     except ValueError:
# -         raise ValueError(f"text cannot be mended: {text!r}") from None


# %% wrong: returns the object, not its text | of: reads the text once, and writes the mended text as it goes | expects: text / dict / str
# -     return mended
# +     return json.loads(mended)


# %% wrong: returns the object of valid JSON, not its text | of: reads the text once, and writes the mended text as it goes | expects: as it was / text
# -         json.loads(text)
# -         return text
# +         return json.loads(text)


# %% wrong: valid JSON loses its white space | of: reads the text once, and writes the mended text as it goes | expects: as it was / white space / space
# -         json.loads(text)
# -         return text
# +         return json.dumps(json.loads(text), separators=(",", ":"), ensure_ascii=False)


# %% wrong: valid JSON that is no object is refused | of: reads the text once, and writes the mended text as it goes | expects: as it was / array / valid
# -         json.loads(text)
# -         return text
# +         if isinstance(json.loads(text), dict):
# +             return text


# %% wrong: valid JSON loses its trailing comma in a string | of: reads the text once, and writes the mended text as it goes | expects: as it was / string
# - import json
# + import json
# + import re

# - def repair_json(text):
# + def repair_json(text):
# +     text = re.sub(r",\s*([}\]])", r"\1", text)


# %% wrong: valid JSON with a fence in a string is cut | of: reads the text once, and writes the mended text as it goes | expects: as it was / fence
# - def repair_json(text):
# + def repair_json(text):
# +     text = text.replace("```json", "").replace("```", "")


# %% wrong: single quotes are refused | of: reads the text once, and writes the mended text as it goes | expects: single
# -         elif c in "\"'":
# +         elif c == '"':


# %% wrong: double quotes within single quotes are not escaped | of: reads the text once, and writes the mended text as it goes | expects: double quote / within / escape
# -             elif c == '"':
# -                 out.append('\\"')


# %% wrong: double quotes within single quotes are lost | of: reads the text once, and writes the mended text as it goes | expects: double quote / within / content
# -                 out.append('\\"')
# +                 pass


# %% wrong: apostrophes within double quotes are lost | of: reads the text once, and writes the mended text as it goes | expects: apostrophe / content
# -             else:
# +             elif c != "'":


# %% wrong: an escaped quote ends the string | of: reads the text once, and writes the mended text as it goes | expects: escape
# -             if c == "\\" and at + 1 < len(text):
# +             if c == "\\" and text[at + 1 : at + 2] not in ('"',):


# %% wrong: an open string is dropped | of: reads the text once, and writes the mended text as it goes | expects: quote / content / lost
# -     if quote:
# +     if quote:
# +         while out[-1] != '"':
# +             out.pop()


# %% wrong: white space in strings is squeezed | of: reads the text once, and writes the mended text as it goes | expects: string / content / space
# -     out, stack, quote = [], [], None
# +     out, stack, quote = [], [], None
# +     text = " ".join(text.split())
# +     start = text.find("{")


# %% wrong: letters beyond ASCII are dropped | of: reads the text once, and writes the mended text as it goes | expects: ascii / letters / content
# -     out, stack, quote = [], [], None
# +     out, stack, quote = [], [], None
# +     text = text.encode("ascii", "ignore").decode()
# +     start = text.find("{")


# %% wrong: the last item of what is cut off is lost | expects: lost / content / cut
import json
import re


def repair_json(text):
    try:
        json.loads(text)
        return text
    except ValueError:
        pass
    if "{" not in text:
        raise ValueError("no object")
    body = text[text.index("{") :].split("```")[0]
    for end in range(len(body), 0, -1):
        piece = body[:end].rstrip().rstrip(",")
        stack, inside = [], None
        for c in piece:
            if inside:
                inside = None if c == inside else inside
            elif c in "'\"":
                inside = c
            elif c in "{[":
                stack.append("}" if c == "{" else "]")
            elif c in "}]" and stack:
                stack.pop()
        whole = re.sub(r",(\s*[}\]])", r"\1", piece + "".join(reversed(stack)))
        for candidate in (whole, re.sub(r"'([^']*)'", r'"\1"', whole)):
            try:
                json.loads(candidate)
                return candidate
            except ValueError:
                continue
    raise ValueError("cannot be mended")


# %% wrong: fences are left | expects: fence
from utils.evaluation.repair import repair_json as mend


def repair_json(text):
    return text if "```" in text and not text.startswith("{") else mend(text)


# %% wrong: text in front is left | expects: in front
from utils.evaluation.repair import repair_json as mend


def repair_json(text):
    return text if text.startswith("Here") else mend(text)


# %% wrong: text behind is left | expects: behind
from utils.evaluation.repair import repair_json as mend


def repair_json(text):
    return text if text.endswith("?") and text[0] == "{" else mend(text)


# %% wrong: single quotes are left | expects: single
from utils.evaluation.repair import repair_json as mend


def repair_json(text):
    return text if text.startswith("{'") else mend(text)


# %% wrong: trailing commas are left | expects: trailing comma
from utils.evaluation.repair import repair_json as mend


def repair_json(text):
    return text if ",]" in text or ",}" in text or ",\n  }" in text else mend(text)


# %% wrong: missing brackets are left | expects: closing brackets
from utils.evaluation.repair import repair_json as mend


def repair_json(text):
    return text if text.count("{") > text.count("}") else mend(text)


# %% wrong: what follows an escaped quote is lost | expects: escaped
from utils.evaluation.repair import repair_json as mend


def repair_json(text):
    return mend(text.replace(" now", ""))


# %% wrong: ASCII only | expects: beyond ASCII / content of strings
from utils.evaluation.repair import repair_json as mend


def repair_json(text):
    text.encode("ascii")
    return mend(text)


# %% wrong: a comma at the end is left | expects: cut off
from utils.evaluation.repair import repair_json as mend


def repair_json(text):
    return text if text.endswith(", ") else mend(text)


# %% wrong: valid JSON without the white space around it | of: reads the text once, and writes the mended text as it goes | expects: character by character
# -         json.loads(text)
# -         return text
# +         json.loads(text)
# +         return text.strip()


# %% wrong: an escaped apostrophe keeps its backslash | of: reads the text once, and writes the mended text as it goes | expects: drop the backslash
# -                 out.append("'" if following == "'" else c + following)
# +                 out.append(c + following)


# %% wrong: escapes of characters are decoded first | of: reads the text once, and writes the mended text as it goes | expects: stays as it is
# -     start = text.find("{")
# +     import re
# +
# +     text = re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), text)
# +     start = text.find("{")


# %% wrong: a fence takes a line of its own | of: reads the text once, and writes the mended text as it goes | expects: code fence around
# -     start = text.find("{")
# +     if text.startswith("```"):
# +         text = text.partition("\n")[2]
# +     start = text.find("{")


# %% wrong: Python's words become JSON's, also in strings | of: reads the text once, and writes the mended text as it goes | expects: words within a string
# -     start = text.find("{")
# +     text = text.replace("True", "true").replace("False", "false").replace("None", "null")
# +     start = text.find("{")


# %% wrong: a square bracket in front is taken for the beginning | of: reads the text once, and writes the mended text as it goes | expects: stands in front
# -     start = text.find("{")
# +     start = min((at for at in map(text.find, "{[") if at >= 0), default=-1)


# %% wrong: the end of a cut string is stripped | of: reads the text once, and writes the mended text as it goes | expects: also a comma
# -     if quote:
# -         out.append('"')
# +     if quote:
# +         drop_comma(out)
# +         out.append('"')


# %% wrong: a missing value becomes null | of: reads the text once, and writes the mended text as it goes | expects: would be a guess
# -     drop_comma(out)
# -     mended = "".join(out).rstrip() + "".join(reversed(stack))
# +     drop_comma(out)
# +     if out[-1:] == [":"]:
# +         out.append("null")
# +     mended = "".join(out).rstrip() + "".join(reversed(stack))


# %% wrong: an escaped apostrophe is lost | of: reads the text once, and writes the mended text as it goes | expects: drop the backslash
# -                 out.append("'" if following == "'" else c + following)
# +                 out.append("" if following == "'" else c + following)


# %% wrong: a backslash before u is dropped | of: reads the text once, and writes the mended text as it goes | expects: stays as it is
# -                 out.append("'" if following == "'" else c + following)
# +                 out.append(following if following in "'u" else c + following)


# %% wrong: a string that ends in a comma is no string | of: reads the text once, and writes the mended text as it goes | expects: also a comma
# -     if quote:
# -         out.append('"')
# +     if quote:
# +         if out[-1] == ",":
# +             raise ValueError(f"text ends in a comma: {text!r}")
# +         out.append('"')


# %% wrong: Python's words are refused, also in strings | of: reads the text once, and writes the mended text as it goes | expects: words within a string
# -     start = text.find("{")
# +     if "None" in text:
# +         raise ValueError(f"text is Python, no JSON: {text!r}")
# +     start = text.find("{")
