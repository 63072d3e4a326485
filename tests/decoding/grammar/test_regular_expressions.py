"""Regular expressions: the same texts as Python's `re`, and a clear refusal of everything outside the subset."""

from __future__ import annotations

import random
import re

import pytest

from tests.decoding.grammar.random_patterns import random_pattern
from utils.decoding.grammar import (
    Grammar,
    GrammarError,
    GrammarTooLargeError,
    UnsupportedPatternError,
    regular_expression,
)
from utils.decoding.grammar.expressions import Expressions
from utils.decoding.grammar.regular_expressions import parse

ALPHABET = "abé語 .*\\03A_4\t\n-\U0001f600α"


def mutated(draws: random.Random, text: str) -> str:
    """Return a text with one character put in, taken out or changed."""
    at = draws.randint(0, len(text))
    return text[:at] + draws.choice(("", *ALPHABET)) + text[at + draws.randint(0, 1) :]


def test_random_patterns_accept_what_re_matches_from_end_to_end() -> None:
    accepted = refused = 0
    for seed in range(400):
        draws = random.Random(seed)
        pattern, write = random_pattern(draws)
        grammar = regular_expression(pattern)
        reference = re.compile(pattern, re.ASCII)
        texts = [write(draws) for _ in range(4)]
        assert all(grammar.accepts(text) for text in texts), pattern
        for text in [mutated(draws, text) for text in texts for _ in range(4)]:
            expected = reference.fullmatch(text) is not None
            assert grammar.accepts(text) == expected, (pattern, text)
            accepted, refused = accepted + expected, refused + (not expected)
    assert accepted > 500
    assert refused > 500


def test_after_every_prefix_of_a_match_the_automaton_is_alive() -> None:
    for seed in range(100):
        draws = random.Random(seed)
        pattern, write = random_pattern(draws)
        grammar = regular_expression(pattern)
        state = grammar.start
        for byte in write(draws).encode():
            following = grammar.advance(state, bytes([byte]))
            assert following is not None
            state = following
        assert grammar.is_accepting(state)


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        (r"^a|b$", ["a", "b"], ["ab", "xb", ""]),
        (r"", [""], ["a"]),
        (r"a|", ["a", ""], ["aa"]),
        (r"[]\]]", [], []),
        (r"[a\-z]+", ["a-z"], ["b"]),
        (r"[-a]+[b-]", ["-a-"], ["c"]),
        (r"(?P<year>\d{4})(?<m>-\d\d)?", ["2024", "2024-05"], ["٢٠٢٤"]),
        (r"\x41\u00e9\/\t", ["Aé/\t"], ["Aé/"]),
        (r"(a?){3,5}b", ["b", "aaaaab"], ["aaaaaab"]),
        (r"(a{2}){2}", ["aaaa"], ["aaa", "aaaaa"]),
        (r".", ["x", "é", "😀", "\r"], ["\n", "", "xx"]),
        (r"a{0}b", ["b"], ["ab"]),
    ],
)
def test_texts_in_and_out_of_a_pattern(pattern: str, yes: list[str], no: list[str]) -> None:
    if pattern == r"[]\]]":
        with pytest.raises(UnsupportedPatternError, match="empty class"):
            regular_expression(pattern)
        return
    grammar = regular_expression(pattern)
    assert [text for text in yes if not grammar.accepts(text)] == []
    assert [text for text in no if grammar.accepts(text)] == []


@pytest.mark.parametrize(
    ("pattern", "named"),
    [
        (r"(a)\1", "backreference"),
        (r"(?P<n>a)(?P=n)", "backreference"),
        (r"a(?=b)", "lookahead"),
        (r"a(?!b)", "negative lookahead"),
        (r"(?<=a)b", "lookbehind"),
        (r"(?<!a)b", "negative lookbehind"),
        (r"\bword\b", "word boundary"),
        (r"a*+", "possessive"),
        (r"(?>a)", "atomic"),
        (r"(?i)a", "flags"),
        (r"\p{L}", "Unicode property"),
        (r"a^b", "anchor inside"),
        (r"(a$)b", "anchor inside"),
        (r"a{x", "belongs to no count"),
        (r"a}", "belongs to no count"),
        (r"(a", "never closed"),
        (r"a)", "closing parenthesis"),
        (r"[a", "never closed"),
        (r"[z-a]", "range"),
        (r"[\d-z]", "range"),
        (r"*a", "nothing to repeat"),
        (r"a**", "quantifier after a quantifier"),
        (r"a{3,1}", "wrong order"),
        (r"a{99999}", "count above"),
        ("a\\", "nothing after it"),
        (r"\xZZ", "hexadecimal"),
        (r"\q", "unknown escape"),
        ("(" * 60 + ")" * 60, "nested"),
        ("\ud800", "surrogate"),
    ],
)
def test_what_is_outside_the_subset_is_refused_by_name_and_place(pattern: str, named: str) -> None:
    with pytest.raises(UnsupportedPatternError, match=named) as caught:
        regular_expression(pattern)
    assert 0 <= caught.value.position <= len(pattern)


@pytest.mark.parametrize("pattern", [r"[^\s\S]", r"a[^\s\S]b", r"([^\d\D]){2,}"])
def test_a_pattern_that_no_text_matches_is_refused(pattern: str) -> None:
    with pytest.raises(GrammarError, match="never come to an end"):
        regular_expression(pattern)


@pytest.mark.parametrize("pattern", [r"(a*)*", r"(a|aa)+b", r"(a?){9999}", r"((a*)*|b)*c", r"(x+x+)+y"])
def test_patterns_that_make_backtracking_matchers_run_on_are_read_in_one_pass(pattern: str) -> None:
    grammar = regular_expression(pattern)
    grammar.advance(grammar.start, "a" * 200 + "x" * 200)
    assert len(grammar) < 1000


def test_an_automaton_that_explodes_meets_its_limit() -> None:
    e = Expressions()
    grammar = Grammar(e, parse(e, r"(a|b)*a(a|b){40}")[0].node, state_limit=2000)
    draws = random.Random(0)
    text = "".join(draws.choice("ab") for _ in range(10_000))
    with pytest.raises(GrammarTooLargeError, match="2,000 states"):
        grammar.advance(grammar.start, text)


def test_large_counts_cost_nothing_before_their_use() -> None:
    grammar = regular_expression(r"([a-z]{5000} ){1,9999}")
    state = grammar.advance(grammar.start, "abc")
    assert state is not None
    assert not grammar.is_accepting(state)
    assert len(grammar) < 10


@pytest.mark.parametrize("pattern", [None, 3, b"a"])
def test_a_pattern_must_be_a_text(pattern: object) -> None:
    with pytest.raises(GrammarError, match="must be a text"):
        regular_expression(pattern)  # type: ignore[arg-type]
    with pytest.raises(GrammarError, match="at most 10,000"):
        regular_expression("a" * 10_001)
