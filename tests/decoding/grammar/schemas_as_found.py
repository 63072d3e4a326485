"""Random schemas in the style of those that projects publish; how often each keyword stands is our estimate.

The kinds and their shares are those of JSONSchemaBench (10,163 schemas: functions for tools, GitHub files from trivial
to ultra, Kubernetes, Snowplow events, the schema store); the schemas are our own. Each kind draws the keywords that its
schemas were seen with: annotations and unknown keywords, objects that leave open what else they hold, references,
unions, formats, older drafts' writing, and, now and then, what no mask can hold.
"""

from __future__ import annotations

import random
from typing import Any

Random = random.Random
Schema = dict[str, Any]

WORDS = (
    *(
        "name",
        "id",
        "type",
        "version",
        "description",
        "url",
        "path",
        "email",
        "tags",
        "items",
        "status",
        "owner",
        "size",
    ),
    *("created", "updated", "enabled", "config", "options", "labels", "metadata", "spec", "port", "host", "timeout"),
    *("retries", "format", "source", "target", "level", "mode", "value", "unit", "count", "price", "currency", "city"),
    *("author", "license", "scripts", "files", "main", "keywords", "repository", "x-order", "snake_case", "camelCase"),
)
FORMATS = (
    *("date-time", "date-time", "date-time", "uri", "uri", "uri", "email", "email", "date", "uuid", "ipv4", "hostname"),
    *("time", "ipv6", "int32", "int64", "uri-reference", "regex", "topic", "color", "duration", "json-pointer"),
)
PATTERNS = (
    *("^[a-z0-9-]+$", "^[A-Z]{2}$", r"^\d+\.\d+\.\d+$", "^[a-f0-9]{40}$", r"^\S+$", "^.*$", r"^#[0-9A-Fa-f]{3,6}$"),
    *(r"^[^\s/]+/[^\s/]+$", r"^https?://", "^(dev|test|prod)$", r"^[\w.-]+@[\w-]+\.\w+$", r"^\d{4}-\d{2}-\d{2}$"),
    *(r"\.json$", "^[^,]*$", "^v?[0-9]+", "^$|^[A-Z]+$", "^.{1,64}$", r"^\W*$", r"^(?!\s*$).+", r"^(?=.*\d).{8,}$"),
)
# Shares of the kinds, in thousandths.
SHARES = {
    "tool": 168,
    "trivial": 44,
    "easy": 191,
    "medium": 194,
    "hard": 122,
    "ultra": 16,
    "kubernetes": 105,
    "event": 40,
    "store": 61,
}
# How far a kind goes: properties of an object, depth, and how often a rarer keyword stands where it can.
SIZES = {
    "tool": (3, 1, 0.02),
    "trivial": (2, 1, 0.02),
    "easy": (4, 2, 0.03),
    "medium": (6, 3, 0.05),
    "hard": (9, 4, 0.06),
    "ultra": (14, 5, 0.08),
    "kubernetes": (6, 3, 0.0),
    "event": (8, 1, 0.01),
    "store": (9, 3, 0.08),
}


