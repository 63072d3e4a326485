"""A class's report: one page that needs nothing beside itself and runs no script."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

import jinja2

from utils.course.classroom.similarity import Pair
from utils.course.classroom.statistics import ClassNumbers

BINS = 10

_WORDS = {
    "OK": "ran to the end",
    "DENIED": "tried something that the sandbox does not allow",
    "TIMEOUT": "a cell or call was stopped at a time limit",
    "MEMORY": "a cell or call was stopped at the memory limit",
    "CRASH": "a process of the submission died",
    "UNREADABLE": "no notebook could be read",
    "NEEDS_STAFF": "the grader itself failed; nothing was scored",
}

_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ numbers.assignment }}: report</title>
<style>
  :root { --ink: #1c2330; --soft: #5a6475; --line: #d9dde4; --bar: #2f6f9f; --bad: #b5452c; --paper: #fff; }
  @media (prefers-color-scheme: dark) {
    :root { --ink: #e6e9ef; --soft: #a3adbd; --line: #39414f; --bar: #6fb1dd; --bad: #e58a72; --paper: #161a21; }
  }
  body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
         max-width: 68rem; margin: 2rem auto; padding: 0 1.2rem; }
  h1 { font-size: 1.6rem; margin: 0 0 .2rem; } h2 { font-size: 1.15rem; margin: 2.2rem 0 .6rem; }
  p.soft, td.soft, caption { color: var(--soft); }
  .facts { display: flex; flex-wrap: wrap; gap: 1rem 2.4rem; margin: 1.2rem 0; }
  .facts div { min-width: 6rem; } .facts b { display: block; font-size: 1.5rem; font-weight: 600; }
  .facts span { color: var(--soft); font-size: .9rem; }
  table { border-collapse: collapse; width: 100%; } th { text-align: left; font-weight: 600; }
  th, td { padding: .4rem .7rem .4rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
  td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
  td.name { font-family: ui-monospace, monospace; font-size: .92em; }
  td.rates { white-space: nowrap; }
  svg text { fill: var(--soft); font: 12px system-ui, sans-serif; } svg rect { fill: var(--bar); }
  svg line { stroke: var(--line); } svg .axis { fill: var(--ink); }
  .rate { display: inline-block; width: 6rem; height: .6rem; background: var(--line); margin-right: .5rem; }
  .rate i { display: block; height: 100%; background: var(--bar); }
  .bad { color: var(--bad); font-weight: 600; }
  .scroll { overflow-x: auto; }
</style>
</head>
<body>
<main>
<h1>{{ numbers.assignment }}</h1>
<p class="soft">{{ subtitle }}</p>
<div class="facts">
  <div><b>{{ numbers.scores | length }}</b><span>graded submissions</span></div>
  {% if numbers.scores %}
  <div><b>{{ "%.1f" | format(middle) }} / {{ "%g" | format(numbers.max_score) }}</b><span>median score</span></div>
  <div><b>{{ "%.1f" | format(mean) }}</b><span>mean score</span></div>
  {% endif %}
  {% if numbers.seconds %}
  <div><b>{{ "%.1f" | format(median_seconds) }} s</b><span>median grading time</span></div>
  <div><b>{{ "%.1f" | format(numbers.seconds | max) }} s</b><span>longest</span></div>
  {% endif %}
  <div><b{% if numbers.needs_staff %} class="bad"{% endif %}>{{ numbers.needs_staff | length }}</b>
    <span>need staff</span></div>
</div>

{% if numbers.needs_staff %}
<h2>Needs staff</h2>
<p class="soft">The grader failed on these again and again. They have no automatic score.
Grading again tries them again.</p>
<div class="scroll" role="region" tabindex="0" aria-label="Needs staff"><table>
<tr><th>learner</th><th>reason</th></tr>
{% for learner, reason in numbers.needs_staff | dictsort %}
<tr><td class="name">{{ learner }}</td><td>{{ reason }}</td></tr>
{% endfor %}</table></div>
{% endif %}

<h2>Scores</h2>
{% if numbers.scores %}
<svg viewBox="0 0 640 220" width="100%" style="max-width: 46rem" role="img" aria-label="{{ described }}">
  <line x1="40" y1="180" x2="630" y2="180"></line>
  {% for bar in bars %}
  <rect x="{{ bar.x }}" y="{{ bar.y }}" width="54" height="{{ bar.height }}">
    <title>{{ bar.label }}: {{ bar.count }}</title></rect>
  {% if bar.count %}
  <text x="{{ bar.middle }}" y="{{ bar.y - 5 }}" text-anchor="middle">{{ bar.count }}</text>
  {% endif %}
  <text x="{{ bar.middle }}" y="196" text-anchor="middle">{{ bar.label }}</text>
  {% endfor %}
  <text class="axis" x="335" y="216" text-anchor="middle">score (points of {{ full }})</text>
  <text class="axis" x="12" y="100" text-anchor="middle" transform="rotate(-90 12 100)">submissions</text>
</svg>
{% else %}<p>Nothing is graded yet.</p>{% endif %}

<h2>Exercises, hardest first</h2>
<div class="scroll" role="region" tabindex="0" aria-label="Exercises"><table>
<tr><th>exercise</th><th class="number">points</th><th>solved</th><th class="number">answered</th>
<th>most common misconception</th></tr>
{% for one in exercises %}
<tr>
  <td class="name">{{ one.name }}</td>
  <td class="number">{{ "%g" | format(one.points) }}</td>
  {% set percent = "%.0f%%" | format(100 * one.success) %}
  <td class="rates"><span class="rate"><i style="width: {{ percent }}"></i></span>{{ percent }}</td>
  <td class="number">{{ one.answered }} of {{ one.tried }}</td>
  {% set hint, count = one.misconception %}
  <td>{% if count %}{{ hint | truncate(300) }} <span class="soft">({{ count }})</span>{% endif %}</td>
</tr>
{% endfor %}</table></div>

<h2>How the submissions ran</h2>
<div class="scroll" role="region" tabindex="0" aria-label="How the submissions ran"><table>
<tr><th>verdict</th><th class="number">submissions</th><th>meaning</th></tr>
{% for verdict, meaning in words.items() if numbers.verdicts[verdict] %}
<tr><td class="name">{{ verdict }}</td><td class="number">{{ numbers.verdicts[verdict] }}</td>
<td class="soft">{{ meaning }}</td></tr>
{% endfor %}</table></div>

<h2>Flags</h2>
{% if numbers.flagged %}
<p class="soft">Flags never cost points. They say where a second look may be worth it.</p>
<div class="scroll" role="region" tabindex="0" aria-label="Flags"><table>
<tr><th>learner</th><th>verdict</th><th>flags</th></tr>
{% for one in numbers.flagged | sort(attribute="learner") %}
<tr><td class="name">{{ one.learner }}</td><td class="name">{{ one.verdict }}</td>
<td>{% for flag in one.flags %}{{ flag | truncate(200) }}{% if not loop.last %}<br>{% endif %}{% endfor %}</td></tr>
{% endfor %}</table></div>
{% else %}<p>None.</p>{% endif %}

<h2>Similar submissions</h2>
{% if pairs %}
<p class="soft">Pairs whose answers share runs of code that few others have, whatever their names and constants.
A reason to read both, not a proof.</p>
<div class="scroll" role="region" tabindex="0" aria-label="Similar submissions"><table>
<tr><th>learners</th><th class="number">likeness</th><th class="number">shared runs</th><th>where</th></tr>
{% for pair in pairs %}
<tr><td class="name">{{ pair.first }}, {{ pair.second }}</td>
<td class="number">{{ "%.0f" | format(100 * pair.likeness) }}%</td>
<td class="number">{{ pair.shared }}</td><td class="name">{{ pair.exercises | join(", ") }}</td></tr>
{% endfor %}</table></div>
{% else %}<p>No pair stands out.</p>{% endif %}
</main>
</body>
</html>
"""


