"""The home page: all systems in one table, ranked within their groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from xbench.languages import facts
from xbench.site.board import Board, board_columns, cost, family, is_adapted, rank_text
from xbench.site.board_script import script_values
from xbench.site.collect import Group, Realm
from xbench.site.columns import Cell, Column
from xbench.site.ranking import Ranking
from xbench.site.survey import Survey
from xbench.site.text import many
from xbench.site.writing import Writer, script_json

if TYPE_CHECKING:
    import pandas

__all__ = ["RANK_RULE", "Cell", "Column", "family", "rank_text", "systems_frame", "write_empty", "write_home"]

RANK_RULE = (
    "Within a group (same data, backbone, train size, setting and source) systems are ordered by their mean over "
    "target languages. A system shares the rank of the best system before it from which it is not told apart: the 95 % "
    "interval of their paired difference over seeds, languages and examples, the headline of xbench compare, holds 0 "
    "(one pair at a time, not corrected for the number of pairs). Systems without the usual tasks, languages or seeds, "
    "or with bad rows skipped, have no rank. Mean rank: the average over all blocks of a task and a target language, "
    "1 the best."
)


def write_home(writer: Writer, survey: Survey) -> None:
    """Writes `index.html` of a realm, and the data behind it."""
    from xbench.report.adapted import FOOTNOTE
    from xbench.site.downloads import write_frame
    from xbench.site.published_rows import published_rows

    realm = survey.realm
    columns = board_columns(realm)
    published = [] if realm.is_sample else published_rows(realm, columns)
    writer.page(
        "index.html",
        "home.html",
        "Systems",
        lead=_lead(realm),
        filters=_filters(realm),
        columns=columns,
        rows=list(Board(survey, columns).rows()),
        published=published,
        many_groups=len(realm.groups) > 1,
        adapted=FOOTNOTE if any(map(is_adapted, realm.systems)) else "",
        rank_rule=RANK_RULE,
        groups=[_group(group, survey.rankings[group.letter]) for group in realm.groups],
        values=script_json(script_values(survey, published)),
    )
    write_frame(writer, "downloads/systems", systems_frame(survey))
    write_frame(writer, "downloads/results", realm.results.to_pandas())


def write_empty(writer: Writer) -> None:
    """The pages of a store without results, each of which says so."""
    from xbench.site.about import write_about

    writer.page("index.html", "home.html", "Systems", rows=[], published=[], many_groups=False)
    writer.page("tasks/index.html", "tasks.html", "Tasks", cards=[])
    writer.page("compare/index.html", "compare.html", "Compare", rows=[], groups=[], many_groups=False)
    writer.page("examples/index.html", "examples.html", "Examples", rows=[])
    write_about(writer, Realm(False, ()), (), ())


def systems_frame(survey: Survey) -> pandas.DataFrame:
    """One row a system and task, with intervals and ranks; values are fractions."""
    import pandas

    rows = []
    for system in survey.realm.systems:
        for task, part in system.tasks.items():
            found, ranking = survey.findings[system.key, task], survey.rankings[system.group][task]
            interval, gap = found.interval, found.gap
            rows.append(
                {
                    "group": system.group,
                    "system": system.label,
                    **system.conditions._asdict(),
                    "task": task,
                    "metric": part.scores.metric,
                    "targets": part.transfer.targets,
                    "targets_low": interval and interval.low,
                    "targets_high": interval and interval.high,
                    "targets_seed_deviation": part.spread,
                    "source_value": part.transfer.source,
                    "gap": part.transfer.gap,
                    "gap_low": gap and gap.low,
                    "gap_high": gap and gap.high,
                    "rank": ranking.ranks.get(system.label),
                    "mean_rank": ranking.mean_ranks.get(system.label),
                    "seeds": len(part.scores.seeds),
                    "target_languages": len(part.scores.targets),
                    **cost(system),
                }
            )
    return pandas.DataFrame(rows)


def _lead(realm: Realm) -> str:
    cells = len({cell.record.id for cell in realm.results})
    languages, tasks, systems = realm.languages(), realm.tasks, realm.systems
    return (
        f"{many(len(systems), 'system')} on {many(len(tasks), 'task')} in {many(len(languages), 'language')}, from "
        f"{many(cells, 'cell')}: trained on the source language, tested on all."
    )


def _filters(realm: Realm) -> list[dict[str, Any]]:
    about = [system.conditions for system in realm.systems]
    languages = realm.languages()
    scores = [part.scores for system in realm.systems for part in system.tasks.values()]
    targets = {language for one in scores for language in one.targets}
    sources = {one.source for one in scores} - targets
    choices: dict[str, tuple[str, Sequence[str]]] = {
        "task": ("Task", realm.tasks),
        "language": ("Language", languages),
        "family": ("Family", sorted({family(language) for language in targets})),
        "method": ("Method", sorted({system.method for system in realm.systems})),
        "model": ("Backbone", sorted({one.model for one in about})),
        "shots": ("Train size", list(dict.fromkeys(one.shots for one in about))),
        "setting": ("Setting", sorted({one.setting for one in about})),
        "data": ("Data", sorted({one.data for one in about})),
    }
    named = {one: f"{one} {facts(one).name}".strip() + (" (source)" if one in sources else "") for one in languages}
    return [
        {
            "name": name,
            "label": label,
            "choices": [{"value": entry, "text": named[entry] if name == "language" else entry} for entry in entries],
        }
        for name, (label, entries) in choices.items()
        if len(entries) > 1
    ]


def _group(group: Group, rankings: Mapping[str, Ranking]) -> dict[str, Any]:
    from xbench.report.comparison import rank_note

    ranking = rankings[""]
    note = f"{many(len(ranking.ranks), 'system')} ranked over {many(ranking.blocks, 'block')}"
    note += f" ({', '.join(ranking.tasks)})." if ranking.tasks else "."
    if ranking.test:
        note += f" Mean ranks: {rank_note(ranking.test)}"
    if ranking.left_out:
        note += " Not ranked: " + "; ".join(f"{label} ({why})" for label, why in ranking.left_out.items()) + "."
    return {"letter": group.letter, "title": group.title, "note": note}
