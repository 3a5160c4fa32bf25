"""Killed, raced and starved of disk: processes of their own, really killed, on one store."""

from __future__ import annotations

import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.store.synthetic import write_cell
from xbench.errors import StoreError
from xbench.store import RunStore

ROOT = Path(__file__).parents[2]
HEAD = "import sys, time\nfrom pathlib import Path\nfrom xbench.store import RunStore\nstore = RunStore(sys.argv[1])\n"
SAY = "print('ready', flush=True)\n"


def start(body: str, path: Path, *arguments: str) -> subprocess.Popen[str]:
    """A process that runs `body` with the open store; its standard output is piped."""
    command = [sys.executable, "-c", HEAD + body, str(path), *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT)


def kill(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.communicate()


def finish(process: subprocess.Popen[str]) -> str:
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    return output


STAGE_AND_HANG = f"""
with store.stage("abc") as folder:
    (folder / "weights").write_bytes(b"half")
    {SAY}
    time.sleep(600)
"""


def test_killed_while_staging_leaves_nothing_that_shows(tmp_path: Path) -> None:
    process = start(STAGE_AND_HANG, tmp_path)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    RunStore(tmp_path)
    assert any((tmp_path / "staging").iterdir())  # its owner lives
    kill(process)
    store = RunStore(tmp_path)
    assert not store.has_artifact("abc")
    assert list((tmp_path / "staging").iterdir()) == []
    with store.stage("abc") as folder:
        (folder / "weights").write_bytes(b"whole")
    assert (store.artifact("abc") / "weights").read_bytes() == b"whole"


CLAIM_AND_HANG = f"""
with store.claim("abc") as held:
    assert held
    {SAY}
    time.sleep(600)
"""


def test_a_claim_ends_with_its_killed_owner(tmp_path: Path) -> None:
    process = start(CLAIM_AND_HANG, tmp_path)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    store = RunStore(tmp_path)
    with store.claim("abc") as held:
        assert not held
    kill(process)
    with store.claim("abc") as held:
        assert held


REWRITE = """
from tests.store.synthetic import write_cell
n = 1000 * int(sys.argv[2])
while True:
    n += 1
    rows = n % 1000 + 1
    write_cell(store, seed=0, correct={("xnli", l): [True] * rows for l in ("en", "de", "fr")})
    write_cell(store, seed=n, correct={("xnli", l): [True] * 50 for l in ("en", "de", "fr")})
    store.write_examples(f"{n:016x}", {"id": ["a"] * 1000, "gold": ["b"] * 1000})
    with store.stage(f"{n:016x}") as folder:
        (folder / "artifact.json").write_text("{}")
        (folder / "weights").write_bytes(bytes(100_000))
    if rows == 2:
        print("ready", flush=True)
"""


def assert_whole(store: RunStore, errors: str) -> None:
    """Everything visible can be read, and holds what its record says."""
    assert errors == ""
    for record in store.cells():
        for pair in record.predictions:
            assert len(store.predictions(record, *pair.pair)) >= 2
    for path in (store.path / "examples").glob("*"):
        assert len(store.examples(path.stem)) == 1000
    for id in store.artifacts():
        assert (store.artifact(id) / "weights").stat().st_size == 100_000
        assert store.artifact_record(id) == {}


def test_killed_anywhere_the_store_is_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chance = random.Random(0)
    for turn in range(8):
        process = start(REWRITE, tmp_path, str(turn))
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(chance.random() * 0.2)
        kill(process)
        store = RunStore(tmp_path)
        assert_whole(store, capsys.readouterr().err)
        assert list((tmp_path / "staging").iterdir()) == []
    assert len(store.artifacts()) >= 8


KILL_AT_EACH_CALL = """
import os, pathlib, signal
from tests.store.synthetic import write_cell

calls = 0

def armed(function, at):
    def call(*arguments, **keywords):
        global calls
        calls += 1
        if calls == at:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*arguments, **keywords)
    return call

def write():
    write_cell(store, seed=1, correct={("xnli", l): [True] * 8 for l in ("de", "en", "fr")})
    store.write_examples("examples", {"id": ["a"] * 1000, "gold": ["b"] * 1000})
    with store.stage("artifact") as folder:
        (folder / "artifact.json").write_text("{}")
        (folder / "weights").write_bytes(bytes(100_000))

at = int(sys.argv[2])
for module, name in [(os, "replace"), (os, "rename"), (os, "fsync"), (os, "unlink"), (os, "open"), (os, "mkdir"),
                     (pathlib.Path, "write_text"), (pathlib.Path, "write_bytes")]:
    setattr(module, name, armed(getattr(module, name), at))
write()
"""


def test_killed_before_each_single_step(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A cell of two languages grows by a third, killed before each call that changes the disk, one after the other."""
    finished, at = False, 0
    while not finished:
        at += 6  # every sixth call, each in a process of its own
        path = tmp_path / str(at)
        before = write_cell(path, seed=1, correct={("xnli", name): [True] * 4 for name in ("de", "en")})
        process = start(KILL_AT_EACH_CALL, path, str(at))
        process.communicate()
        finished = process.returncode == 0
        assert finished or process.returncode == -signal.SIGKILL
        store = RunStore(path)
        assert_whole(store, capsys.readouterr().err)
        (record,) = store.cells()
        assert record == before or len(record.predictions) == 3
        assert list((path / "staging").iterdir()) == []
        assert at < 600
    assert len(record.predictions) == 3
    assert store.has_artifact("artifact")
    assert at > 20


def test_a_reader_beside_a_writer_never_sees_half(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    process = start(REWRITE, tmp_path, "1")
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "ready\n"
        for _ in range(10):
            assert_whole(RunStore(tmp_path), capsys.readouterr().err)
    finally:
        kill(process)


RACE_FOR_LANGUAGES = """
from tests.store.synthetic import write_cell
for language in sys.argv[2].split(","):
    write_cell(store, seed=1, correct={("xnli", language): [True, False]})
"""


def test_two_processes_lose_no_language(tmp_path: Path) -> None:
    mine, yours = [f"a{i}" for i in range(25)], [f"b{i}" for i in range(25)]
    for process in [start(RACE_FOR_LANGUAGES, tmp_path, ",".join(names)) for names in (mine, yours)]:
        finish(process)
    (record,) = RunStore(tmp_path).cells()
    assert sorted(pair.language for pair in record.predictions) == sorted(mine + yours)


RACE_FOR_WORK = """
for number in range(200):
    with store.claim(f"work-{number}") as held:
        if held and not store.has_artifact(f"work-{number}"):
            with store.stage(f"work-{number}") as folder:
                (folder / "owner").write_text(sys.argv[2])
            print(number, flush=True)
"""


def test_two_processes_lose_and_duplicate_no_work(tmp_path: Path) -> None:
    processes = [start(RACE_FOR_WORK, tmp_path, name) for name in ("a", "b")]
    done = [int(line) for process in processes for line in finish(process).split()]
    # One that finds a claim taken goes on, so that each number is done once, by whoever held it.
    assert sorted(done) == list(range(200))


RACE_TO_PUBLISH = f"""
for number in range(50):
    with store.stage(f"same-{{number}}") as folder:
        for part in range(3):
            (folder / str(part)).write_text(sys.argv[2])
{SAY}
"""


def test_racing_publishers_never_mix(tmp_path: Path) -> None:
    for process in [start(RACE_TO_PUBLISH, tmp_path, name) for name in ("a", "b")]:
        finish(process)
    store = RunStore(tmp_path)
    assert len(store.artifacts()) == 50
    for id in store.artifacts():
        assert len({path.read_text() for path in store.artifact(id).iterdir()}) == 1
        assert len(list(store.artifact(id).iterdir())) == 3
    assert list((tmp_path / "staging").iterdir()) == []


INCREMENT = """
counter = Path(sys.argv[2])
for _ in range(200):
    with store.claim("counter", blocking=True):
        counter.write_text(str(int(counter.read_text()) + 1))
"""


def test_blocking_claims_exclude(tmp_path: Path) -> None:
    counter = tmp_path / "counter"
    counter.write_text("0")
    for process in [start(INCREMENT, tmp_path / "runs", str(counter)) for _ in range(3)]:
        finish(process)
    assert counter.read_text() == "600"


def write_big_cell(store: RunStore) -> None:
    write_cell(store, seed=2, correct={("xnli", "en"): [True] * 20_000})


def write_big_artifact(store: RunStore) -> None:
    with store.stage("big") as folder:
        (folder / "weights").write_bytes(bytes(1_000_000))


def write_big_safetensors(store: RunStore) -> None:
    numpy = pytest.importorskip("numpy")
    save_file = pytest.importorskip("safetensors.numpy").save_file
    with store.stage("big") as folder:
        save_file({"weights": numpy.zeros(1_000_000)}, folder / "weights.safetensors")


def write_big_examples(store: RunStore) -> None:
    store.write_examples("big", {"id": [f"{i * 7919:x}" for i in range(50_000)]})


@pytest.fixture
def small_files() -> object:
    """No file may grow beyond 20 kB, as on a disk that fills up; writes fail with EFBIG."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.usefixtures("small_files")
@pytest.mark.parametrize("write", [write_big_cell, write_big_artifact, write_big_safetensors, write_big_examples])
def test_a_full_disk_is_said_and_leaves_the_store_whole(tmp_path: Path, write: Callable[[RunStore], None]) -> None:
    store = RunStore(tmp_path)
    kept = write_cell(store)
    with pytest.raises(StoreError, match="is full"):
        write(store)
    store = RunStore(tmp_path)
    assert list(store.cells()) == [kept]
    assert len(store.predictions(kept, "xnli", "en")) == 4
    assert not store.has_artifact("big")
    assert not store.examples_path("big").exists()
    assert list((tmp_path / "staging").iterdir()) == []


FULL_DISK = """
import os, sys
from xbench.errors import StoreError
from tests.store.synthetic import write_cell
kept = []
try:
    for seed in range(10_000):
        kept.append(write_cell(store, seed=seed).id)
except StoreError as error:
    print(error)
assert sorted(kept) == [record.id for record in RunStore(sys.argv[1]).cells()], "lost or half a cell"
assert kept
"""


def test_a_disk_that_is_really_full(tmp_path: Path) -> None:
    mount = 'mount -t tmpfs -o size=1m xbench {0} 2>/dev/null || exit 77; exec {1} -c "$BODY" {0}'
    command = ["unshare", "--mount", "--map-root-user", "sh", "-c", mount.format(tmp_path, sys.executable)]
    environment = {**os.environ, "BODY": HEAD + FULL_DISK}
    try:
        process = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, timeout=120)
    except FileNotFoundError:
        pytest.skip("no `unshare` on this machine to mount a small disk with")
    if process.returncode in (1, 77) and "AssertionError" not in process.stderr and "Traceback" not in process.stderr:
        pytest.skip("this machine lets nobody mount a small disk")
    assert process.returncode == 0, process.stderr
    assert "is full" in process.stdout
