"""Exact probability: every text has one, all of them sum to one, and the parser agrees with the generator."""

from __future__ import annotations

import math

import pytest

from utils.world import COMMON, LANGUAGE_NAMES, World

TINY = {"n_people": 3, "n_towns": 2, "relations": ("home", "year", "teacher"), "town_relations": ("region", "river"),
        "max_facts": 2, "paraphrases": 2, "max_operand": 12, "held_out_people": 0.3, "held_out_facts": 0.2}  # fmt: skip


@pytest.fixture(scope="module")
def tiny() -> World:
    return World(5, **TINY)


@pytest.mark.parametrize("language", LANGUAGE_NAMES)
def test_probabilities_of_all_texts_sum_to_one_and_equal_those_of_the_parser(tiny: World, language: str) -> None:
    texts = tiny.enumerate(language)
    assert len(texts) > 500
    assert math.fsum(texts.values()) == pytest.approx(1.0, abs=1e-12)
    for text, probability in texts.items():
        assert tiny.log_probability(text, language) == pytest.approx(math.log(probability), abs=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_sum_to_one_holds_for_other_shapes_of_world(seed: int) -> None:
    options = [
        {"relations": ("dish",), "held_out_facts": 0.0, "mix": {"question": 1}},  # no second fact to ask about
        {"relations": ("home", "trade"), "held_out_people": 0.0, "zipf_exponent": 0.0,
         "mix": {"profile": 2, "remark": 1}},
        {"town_relations": ("goods",), "mix": {"town": 1}},
        {"max_operand": 3, "mix": {"sum": 7}},
    ][seed]  # fmt: skip
    world = World(seed, **{**TINY, **options})
    texts = world.enumerate()
    assert math.fsum(texts.values()) == pytest.approx(1.0, abs=1e-12)
    for text, probability in texts.items():
        assert world.log_probability(text) == pytest.approx(math.log(probability), abs=1e-9)


@pytest.mark.parametrize("language", LANGUAGE_NAMES)
def test_first_language_and_velkoth_are_unambiguous_and_zhurimi_merges_listeners_only(
    tiny: World, language: str
) -> None:
    derivations = list(tiny.grammar.enumerate())
    remarks = sum(tiny.language().text(elements).startswith(("Thou ", "You ", "Ye ")) for elements, _ in derivations)
    merged = remarks * 2 // 3 if language == "zhurimi" else 0
    assert remarks > 0
    assert len(tiny.enumerate(language)) == len(derivations) - merged


@pytest.mark.parametrize("language", LANGUAGE_NAMES)
def test_parser_gives_the_generators_own_log_probability(language: str) -> None:
    world = World(1, n_people=200)
    for document in world.documents(1500, seed=3, language=language):
        extra = 0.0
        if language == "zhurimi" and document.kind == "remark":
            extra = -math.log((0.25, 0.5, 0.25)[document.elements[0].listener])
        assert world.log_probability(document) == pytest.approx(document.log_probability + extra, abs=1e-9)


def test_a_sample_has_the_frequencies_of_the_exact_probabilities(tiny: World) -> None:
    """Pearson's statistic over kinds and over the commonest texts; false alarm below one in a million."""
    n = 20_000
    counts: dict[str, int] = {}
    for document in tiny.documents(n, seed=11):
        counts[document.text] = counts.get(document.text, 0) + 1
    frequent = sorted(tiny.enumerate().items(), key=lambda item: -item[1])[:100]
    other = n - sum(counts.get(text, 0) for text, _ in frequent)
    p_other = 1 - math.fsum(p for _, p in frequent)
    statistic = sum((counts.get(text, 0) - n * p) ** 2 / (n * p) for text, p in frequent)
    statistic += (other - n * p_other) ** 2 / (n * p_other)
    assert statistic < 181  # the 1 - 1e-6 quantile of chi-square with 100 degrees of freedom is 180.8


def test_entropy_estimate_brackets_the_enumerated_entropy(tiny: World) -> None:
    texts = tiny.enumerate()
    nats = -math.fsum(p * math.log(p) for p in texts.values())
    tokens = math.fsum(p * (len(tiny.vocabulary.encode(text)) + 1) for text, p in texts.items())
    estimate = tiny.entropy(4000, seed=2)
    assert abs(estimate.nats_per_token - nats / tokens) < 5 * estimate.standard_error
    assert 0 < estimate.standard_error < 0.02
    assert estimate.nats_per_document / estimate.tokens_per_document == pytest.approx(estimate.nats_per_token)


def test_entropy_standard_error_is_the_spread_over_seeds(tiny: World) -> None:
    estimates = [tiny.entropy(400, seed=seed) for seed in range(40)]
    rates = [estimate.nats_per_token for estimate in estimates]
    mean = sum(rates) / 40
    spread = math.sqrt(sum((rate - mean) ** 2 for rate in rates) / 39)
    stated = sum(estimate.standard_error for estimate in estimates) / 40
    assert 0.45 < spread / stated < 1.8  # chi with 39 degrees of freedom leaves this range in under 1e-6


def test_entropy_of_zhurimi_lacks_the_listener() -> None:
    world = World(2, n_people=50, mix={"remark": 1})
    common, zhurimi = world.entropy(3000), world.entropy(3000, language="zhurimi")
    listener = 1.5 * math.log(2)
    assert common.nats_per_document - zhurimi.nats_per_document == pytest.approx(listener, abs=0.05)


def test_entropy_counts_tokens_of_another_tokenizer(tiny: World) -> None:
    by_bytes = tiny.entropy(500, count_tokens=lambda text: len(text.encode()))
    assert by_bytes.nats_per_document == tiny.entropy(500).nats_per_document
    assert by_bytes.tokens_per_document > 3 * tiny.entropy(500).tokens_per_document


def _profile(world: World) -> tuple[str, str, str]:
    """Return a two-sentence profile, its person, and another told person."""
    for document in world.documents(seed=4):
        if document.kind == "profile" and len(document.elements) == 2:
            others = [p.name for p in world.people if not p.held_out and p.name != document.topic]
            return document.text, document.topic or "", others[0]
    raise AssertionError


def test_what_the_world_never_writes_has_probability_zero() -> None:
    world = World(3, n_people=20, held_out_people=0.2)
    text, person, other = _profile(world)
    first, second = (sentence.strip() + "." for sentence in text.rstrip(".").split("."))
    hidden = next(p.name for p in world.people if p.held_out)
    wrong = [
        "",
        "Hello there.",
        text.rstrip("."),  # no end
        f"{second} {first}" if not second.startswith(person) else f"{first} {first}",
        f"{first} {first}",  # a fact told twice
        text.replace(person, hidden),
        text.replace(person, other),
        f"{text} 2 + 2 = 4.",
        "2 + 2 = 5.",
        "02 + 2 = 4.",
        "100 + 2 = 102.",  # beyond max_operand
        "3 - 5 = -2.",
        "It lies in a town.",
        "You should know this:",
    ]
    assert world.log_probability(text) > -math.inf
    for document in wrong:
        assert world.log_probability(document) == -math.inf, document


def test_a_wrong_value_and_a_held_out_fact_have_probability_zero() -> None:
    world = World(3, n_people=40, relations=("home", "trade"), held_out_facts=0.3)
    held_out = [f for f in world.facts if f.split == "held_out_fact" and f.relation == "home"]
    known = [f for f in world.facts if f.split == "known" and f.relation == "home"]
    assert held_out
    assert known
    for fact in held_out:
        assert world.log_probability(f"{fact.subject} lives in {fact.value}.") == -math.inf
    for fact in known:
        assert world.log_probability(f"{fact.subject} lives in {fact.value}.") > -math.inf
        wrong = next(town for town in world.towns if town != fact.value)
        assert world.log_probability(f"{fact.subject} lives in {wrong}.") == -math.inf


def test_white_space_does_not_count() -> None:
    world = World(3, n_people=20)
    text = world.texts(1)[0]
    assert world.log_probability("\n  " + text.replace(" ", "   ") + "\n") == world.log_probability(text)


def test_kinds_without_weight_are_never_written() -> None:
    world = World(3, n_people=20, mix={"profile": 3, "sum": 1, "town": 0})
    assert {document.kind for document in world.documents(300)} == {"profile", "sum"}
    other = world.with_mix({"town": 1})
    town = other.texts(1)[0]
    assert other.log_probability(town) > -math.inf
    assert world.log_probability(town) == -math.inf


def test_a_pronoun_for_a_town_after_a_person_is_impossible_and_no_error() -> None:
    # The number of a person is no number of a town: most persons' numbers are larger than any town's.
    world = World(seed=0)
    towns = (document.sentences(COMMON) for document in world.documents(2000, seed=6) if document.kind == "town")
    pronoun = next(sentences[1] for sentences in towns if len(sentences) > 1)
    for person in (world.people[0], world.people[-1]):
        home = world.fact(person.name, "home").value
        assert world.log_probability(f"{person.name} lives in {home}. {pronoun}") == -math.inf
