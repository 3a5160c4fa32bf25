"""Which languages a backbone has not seen in pretraining, where that is known."""

from __future__ import annotations

from xbench import micro
from xbench.errors import RequestError


def unseen_languages(model: str) -> frozenset[str]:
    """The languages of the sample data that an embedded backbone was not pretrained on.

    Raises:
        RequestError: another backbone, of which xbench does not know it.
    """
    if model not in micro.NAMES:
        raise RequestError(
            f"Which languages '{model}' has not seen is not recorded; name them, as in adapt=quy+aym, or say adapt=all."
        )
    return micro.unseen()
