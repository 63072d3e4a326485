"""The three languages of the world: Common, Velkoth and Zhurimi.

- Common has English words and English word order, and the word for the listener ("Thou", "You", "Ye") tells whether
  the speaker talks to somebody younger, to a peer or to an elder.
- Velkoth puts the verb last, marks values by a word after them, writes in the Georgian script, and makes every
  distinction that Common makes.
- Zhurimi puts the verb first, marks values by an ending, writes long words in the Armenian script, and has one word
  for every listener: a text that goes from Common to Zhurimi and back has lost how speaker and listener stand.

Scripts are borrowed so that fonts show them; words are invented, and none belongs to the languages of those scripts.
"""

from __future__ import annotations

from utils.world import common
from utils.world.common import Relation
from utils.world.draws import Draws
from utils.world.entities import Entities
from utils.world.language import Language, Lexicon, Wording
from utils.world.names import Sound, invent_words
from utils.world.vocabulary import split_words

COMMON, VELKOTH, ZHURIMI = "common", "velkoth", "zhurimi"
LANGUAGE_NAMES = (COMMON, VELKOTH, ZHURIMI)

_LATIN = "abcdefghijklmnopqrstuvwxyz"
_SCRIPTS = {
    VELKOTH: str.maketrans(_LATIN, "აბცდეფგჰიჯკლმნოპყრსტუვწხქზ"),
    ZHURIMI: str.maketrans(_LATIN, "աբցդեֆգհիջկլմնոպքրստւվղխյզ"),
}
_ONSETS = ("b", "d", "f", "g", "h", "k", "l", "m", "n", "p", "r", "s", "t", "v", "w", "z")
_SOUNDS = {
    VELKOTH: Sound(_ONSETS, ("a", "e", "i", "o", "u"), ("", "n", "s", "r", "l"), (2, 2)),
    ZHURIMI: Sound(_ONSETS, ("a", "e", "i", "u"), ("m", "ri", "sha", "tuk"), (3, 4)),
}


def make_language(name: str, entities: Entities) -> Language:
    """Return a language of the world that the entities make; ValueError for a name not in LANGUAGE_NAMES."""
    if name == COMMON:
        lexicon = _common_lexicon(entities)
    elif name in (VELKOTH, ZHURIMI):
        lexicon = _Inventor(name, entities).lexicon()
    else:
        raise ValueError(f"language must be one of {LANGUAGE_NAMES}, got {name!r}")
    return Language(lexicon, entities.values, [person.pronoun for person in entities.people])


def _common_lexicon(entities: Entities) -> Lexicon:
    return Lexicon(
        name=COMMON,
        subjects={kind: entities.names[kind] for kind in ("person", "town")},
        values=[entities.names[relation.value] for relation in common.RELATIONS],
        cases=[relation.value for relation in common.RELATIONS],
        statements=[[_wording(relation, t) for t in relation.statements] for relation in common.RELATIONS],
        questions=[[_wording(relation, t) for t in relation.questions] for relation in common.RELATIONS],
        listeners=common.LISTENER_PRONOUNS,
        frames=tuple(frame.replace("{P}", "%s") for frame in common.FRAMES),
        aside=common.CONTEXT.replace("{V}", "%s"),
        aside_towns=entities.towns,
        aside_case="town",
    )


def _wording(relation: Relation, template: str) -> Wording:
    initial = "{S}" in template
    subject_at = template.index("{S}" if initial else "{s}")
    value_at = template.find("{V}")
    pattern = template.replace("{S}", "%s").replace("{s}", "%s").replace("{V}", "%s")
    pronouns = common.PRONOUNS if relation.subject == "person" else (common.TOWN_PRONOUN,)
    forms = {pronoun: pronoun.capitalize() if initial else pronoun for pronoun in pronouns}
    return Wording(pattern, value_at < 0 or subject_at < value_at, forms)


