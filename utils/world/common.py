"""The first language of the world, written by hand: relations, their paraphrases and questions, and word lists.

In a template {S} is the subject at the start of a sentence, {s} the subject elsewhere, {V} the value. A subject is a
name or a pronoun, always in the nominative, so that one template serves both.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Relation:
    """What can be said of a person or a town, in several ways.

    `subject` and `value` are kinds of entities; `statements` and `questions` are paraphrases, the usual one first.
    """

    name: str
    subject: str
    value: str
    statements: tuple[str, ...]
    questions: tuple[str, ...]


RELATIONS = (
    Relation(
        "birthplace",
        "person",
        "town",
        (
            "{S} was born in {V}.",
            "{S} comes from {V}.",
            "{V} is the town where {s} was born.",
            "It was in {V} that {s} was born.",
        ),
        ("Where was {s} born?", "In which town was {s} born?"),
    ),
    Relation(
        "home",
        "person",
        "town",
        (
            "{S} lives in {V}.",
            "{S} has a house in {V}.",
            "{V} is where {s} lives now.",
            "These days {s} can be found in {V}.",
        ),
        ("Where does {s} live?", "In which town does {s} live now?"),
    ),
    Relation(
        "trade",
        "person",
        "trade",
        (
            "{S} works as a {V}.",
            "{S} is a {V}.",
            "By trade {s} is a {V}.",
            "{S} earns a living as a {V}.",
        ),
        ("What does {s} do for a living?", "What is the trade that {s} follows?"),
    ),
    Relation(
        "dish",
        "person",
        "dish",
        (
            "{S} likes {V} best.",
            "{S} would eat {V} every day.",
            "Of all dishes {s} prefers {V}.",
            "{S} cooks {V} for every guest.",
        ),
        ("What does {s} like to eat best?", "Which dish does {s} prefer?"),
    ),
    Relation(
        "year",
        "person",
        "year",
        (
            "{S} was born in the year {V}.",
            "{S} came into the world in {V}.",
            "The year {V} is when {s} was born.",
            "It was in {V} that {s} first saw the light.",
        ),
        ("When was {s} born?", "In which year was {s} born?"),
    ),
    Relation(
        "teacher",
        "person",
        "person",
        (
            "{S} was taught by {V}.",
            "{S} learned everything from {V}.",
            "{V} is the teacher from whom {s} learned.",
            "{S} is a pupil of {V}.",
        ),
        ("From whom did {s} learn?", "Who is the teacher that {s} had?"),
    ),
    Relation(
        "animal",
        "person",
        "animal",
        (
            "{S} keeps a {V}.",
            "{S} has a {V} at home.",
            "The animal that {s} keeps is a {V}.",
            "{S} goes nowhere without a {V}.",
        ),
        ("Which animal does {s} keep?", "What animal does {s} have at home?"),
    ),
    Relation(
        "instrument",
        "person",
        "instrument",
        (
            "{S} plays the {V}.",
            "On feast days {s} plays the {V}.",
            "The {V} is what {s} plays in the evening.",
            "{S} has learned to play the {V}.",
        ),
        ("Which instrument does {s} play?", "What does {s} play on feast days?"),
    ),
    Relation(
        "region",
        "town",
        "region",
        (
            "{S} lies in {V}.",
            "{S} is a town of {V}.",
            "{V} is the region where {s} lies.",
            "Travellers to {V} will find {s} there.",
        ),
        ("Where does {s} lie?", "In which region does {s} lie?"),
    ),
    Relation(
        "founded",
        "town",
        "year",
        (
            "{S} was founded in {V}.",
            "{S} is as old as the year {V}.",
            "The year {V} is when {s} was founded.",
            "It was in {V} that {s} got its walls.",
        ),
        ("When was {s} founded?", "In which year was {s} founded?"),
    ),
    Relation(
        "goods",
        "town",
        "goods",
        (
            "{S} is known for {V}.",
            "{S} sells the finest {V}.",
            "Merchants in search of {V} visit {s} first.",
            "{S} lives by its {V}.",
        ),
        ("What is {s} known for?", "What do merchants buy when {s} has a fair?"),
    ),
    Relation(
        "river",
        "town",
        "river",
        (
            "{S} stands on the river {V}.",
            "The river {V} flows where {s} stands.",
            "{S} has a bridge over the river {V}.",
            "On the river {V} stands a town, and {s} is its name.",
        ),
        ("On which river does {s} stand?", "Which river does one see when {s} comes into view?"),
    ),
)

RELATION_INDEX = {relation.name: index for index, relation in enumerate(RELATIONS)}
PERSON_RELATIONS = tuple(relation.name for relation in RELATIONS if relation.subject == "person")
TOWN_RELATIONS = tuple(relation.name for relation in RELATIONS if relation.subject == "town")

# A paraphrase's weight by its place among the statements of a relation: the usual wording is the most frequent one.
PARAPHRASE_WEIGHTS = (8, 4, 2, 2)
MAX_PARAPHRASES = len(PARAPHRASE_WEIGHTS)

PRONOUNS = ("she", "he")
TOWN_PRONOUN = "it"

# How the speaker stands to the listener, and the word for "you" that says so.
LISTENERS = ("younger", "peer", "elder")
LISTENER_PRONOUNS = ("Thou", "You", "Ye")
LISTENER_WEIGHTS = (1, 2, 1)
FRAMES = ("{P} should know this:", "{P} must have heard:", "{P} asked, and here is the answer:")
CONTEXT = "I ask for a friend from {V}."

OPERATORS = ("+", "-", "*")

TRADES = (
    "weaver", "potter", "miller", "baker", "tanner", "cooper", "mason", "carpenter", "fisher", "shepherd",
    "beekeeper", "brewer", "dyer", "glazier", "goldsmith", "blacksmith", "saddler", "tailor", "cobbler", "roofer",
    "ferryman", "cartwright", "printer", "bookbinder", "clockmaker", "candlemaker", "ropemaker", "sailmaker",
    "gardener", "forester", "falconer", "midwife", "physician", "scribe", "mapmaker", "lamplighter", "papermaker",
    "swordsmith", "soapmaker", "perfumer",
)  # fmt: skip
INGREDIENTS = (
    "plum", "barley", "leek", "pumpkin", "trout", "walnut", "cabbage", "lentil", "quince", "mushroom", "chestnut",
    "turnip",
)  # fmt: skip
PREPARATIONS = ("soup", "stew", "pie", "dumplings", "pancakes", "bread", "salad", "porridge", "rolls", "pudding")
ANIMALS = (
    "goose", "goat", "dog", "cat", "parrot", "donkey", "rabbit", "tortoise", "hedgehog", "pigeon", "raven", "ferret",
    "pony", "sheep", "lizard", "squirrel", "duck", "mouse", "frog", "fox", "peacock", "badger", "heron", "camel",
)  # fmt: skip
INSTRUMENTS = (
    "flute", "fiddle", "drum", "harp", "lute", "horn", "bagpipe", "zither", "trumpet", "tambourine", "dulcimer",
    "cello", "oboe", "lyre", "bell", "whistle",
)  # fmt: skip
GOODS = (
    "salt", "honey", "wool", "silk", "cheese", "paper", "glass", "pottery", "amber", "copper", "leather", "wine",
    "timber", "pearls", "ink", "carpets", "candles", "knives", "lace", "tea", "clocks", "rope", "marble", "spices",
)  # fmt: skip
