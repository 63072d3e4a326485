"""The miniature world: a small invented world, its facts, and every kind of text that the course needs about it.

Everything follows from one seed, on every machine, and everything that experiments ask for is known exactly: which
facts are true, how popular they are, how probable each document is, what reward an answer deserves.

The world
    world = World(seed=0, n_people=1000, n_towns=50, zipf_exponent=1.0, mix={...}, held_out_people=0.1, ...)
        All options are listed in `WorldOptions`. `world.with_mix({"profile": 1})` is the same world writing other
        kinds of documents: "profile", "town", "question", "remark", "sum".
    world.people, world.towns, world.facts      most popular first; Fact(subject, relation, value, split, popularity)
    world.fact("Brimox Bruvuquist", "home")     one fact; `split` is "known", "held_out_fact" or "held_out_person"

Documents
    world.documents(n, seed=0, language="common")   iterator of Document (n=None never ends; seeds are
                                                    independent): .text .words .kind .topic .log_probability (nats)
                                                    .sentences(language)
    world.texts(n, seed)                            their texts
    world.token_stream(n_tokens, seed)              np.int64 ids of words, END_OF_TEXT (id 0) after each document
    world.vocabulary                                .encode(text) .decode(ids) .id(word) .words len() .end_of_text_id
    A token is a word, one digit, a punctuation mark or a special token. Training, tuning and testing use different
    seeds, by convention 0, 1 and 2.

Exact probability
    world.log_probability(text)         nats, -inf for what the world never writes (a wrong fact, say)
    world.entropy(n_documents, seed)    Entropy(nats_per_token, standard_error, nats_per_document, ...): the loss
                                        that no model beats; `count_tokens=` for tokens of another tokenizer
    world.enumerate()                   {text: probability} of a tiny world, summing to 1

Languages "common", "velkoth", "zhurimi"
    world.documents(n, seed, language), world.parallel(n, seed) -> [{language: [sentences]}]
    world.translate(text, source, target), world.translations(...) -> [(text, probability)]
    Common's words "Thou", "You", "Ye" tell whether the listener is younger, a peer or elder (weights 1, 2, 1: 1.5
    bits); Zhurimi has one word for all three, so a round trip through it loses these 1.5 bits in every remark.
    world.joint_vocabulary has the words of all three; its first ids are those of `vocabulary`.

Imports run one way: this package uses numpy and the standard library only.
"""

from utils.world.entities import DEFAULT_MIX, KINDS, Fact, Person, WorldOptions
from utils.world.language import ParseError
from utils.world.languages import COMMON, LANGUAGE_NAMES, VELKOTH, ZHURIMI
from utils.world.vocabulary import (
    END_OF_TEXT,
    END_OF_TURN,
    PAD,
    ROLE_TOKENS,
    SPECIAL_TOKENS,
    Vocabulary,
    join_words,
    split_words,
)
from utils.world.world import Document, Entropy, World

__all__ = [
    "COMMON",
    "DEFAULT_MIX",
    "END_OF_TEXT",
    "END_OF_TURN",
    "KINDS",
    "LANGUAGE_NAMES",
    "PAD",
    "ROLE_TOKENS",
    "SPECIAL_TOKENS",
    "VELKOTH",
    "ZHURIMI",
    "Document",
    "Entropy",
    "Fact",
    "ParseError",
    "Person",
    "Vocabulary",
    "World",
    "WorldOptions",
    "join_words",
    "split_words",
]
