"""Masks while writing: batches of `generate`, transformers, dead ends, and looking at what may follow."""

from __future__ import annotations

import json
import random
import re

import pytest
import torch
from jsonschema import Draft202012Validator
from torch import Tensor

from tests.decoding.grammar.conftest import END
from tests.decoding.grammar.random_schemas import random_schema
from utils.decoding.decoders import UncachedDecoder
from utils.decoding.generation import generate
from utils.decoding.grammar import (
    ENDED,
    Constraint,
    DeadEndError,
    TokenSpellings,
    allowed_continuations,
    choices,
    json_document,
    json_schema,
    record_text,
    regular_expression,
)
from utils.decoding.samplers import Temperature, greedy
from utils.models.config import ModelConfig
from utils.models.gpt import GPT
from utils.world import RECORD_KINDS, RECORD_SCHEMAS, World

# Every byte a token, and a few longer ones that cut characters and span symbols.
LONGER = (
    b'{"',
    b'":',
    b'","',
    "é".encode()[:1] + b"",
    "語".encode()[:2],
    b"true,",
    b"null}",
    b"ab",
    b"  ",
    b"12",
    b'"}',
)
SMALL = TokenSpellings([[None, *(bytes([byte]) for byte in range(256)), *LONGER]], [0])


def untrained(vocab_size: int) -> GPT:
    torch.manual_seed(0)
    config = ModelConfig(n_layers=1, d_model=16, n_heads=2, vocab_size=vocab_size, context_length=512)
    return GPT(config).eval()


@pytest.mark.parametrize("kind", RECORD_KINDS)
def test_an_untrained_model_writes_valid_records(kind: str, world: World) -> None:
    spellings = TokenSpellings.of_world(world)
    constraint = Constraint(json_schema(RECORD_SCHEMAS[kind]), spellings)
    model = untrained(len(world.vocabulary))
    choose = Temperature(1.0).seeded(0)
    results = generate(model, [[5], [7, 8]], 200, choose, spellings.end_ids, samples=6, adjust=constraint.adjust)
    assert [result.finish for result in results] == ["stop"] * 12
    texts = [record_text(world, result.ids) for result in results]
    for text in texts:
        Draft202012Validator(RECORD_SCHEMAS[kind]).validate(json.loads(text))
    assert len(set(texts)) == 12


def test_rows_keep_their_own_states_when_others_finish_and_over_several_calls() -> None:
    constraint = Constraint(choices(["a", "abab", "b" * 30]), SMALL)
    model = untrained(SMALL.vocab_size)
    for seed in range(5):
        results = generate(model, [[3]] * 9, 40, Temperature(1.0).seeded(seed), [0], adjust=constraint.adjust)
        assert {SMALL.spell(result.ids) for result in results} <= {b"a", b"abab", b"b" * 30}
        assert {result.finish for result in results} == {"stop"}


def test_masking_matches_a_mask_computed_from_scratch() -> None:
    """Which tokens are allowed, by trying every token's bytes on the grammar one by one."""
    for seed in range(25):
        draws = random.Random(seed)
        schema, write = random_schema(draws)
        grammar = json_schema(schema)
        constraint = Constraint(grammar, SMALL)
        text = json.dumps(write(draws), ensure_ascii=False, separators=(",", ":")).encode()
        for cut in sorted({0, len(text), *(draws.randint(0, len(text)) for _ in range(6))}):
            before = grammar.advance(grammar.start, text[:cut])
            assert before is not None
            spelled = [grammar.advance(before, spelling or b"") is not None for spelling in SMALL.variants[0]]
            expected = [grammar.is_accepting(before), *spelled[1:]]
            state = constraint.state_after([byte + 1 for byte in text[:cut]])
            assert state is not None
            assert constraint.allowed(state).tolist() == expected, (seed, text[:cut])


def test_a_token_may_end_inside_a_character_and_the_next_one_must_go_on_with_it(spellings: TokenSpellings) -> None:
    constraint = Constraint(choices(["語"]), spellings)
    whole = "語".encode()
    state, read = constraint.start, b""
    while read != whole:
        left = whole[len(read) :]
        allowed = {spellings.variants[0][i] for i in constraint.allowed(state).nonzero()[:, 0].tolist()}
        assert allowed == {spelling for spelling in spellings.variants[0] if spelling and left.startswith(spelling)}
        following = constraint.advance(state, spellings.variants[0].index(left[:1]))
        assert following is not None
        state, read = following, read + left[:1]
    assert constraint.allowed(state).nonzero().tolist() == [[END]]


def test_the_end_token_is_allowed_exactly_where_the_text_may_end() -> None:
    constraint = Constraint(regular_expression("ab*"), SMALL)
    state = constraint.start
    assert not constraint.allowed(state)[0]
    for letter in b"abb":
        following = constraint.advance(state, letter + 1)
        assert following is not None
        state = following
        assert constraint.allowed(state)[0]
    assert constraint.advance(constraint.start, 0) is None
    assert constraint.advance(state, 0) == ENDED
    assert constraint.advance(ENDED, 5) == ENDED
    assert constraint.allowed(ENDED).nonzero().tolist() == [[0]]


def test_logits_keep_their_values_where_allowed_and_lose_the_rest() -> None:
    constraint = Constraint(choices(["ab", "b"]), SMALL)
    logits = torch.randn(2, SMALL.vocab_size + 3, dtype=torch.float64)
    before = logits.clone()
    masked = constraint.adjust(logits, [4, 9], [[], [ord("a") + 1]])
    allowed = [[i for i, s in enumerate(SMALL.variants[0]) if s in (b"a", b"b", b"ab")], [ord("b") + 1]]
    for row, ids in enumerate(allowed):
        assert torch.equal(masked[row, ids], logits[row, ids])
        assert masked[row].isneginf().sum() == logits.shape[1] - len(ids)
    assert torch.equal(logits, before)
    with pytest.raises(ValueError, match="at least 268 columns"):
        constraint.adjust(torch.zeros(1, 200), [0], [[]])


