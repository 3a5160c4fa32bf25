"""Which meanings are for pretraining and which for tasks, by their hash alone.

Half of all clauses and reviews are held out: micro backbones are pretrained on the
other half, so that no text of a task's splits occurs in pretraining.
"""

from zlib import crc32

SPLITS = ("train", "dev", "test")
_SPLIT_OF_TENTH = ("train",) * 4 + ("dev",) + ("test",) * 5


def is_held_out(meaning: object) -> bool:
    """Whether a meaning is kept from pretraining; decided by its contents."""
    return crc32(repr(meaning).encode()) % 2 == 1


def split_of(meaning: object) -> str:
    """The split (train, dev or test) that a held-out meaning belongs to."""
    return _SPLIT_OF_TENTH[crc32(repr(("split", meaning)).encode()) % 10]
