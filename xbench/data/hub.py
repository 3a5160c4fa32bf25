"""Tables from the hub, or from a local folder that is laid out like a hub dataset."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from xbench.data.tables import Row, Table
from xbench.errors import DataError
from xbench.spec.sources import HubSource

_HUB_SPLITS = {"train": "train", "dev": "validation", "test": "test"}


def read_hub(source: HubSource, split: str, language: str, code: str, folder: Path) -> Table:
    """All rows of a hub split. Raises DataError with what to do where the dataset, config or split cannot be loaded."""
    import datasets

    config, within = (
        given.replace("{language}", language).replace("{code}", code) if given else None
        for given in (source.config, source.folder)
    )
    hub_split = source.split or _HUB_SPLITS[split]
    local = (folder / source.hub).resolve()
    where = str(local) if source.hub.startswith((".", "/")) else source.hub
    name = f"{source.hub} ({config or within or 'default'}, {hub_split})"
    try:
        loaded = datasets.load_dataset(where, config, data_dir=within, split=hub_split, revision=source.revision)
    except Exception as error:  # the hub client raises many kinds
        reason = " ".join(str(error).split())[:300]
        raise DataError(
            f"{name} cannot be loaded from the hub: {type(error).__name__}: {reason}. Check the network, and the "
            "dataset's name, config, split and revision; or use '--data sample', or local files with '--data files'."
        ) from None
    columns = tuple(loaded.column_names)
    rows = [Row(number, row) for number, row in enumerate(loaded.to_list(), 1)]
    return Table(name, columns, rows, "row", _label_names(loaded.features))


def _label_names(features: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """What a set says its class labels are called, by column; also where the column holds lists of them."""
    found = {}
    for column, feature in features.items():
        names = getattr(getattr(feature, "feature", feature), "names", None)
        if isinstance(names, list):
            found[column] = tuple(names)
    return found
