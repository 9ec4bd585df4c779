"""What a run found, as JSON, as Markdown, and as one plot."""

import json
import time
from pathlib import Path
from typing import Any

from benchmarks import machine, plot
from benchmarks.rounds import Result

RESULTS = Path(__file__).parent / "results"


def write(results: list[Result], students: int, seconds: float) -> Path:
    """Write a run's three files; return the Markdown."""
    RESULTS.mkdir(exist_ok=True)
    stem = time.strftime("%Y-%m-%d-%H%M")
    run = {
        "date": time.strftime("%Y-%m-%d %H:%M"),
        "registrations": students * 4,
        "minutes": round(seconds / 60, 1),
        "machine": machine.description(),
    }
    told = [as_json(result) for result in results]
    document = json.dumps({**run, "questions": told}, indent=1)
    (RESULTS / f"{stem}.json").write_text(document + "\n")
    (RESULTS / f"{stem}.svg").write_text(plot.draw(results))
    page = RESULTS / f"{stem}.md"
    page.write_text(as_markdown(run, results, stem))
    return page


def as_json(result: Result) -> dict[str, Any]:
    question = result.question
    return {
        "name": question.name,
        "title": question.title,
        "unit": question.unit,
        "variants": {
            name: {
                "median": result.median(name),
                "spread": result.spread(name),
                "samples": [sample.value for sample in result.samples[name]],
                "server_cpu_ms": result.cpu(name, "server_ms"),
                "database_cpu_ms": result.cpu(name, "database_ms"),
                "ratio": result.ratio(name).median,
                "ratio_spread": result.ratio(name).spread,
            }
            for name in question.variants
        },
        "goals": [str(goal) for goal in question.goals],
        "missed": [str(goal) for goal in result.missed],
        "notes": question.notes,
    }


def as_markdown(run: dict[str, Any], results: list[Result], stem: str) -> str:
    machine_ = run["machine"]
    lines = [
        f"# Benchmark of {run['date']}",
        "",
        f"{run['registrations']:,} registrations; {machine_['cores']} cores of "
        f"{machine_['processor']}, {machine_['memory_gb']} GB, Linux "
        f"{machine_['kernel']}, Python {machine_['python']}; load "
        f"{machine_['load_before']} before; {run['minutes']} minutes.",
        "",
        "Medians, ± half of what lies between the best round and the worst. A ratio is "
        "the product's value in terms of the variant's, round by round. CPU is for "
        "each, of the web process and of PostgreSQL.",
        "",
        f"![What the goals ask, and what was measured]({stem}.svg)",
        "",
        "| | variant | value | ± | CPU web, ms | CPU database, ms | ratio | goal | |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for result in results:
        lines += [row(result, name) for name in result.question.variants]
    lines += [
        "",
        *(
            f"- {result.question.title}: {name} {value}"
            for result in results
            for name, value in result.question.notes.items()
        ),
    ]
    return "\n".join(lines).rstrip() + "\n"


def row(result: Result, variant: str) -> str:
    question = result.question
    is_product = variant == question.product
    goals = {goal.variant: goal for goal in question.goals}
    goal = goals.get(variant)
    verdict = "" if goal is None else "missed" if goal in result.missed else "kept"
    ratio = result.ratio(variant)
    cells = [
        question.title if is_product else "",
        variant,
        f"{result.median(variant):,.4g} {question.unit}",
        f"{100 * result.spread(variant):.0f} %",
        milliseconds(result.cpu(variant, "server_ms")),
        milliseconds(result.cpu(variant, "database_ms")),
        "" if is_product else f"{ratio.median:.2f} ± {ratio.spread:.2f}",
        str(goal or ""),
        verdict,
    ]
    return f"| {' | '.join(cells)} |"


def milliseconds(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