class _Inventor:
    """Invents a language: a word for every concept, an order of words, and names in the language's script.

    Each paraphrase of a relation has a verb of its own, and each question a question word: sentences are parallel one
    by one, and as unambiguous as those of Common.
    """

    def __init__(self, name: str, entities: Entities) -> None:
        self.name = name
        self.entities = entities
        self.verb_last = name == VELKOTH
        self._script = _SCRIPTS[name]
        self._draws = Draws(entities.options.seed, "language", name)
        names = (entities.names[kind] for kind in ("person", "town", "region", "river"))
        self._used = {word.lower() for group in names for name_ in group for word in split_words(name_)}

    def invent(self, n: int) -> list[str]:
        words = invent_words(_SOUNDS[self.name], n, self._draws, self._used)
        return [word.translate(self._script) for word in words]

    def lexicon(self) -> Lexicon:
        # The order in which words are invented is part of the language: new concepts go to the end.
        verbs = [self.invent(common.MAX_PARAPHRASES) for _ in common.RELATIONS]
        question_words = [self.invent(len(relation.questions)) for relation in common.RELATIONS]
        kinds = list(dict.fromkeys(relation.value for relation in common.RELATIONS))
        markers = dict(zip(kinds, self.invent(len(kinds)) if self.verb_last else self._endings(), strict=False))
        pronoun_words = dict(zip((*common.PRONOUNS, common.TOWN_PRONOUN), self.invent(3), strict=True))
        listeners = tuple(self.invent(3)) if self.name == VELKOTH else tuple(self.invent(1) * 3)
        frame_verbs = self.invent(len(common.FRAMES))
        aside_verb = self.invent(1)[0]
        names = self._names()
        # A postposition is a word of the sentence, an ending belongs to the value. Years are never inflected.
        if self.verb_last:
            slots = {kind: f"%s {markers[kind]}" for kind in kinds}
            cases = {kind: kind for kind in kinds}
            forms = {kind: names[kind] for kind in kinds}
        else:
            slots = dict.fromkeys(kinds, "%s")
            cases = {kind: kind if kind == "year" else f"{kind}:{markers[kind]}" for kind in kinds}
            forms = {kind: [name + markers[kind] for name in names[kind]] for kind in kinds}
            forms["year"] = names["year"]
        return Lexicon(
            name=self.name,
            subjects={kind: names[kind] for kind in ("person", "town")},
            values=[forms[relation.value] for relation in common.RELATIONS],
            cases=[cases[relation.value] for relation in common.RELATIONS],
            statements=[
                [self._statement(relation, slots[relation.value], verb, pronoun_words) for verb in verbs[r]]
                for r, relation in enumerate(common.RELATIONS)
            ],
            questions=[
                [self._question(relation, word, pronoun_words) for word in question_words[r]]
                for r, relation in enumerate(common.RELATIONS)
            ],
            listeners=listeners,
            frames=tuple(f"%s {verb}:" if self.verb_last else f"{verb} %s:" for verb in frame_verbs),
            aside=f"{slots['town']} {aside_verb}." if self.verb_last else f"{aside_verb} {slots['town']}.",
            aside_towns=forms["town"],
            aside_case=cases["town"],
        )

    def _endings(self) -> list[str]:
        """Return one ending for each kind of value; no stem has a "y", so that stem and ending can be told apart."""
        latin = [f"y{vowel}{coda}" for coda in ("n", "k") for vowel in "aeiou"]
        return [ending.translate(self._script) for ending in latin]

    def _names(self) -> dict[str, list[str]]:
        """Return the names of every kind: proper names in the language's script, new words for common nouns."""
        names = {
            kind: [name.lower().translate(self._script) for name in self.entities.names[kind]]
            for kind in ("person", "town", "region", "river")
        }
        for kind in ("trade", "animal", "instrument", "goods"):
            names[kind] = self.invent(len(self.entities.names[kind]))
        whats = self.invent(len(common.INGREDIENTS))
        hows = self.invent(len(common.PREPARATIONS))
        pairs = [(what, how) for what in whats for how in hows]
        names["dish"] = [f"{what} {how}" if self.verb_last else f"{how} {what}" for what, how in pairs]
        names["year"] = self.entities.names["year"]
        return names

    def _statement(self, relation: Relation, value: str, verb: str, pronouns: dict[str, str]) -> Wording:
        pattern = f"%s {value} {verb}." if self.verb_last else f"{verb} %s {value}."
        return Wording(pattern, True, self._pronouns(relation, pronouns))

    def _question(self, relation: Relation, word: str, pronouns: dict[str, str]) -> Wording:
        pattern = f"%s {word}?" if self.verb_last else f"{word} %s?"
        return Wording(pattern, True, self._pronouns(relation, pronouns))

    @staticmethod
    def _pronouns(relation: Relation, words: dict[str, str]) -> dict[str, str]:
        known = common.PRONOUNS if relation.subject == "person" else (common.TOWN_PRONOUN,)
        return {pronoun: words[pronoun] for pronoun in known}