def render_report(numbers: ClassNumbers, pairs: Sequence[Pair], subtitle: str) -> str:
    """Return the page. All that comes from learners is escaped, and the page forbids scripts.

    Args:
        numbers: what happened.
        pairs: similar submissions, most alike first.
        subtitle: when and with which tests, for people.
    """
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    scores = numbers.scores
    bars = _bars(scores, numbers.max_score)
    return environment.from_string(_PAGE).render(
        numbers=numbers,
        pairs=pairs,
        subtitle=subtitle,
        words=_WORDS,
        full=f"{numbers.max_score:g}",
        middle=median(scores) if scores else 0.0,
        mean=sum(scores) / len(scores) if scores else 0.0,
        median_seconds=median(numbers.seconds) if numbers.seconds else 0.0,
        bars=bars,
        described="Histogram of scores: " + ", ".join(f"{bar['label']}: {bar['count']}" for bar in bars),
        exercises=sorted(numbers.exercises, key=lambda one: (one.success, one.name)),
    )


def _bars(scores: Sequence[float], max_score: float) -> list[dict[str, object]]:
    """Return the histogram's bars in the picture's coordinates; the last bin holds the full score too."""
    counts = [0] * BINS
    for score in scores:
        share = score / max_score if max_score else 0.0
        counts[min(BINS - 1, max(0, int(share * BINS)))] += 1
    highest = max(counts, default=0) or 1
    bars: list[dict[str, object]] = []
    for number, count in enumerate(counts):
        height = round(150 * count / highest, 1)
        low, high = number * max_score / BINS, (number + 1) * max_score / BINS
        label = f"{low:.3g}–{high:.3g}"
        x = 44 + 59 * number
        bars.append({"x": x, "middle": x + 27, "y": 180 - height, "height": height, "count": count, "label": label})
    return bars