def test_any_callable_that_gives_logits_can_be_constrained() -> None:
    def random_logits(ids: Tensor) -> Tensor:
        return torch.randn(*ids.shape, SMALL.vocab_size, generator=torch.Generator().manual_seed(ids.shape[1]))

    constraint = Constraint(regular_expression(r"\d{3}-[a-f]{2,4}"), SMALL)
    decoder = UncachedDecoder(random_logits, context_length=64, vocab_size=SMALL.vocab_size)
    result = generate(decoder, [[1, 2]], 20, greedy, [0], adjust=constraint.adjust)[0]
    assert constraint.grammar.accepts(SMALL.spell(result.ids))
    assert result.finish == "stop"


def test_what_the_grammar_does_not_allow_is_named() -> None:
    constraint = Constraint(choices(["ab"]), SMALL)
    with pytest.raises(DeadEndError, match=r"row 3: .* token 121 after 'a'"):
        constraint.adjust(torch.zeros(1, SMALL.vocab_size), [3], [[ord("a") + 1, ord("x") + 1]])
    for token in (-1, SMALL.vocab_size):
        with pytest.raises(ValueError, match="token must be between"):
            constraint.advance(constraint.start, token)


def test_words_that_begin_a_text_and_cannot_go_on_are_not_allowed() -> None:
    words = [None, b"co", b"copper", b"tin", b"go", b"ld", b"g"]
    constraint = Constraint(choices(["copper", "tin", "gold"]), TokenSpellings([words], [0]))
    allowed = {words[i] for i in constraint.allowed(constraint.start).nonzero()[:, 0].tolist()}
    assert allowed == {b"copper", b"tin", b"go"}
    stuck = Constraint(choices(["copper"]), TokenSpellings([[None, b"co"]], [0]))
    with pytest.raises(DeadEndError, match="no token may follow"):
        stuck.allowed(stuck.start)


def test_the_nearest_end_is_looked_for_first_where_nesting_has_no_limit() -> None:
    constraint = Constraint(json_document(compact=True), TokenSpellings([[None, b"[", b"[[", b"]", b"{a"]], [0]))
    state = constraint.state_after([1, 2, 1])
    assert state is not None
    assert constraint.allowed(state).tolist() == [False, True, True, True, False]


@pytest.mark.parametrize("do_sample", [False, True])
def test_a_transformers_model_writes_only_what_the_grammar_allows(do_sample: bool) -> None:
    transformers = pytest.importorskip("transformers")
    config = transformers.LlamaConfig(
        vocab_size=SMALL.vocab_size,
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        bos_token_id=1,
        eos_token_id=0,
        pad_token_id=5,
    )
    torch.manual_seed(0)
    model = transformers.LlamaForCausalLM(config).eval()
    schema = {
        "type": "object",
        "properties": {"a": {"type": "integer", "minimum": 0, "maximum": 99}, "b": {"enum": ["é", "yes"]}},
        "required": ["a"],
        "additionalProperties": False,
    }
    constraint = Constraint(json_schema(schema), SMALL)
    prompt = torch.tensor([[5, 5, 9], [7, 8, 9], [5, 10, 11]])
    written = model.generate(
        prompt,
        attention_mask=(prompt != 5).long(),
        max_new_tokens=60,
        do_sample=do_sample,
        num_return_sequences=2 if do_sample else 1,
        logits_processor=[constraint.logits_processor(prompt.shape[1])],
    )
    for row in written[:, prompt.shape[1] :].tolist():
        text = SMALL.spell(row[: row.index(0)])
        Draft202012Validator(schema).validate(json.loads(text))
    with pytest.raises(ValueError, match="prompt_length"):
        constraint.logits_processor(-1)


def test_allowed_continuations_show_what_may_follow_a_partial_text(spellings: TokenSpellings) -> None:
    schema = {"type": "object", "properties": {"unit": {"enum": ["metre", "mile"]}}, "required": ["unit"]}
    schema["additionalProperties"] = False
    constraint = Constraint(json_schema(schema), spellings)
    texts = {item.text for item in allowed_continuations(constraint, '{"unit":"m', None)}
    assert texts == {"et", "e", "i", "il", "ile", "etre"} & texts
    assert {"e", "i"} <= texts
    done = allowed_continuations(constraint, '{"unit":"mile"}')
    assert [(item.id, item.ends) for item in done] == [(END, True)]
    assert len(allowed_continuations(constraint, '{"unit":"', 1)) == 1
    with pytest.raises(DeadEndError, match=re.escape("allows '{\"unit\":\"m', but not 'x'")):
        allowed_continuations(constraint, '{"unit":"mx"}')
    with pytest.raises(ValueError, match="limit"):
        allowed_continuations(constraint, "", -1)


def test_continuations_of_a_worlds_text_are_spelled_as_they_follow(world: World) -> None:
    constraint = Constraint(json_schema(RECORD_SCHEMAS["visit"]), TokenSpellings.of_world(world))
    after_word = {item.text for item in allowed_continuations(constraint, '{"guest":"town', None)}
    assert {" town", " 1", '"', ","} <= after_word
    after_digit = {item.text for item in allowed_continuations(constraint, '{"guest":"1', None)}
    assert {" town", "1", '"'} <= after_digit