class _Writer:
    def __init__(self, draws: Random, kind: str) -> None:
        self.draws, self.kind = draws, kind
        self.width, self.depth, self.rare = SIZES[kind]
        self.definitions: Schema = {}

    def chance(self, share: float) -> bool:
        return self.draws.random() < share

    def annotated(self, schema: Schema) -> Schema:
        if self.chance(0.5 if self.kind in ("tool", "event", "kubernetes") else 0.25):
            schema["description"] = "What this is for."
        for keyword, value in (("title", "A title"), ("default", None), ("examples", ["a"]), ("x-order", 3)):
            if self.chance(0.05):
                schema[keyword] = value
        return schema

    def text(self) -> Schema:
        schema: Schema = {"type": "string"}
        kind = self.draws.random()
        if kind < 0.15:
            values = self.draws.sample(WORDS, self.draws.randint(1, 5))
            return {"enum": values} if self.chance(0.3) else {**schema, "enum": values}
        if kind < 0.28:
            schema["format"] = self.draws.choice(FORMATS)
        elif kind < 0.36:
            schema["pattern"] = self.draws.choice(PATTERNS)
        if self.chance(0.3 if self.kind == "event" else 0.08):
            schema["maxLength"] = self.draws.choice((64, 128, 255, 4096))
        if self.chance(0.08):
            schema["minLength"] = 1
        return schema

    def number(self) -> Schema:
        schema: Schema = {"type": self.draws.choice(("integer", "integer", "number"))}
        if self.chance(0.6 if self.kind == "event" else 0.2):
            schema["minimum"] = self.draws.choice((0, 0, 1, -90, 0.5))
        if self.chance(0.6 if self.kind == "event" else 0.12):
            schema["maximum"] = self.draws.choice((2147483647, 100, 65535, 90.5))
        if "minimum" in schema and self.chance(0.1):
            schema["exclusiveMinimum"] = True if self.chance(0.5) else schema.pop("minimum")
        if self.chance(self.rare / 2):
            schema["multipleOf"] = self.draws.choice((1, 5, 0.01))
        return schema

    def array(self, depth: int) -> Schema:
        schema: Schema = {"type": "array"}
        if self.chance(0.92):
            schema["items"] = self.any(depth - 1)
            if self.chance(0.04):
                schema["items"] = [self.any(depth - 1), self.text()]
        if self.chance(0.15):
            schema["minItems"] = self.draws.choice((0, 1, 1, 2))
        if self.chance(0.06):
            schema["maxItems"] = self.draws.choice((3, 10, 100))
        if self.chance(0.7 * self.rare):
            schema["uniqueItems"] = True
        if self.chance(self.rare / 10):
            schema["contains"] = {"type": "string"}
        return schema

    def object(self, depth: int) -> Schema:
        names = self.draws.sample(WORDS, min(self.draws.randint(1, self.width), len(WORDS)))
        schema: Schema = {"type": "object", "properties": {name: self.any(depth - 1) for name in names}}
        required = [name for name in names if self.chance(0.45)]
        if required or self.chance(0.2):
            schema["required"] = required
        closed = self.draws.random()
        if closed < (0.95 if self.kind == "event" else 0.35):
            schema["additionalProperties"] = False
        elif closed < 0.42:
            schema["additionalProperties"] = True
        elif closed < 0.5:
            schema["additionalProperties"] = self.any(depth - 1)
        if self.chance(1.2 * self.rare):
            schema["patternProperties"] = {self.draws.choice(PATTERNS): self.any(depth - 1)}
        for keyword, value in (("minProperties", 1), ("maxProperties", 6)):
            if self.chance(self.rare / 2):
                schema[keyword] = value
        if self.chance(self.rare / 3):
            schema["dependencies"] = {names[0]: names[-1:]}
        if self.chance(self.rare / 2) and len(names) > 1:
            schema[self.draws.choice(("oneOf", "anyOf"))] = [{"required": [name]} for name in names[:2]]
        if self.chance(self.rare / 4):
            schema["not"] = {"required": names[:2]}
        if self.chance(self.rare / 5):
            condition = {"properties": {names[0]: {"const": "a"}}, "required": names[:1]}
            schema |= {"if": condition, "then": {"required": names[-1:]}}
        if self.chance(self.rare / 2):
            del schema["type"]
        return schema

    def map(self, depth: int) -> Schema:
        kind = self.draws.random()
        if kind < 0.6:
            return {"type": "object", "additionalProperties": self.any(depth - 1)}
        if kind < 0.75:
            closed = {"additionalProperties": False} if self.chance(0.7) else {}
            return {"type": "object", "patternProperties": {PATTERNS[0]: self.any(depth - 1)}, **closed}
        return {"type": "object"}

    def union(self, depth: int) -> Schema:
        options = [self.any(depth - 1) for _ in range(self.draws.randint(2, 3))]
        kind = self.draws.random()
        if kind < 0.35:
            return {"anyOf": options}
        if kind < 0.6:
            return {"oneOf": [{"type": "null"}, {"type": "string"}, self.array(depth)][: self.draws.randint(2, 3)]}
        if kind < 0.75:
            kinds = self.draws.sample(WORDS, 2)
            return {"oneOf": [self.tagged(kind, depth) for kind in kinds]}
        if kind < 0.85:
            return {"oneOf": options}
        return {"allOf": [self.object(depth - 1), {"properties": {"extra": self.text()}}]}

    def tagged(self, tag: str, depth: int) -> Schema:
        schema = self.object(depth - 1)
        schema["properties"] = {"kind": {"enum": [tag]}, **schema["properties"]}
        schema["required"] = [*schema.get("required", []), "kind"]
        return schema

    def reference(self, depth: int) -> Schema:
        if self.chance(0.04):
            return {"$ref": "https://example.org/schemas/other.json#/definitions/thing"}
        name = self.draws.choice(WORDS)
        if name not in self.definitions:
            self.definitions[name] = True
            self.definitions[name] = self.object(depth - 1)
        reference = {"$ref": f"#/definitions/{name}"}
        return {"allOf": [reference, {"title": "again"}]} if self.chance(0.1) else reference

    def any(self, depth: int) -> Schema:
        kind = self.draws.random()
        if depth > 0 and kind < 0.45:
            nested = {"tool": 0.1, "event": 0.02}.get(self.kind, 0.16)
            if self.kind in ("medium", "hard", "ultra", "store") and self.chance(0.25):
                return self.annotated(self.reference(depth))
            if self.chance(nested):
                return self.annotated(self.union(depth))
            forms = (self.object, self.array, self.array, self.map)
            return self.annotated(self.draws.choice(forms)(depth))
        if kind < 0.75:
            return self.annotated(self.text())
        if kind < 0.88:
            return self.annotated(self.number())
        if kind < 0.97:
            return self.annotated({"type": "boolean"})
        return self.annotated({} if self.chance(0.5) else {"type": ["string", "null"]})


def schema_as_found(draws: Random) -> Schema:
    """Return a schema of a random kind."""
    writer = _Writer(draws, draws.choices(list(SHARES), list(SHARES.values()))[0])
    kind = writer.kind
    schema = writer.object(writer.depth)
    if kind == "tool":
        schema = {"type": "object", "properties": schema["properties"], "required": schema.get("required", [])}
    elif kind == "event":
        schema["self"] = {"vendor": "org.example", "name": "event", "version": "1-0-0", "format": "jsonschema"}
    elif kind == "kubernetes":
        nullable = {"type": ["string", "null"], "enum": ["v1"]}
        schema = {
            **schema,
            "properties": {"apiVersion": nullable, **schema["properties"]},
            "x-kubernetes-kind": "Thing",
        }
    if writer.definitions:
        schema["definitions"] = writer.definitions
    if "exclusiveMinimum': True" in str(schema):
        schema["$schema"] = "http://json-schema.org/draft-04/schema#"
    elif draws.random() < 0.6:
        schema["$schema"] = draws.choice(
            ("http://json-schema.org/draft-07/schema#", "http://json-schema.org/draft-06/schema")
        )
    return schema
