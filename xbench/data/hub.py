"""Tables from the hub, or from a local folder that is laid out like a hub dataset."""

from __future__ import annotations

from pathlib import Path

from xbench.data.readers import Row, Table
from xbench.errors import DataError
from xbench.spec.sources import HubSource

_HUB_SPLITS = {"train": "train", "dev": "validation", "test": "test"}


def read_hub(source: HubSource, split: str, language: str, code: str, folder: Path) -> Table:
    """All rows of a hub split. Raises DataError with what to do where the dataset, config or split cannot be loaded."""
    import datasets

    config = source.config.replace("{language}", language).replace("{code}", code) if source.config else None
    hub_split = source.split or _HUB_SPLITS[split]
    local = (folder / source.hub).resolve()
    where = str(local) if source.hub.startswith((".", "/")) else source.hub
    name = f"{source.hub} ({config or 'default'}, {hub_split})"
    try:
        loaded = datasets.load_dataset(where, config, split=hub_split, revision=source.revision)
    except Exception as error:  # the hub client raises many kinds
        reason = " ".join(str(error).split())[:300]
        raise DataError(
            f"{name} cannot be loaded from the hub: {type(error).__name__}: {reason}. Check the network, and the "
            "dataset's name, config, split and revision; or use '--data sample', or local files with '--data files'."
        ) from None
    columns = tuple(loaded.column_names)
    rows = [Row(number, row) for number, row in enumerate(loaded.to_list(), 1)]
    return Table(name, columns, rows, "row")
