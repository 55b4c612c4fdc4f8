"""Workers that die, raise or stall, and interpreters that end in the middle: each in a process that may not hang."""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dl_train.data import PyDataset, make_adapter
from dl_train.data.ahead import Ahead

LONGEST = 60.0
"""Seconds after which a script that still runs hangs; it takes two or so."""

DATASETS = '''
import os, signal, sys, time
import numpy as np
from dl_train.data import PyDataset, make_adapter

# as from a terminal, wherever the tests were started: what a shell runs in the background ignores it
signal.signal(signal.SIGINT, signal.default_int_handler)

class Odd(Exception):
    def __init__(self, number, reason):
        super().__init__(f"{number}: {reason}")

class Data(PyDataset):
    """Batches of zeros; the fourth does something, in whatever process it is made."""

    def __init__(self, what="nothing", length=6, **options):
        super().__init__(**options)
        self.what, self.length, self.added = what, length, 0

    def __len__(self):
        return self.length

    def __getitem__(self, index):
        if index == 3:
            getattr(self, self.what)()
        if self.what == "draw":
            return np.random.uniform(size=(2, 1)), np.full(2, index)
        return np.full((2, 1), os.getpid()), np.full(2, index + self.added)

    def on_epoch_end(self):
        self.added += 100

    def nothing(self): pass
    def draw(self): pass
    def kill(self): os.kill(os.getpid(), signal.SIGKILL)
    def leave(self): os._exit(7)
    def exit(self): sys.exit(3)
    def fail(self): raise KeyError("no such batch")
    def fail_oddly(self): raise Odd(3, "cannot be unpickled")
    def fail_unpicklably(self): raise ValueError("holds a function", lambda: 0)
    def stall(self): time.sleep(3600)
    def start_process(self):
        import multiprocessing
        process = multiprocessing.get_context("spawn").Process(target=print)
        process.start()
        process.join()

def numbers(data):
    return [int(y[0]) for _, y in data.epoch()]
'''


def run(script: str, folder: Path, *, stop_after: float | None = None) -> subprocess.CompletedProcess[str]:
    """Run a script beside the data sets above; what it wrote, and how it ended."""
    (folder / "faulty_data.py").write_text(DATASETS)
    path = folder / "script.py"
    body = textwrap.indent(textwrap.dedent(script), "    ")
    path.write_text(f"from faulty_data import *\n\nif __name__ == '__main__':\n{body}")
    process = subprocess.Popen(
        [sys.executable, str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "DL_BACKEND": "numpy"},
    )
    try:
        if stop_after is not None:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            time.sleep(stop_after)
            os.killpg(process.pid, signal.SIGINT)  # as a terminal does
        out, err = process.communicate(timeout=LONGEST)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        pytest.fail(f"hangs; so far: {process.communicate()}")
    assert not survivors(process.pid), "processes are left over"
    return subprocess.CompletedProcess(str(path), process.returncode, out, err)


def survivors(group: int) -> list[int]:
    """Processes of a group that end neither by themselves nor within ten seconds."""
    deadline = time.monotonic() + 10
    while True:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return []
        if time.monotonic() > deadline:
            os.killpg(group, signal.SIGKILL)
            return [group]
        time.sleep(0.05)


MODES = {"threads": "workers=3", "processes": "workers=2, use_multiprocessing=True"}


FAULTS = {
    "fail": ("KeyError", ["no such batch", "in fail"]),
    "fail_oddly": (None, ["3: cannot be unpickled", "in fail_oddly"]),
    "fail_unpicklably": (None, ["holds a function", "in fail_unpicklably"]),
}
DEATHS = {
    "kill": ("RuntimeError", ["was killed by SIGKILL", "item 3"]),
    "leave": ("RuntimeError", ["ended with exit code 7", "item 3"]),
    "exit": ("RuntimeError", ["SystemExit: 3", "in exit"]),
}


@pytest.mark.parametrize("mode", MODES)
def test_what_a_worker_raises_is_raised_in_its_place_with_its_traceback(mode: str, tmp_path: Path) -> None:
    faults = FAULTS if mode == "threads" else {**FAULTS, **DEATHS}
    script = f"""
        import json, traceback
        for what in {list(faults)}:
            seen = []
            try:
                for _, y in make_adapter(Data(what, {MODES[mode]})).epoch():
                    seen.append(int(y[0]))
            except BaseException as error:
                told = "".join(traceback.format_exception(error))
                print(json.dumps([seen, type(error).__name__, told]))
    """
    done = run(script, tmp_path)
    assert done.returncode == 0, done.stderr
    for line, (kind, texts) in zip(done.stdout.splitlines(), faults.values(), strict=True):
        seen, found, told = json.loads(line)
        assert seen == [0, 1, 2], told
        assert kind in (None, found)
        assert all(text in told for text in texts), told


@pytest.mark.parametrize("mode", MODES)
def test_an_interrupt_ends_a_training_whose_worker_stalls(mode: str, tmp_path: Path) -> None:
    script = f"""
        data = make_adapter(Data("stall", {MODES[mode]})).epoch()
        for _ in range(3):
            next(data)
        print("ready", flush=True)
        next(data)
    """
    done = run(script, tmp_path, stop_after=0.2)
    assert done.returncode not in (0, None)
    assert "KeyboardInterrupt" in done.stderr


@pytest.mark.parametrize(
    ("mode", "end"), [("threads", "pass"), ("threads", "1 / 0"), ("processes", "pass"), ("processes", "sys.exit(4)")]
)
def test_the_interpreter_ends_in_the_middle_of_an_epoch(mode: str, end: str, tmp_path: Path) -> None:
    script = f"""
        data = make_adapter(Data("stall", {MODES[mode]})).epoch()
        print(next(data)[1].tolist())
        {end}
    """
    done = run(script, tmp_path)
    assert done.returncode == {"pass": 0, "sys.exit(4)": 4, "1 / 0": 1}[end]
    assert done.stdout == "[0, 0]\n"
    assert ("ZeroDivisionError" in done.stderr) == (end == "1 / 0")


def test_processes_end_with_the_one_that_started_them(tmp_path: Path) -> None:
    script = """
        data = make_adapter(Data("stall", workers=2, use_multiprocessing=True)).epoch()
        next(data)
        os.kill(os.getpid(), signal.SIGKILL)
    """
    assert run(script, tmp_path).returncode == -signal.SIGKILL  # `run` looks for what is left over


def test_a_script_without_a_guard_is_told(tmp_path: Path) -> None:
    (tmp_path / "faulty_data.py").write_text(DATASETS)
    script = tmp_path / "unguarded.py"
    script.write_text("from faulty_data import *\nnumbers(make_adapter(Data(workers=1, use_multiprocessing=True)))\n")
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=LONGEST, check=False)
    assert done.returncode == 1
    assert 'under: if __name__ == "__main__":' in done.stderr


INTERACTIVE = """
import numpy as np
from dl_train.data import PyDataset, make_adapter
class Here(PyDataset):
    def __len__(self): return 3
    def __getitem__(self, index): return np.full((2, 1), index)

data = make_adapter(Here(workers=1, use_multiprocessing=True))
print([int(x[0, 0]) for (x,) in data.epoch()])
"""


def test_a_data_set_of_an_interactive_session_goes_to_processes() -> None:
    pytest.importorskip("cloudpickle")
    command = [sys.executable, "-c", INTERACTIVE]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST, check=False)
    assert done.stdout == "[0, 1, 2]\n", done.stderr


def test_a_data_set_of_an_interactive_session_needs_a_library() -> None:
    without = f"import sys\nsys.modules['cloudpickle'] = None\n{INTERACTIVE}"
    command = [sys.executable, "-c", without]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST, check=False)
    assert done.returncode == 1
    assert "Here, a class of an interactive session in processes, needs cloudpickle: pip install" in done.stderr


def test_processes_last_and_learn_what_changed_between_epochs(tmp_path: Path) -> None:
    script = """
        data = make_adapter(Data(workers=2, use_multiprocessing=True))
        makers = set()
        for _ in range(2):
            data.on_epoch_begin()
            for x, y in data.epoch():
                makers.add(int(x[0, 0]))
                print(int(y[0]), end=" ")
            data.on_epoch_end()
        print(os.getpid() not in makers and len(makers) <= 2)
        data.close()
    """
    done = run(script, tmp_path)
    assert done.stdout.split() == [*map(str, range(6)), *map(str, range(100, 106)), "True"]
    assert done.stderr == ""


def test_what_processes_draw_depends_on_the_seed_alone(tmp_path: Path) -> None:
    script = """
        for workers in (1, 2):
            np.random.seed(5)
            epochs = make_adapter(Data("draw", workers=workers, use_multiprocessing=True))
            print([[float(x[0, 0]) for x, _ in epochs.epoch()] for _ in range(2)])
    """
    first, second = run(script, tmp_path).stdout.splitlines()
    assert first == second
    assert len(set(eval(first)[0] + eval(first)[1])) == 12


def test_processes_may_start_processes_and_come_after_a_fork(tmp_path: Path) -> None:
    script = """
        data = make_adapter(Data("start_process", workers=2, use_multiprocessing=True))
        batches = data.epoch()
        next(batches)
        child = os.fork()
        if child == 0:
            del batches, data  # must not end what is the parent's
            sys.exit(0)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), len(list(batches)))
    """
    assert run(script, tmp_path).stdout.split()[-2:] == ["0", "5"]


def test_a_data_set_that_cannot_be_sent_is_told() -> None:
    class Local(PyDataset):
        def __len__(self) -> int:
            return 1

    with pytest.raises(TypeError, match=r"Local cannot be sent to worker processes.*use_multiprocessing=False"):
        make_adapter(Local(workers=1, use_multiprocessing=True)).peek()


class Counting(PyDataset):
    """Counts how many items were made."""

    def __init__(self, length: int = 50, **options: Any) -> None:
        super().__init__(**options)
        self.length, self.made = length, 0

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, index: int) -> Any:
        self.made += 1
        return np.full((2, 1), index)


def wait_until(condition: Any) -> bool:
    deadline = time.monotonic() + 10
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    return bool(condition())


def workers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("Counting")]


@pytest.mark.parametrize(("number", "size"), [(2, 4), (3, 1)])
def test_no_more_is_made_ahead_than_may_wait(number: int, size: int) -> None:
    dataset = Counting(workers=number, max_queue_size=size)
    data = make_adapter(dataset)
    epoch = data.epoch()
    for given in range(1, 4):
        next(epoch)
        assert wait_until(lambda given=given: dataset.made == given + max(number, size))
        time.sleep(0.05)
        assert dataset.made == given + max(number, size)
    data.close()
    assert not workers()


@pytest.mark.parametrize("end", ["exhausted", "closed", "forgotten"])
def test_threads_end_with_the_epoch(end: str) -> None:
    data = make_adapter(Counting(workers=3))
    epoch = data.epoch()
    next(epoch)
    assert workers()
    if end == "exhausted":
        assert len(list(epoch)) == 49
    elif end == "closed":
        data.close()
    else:
        del epoch, data
        gc.collect()
    assert wait_until(lambda: not workers())


def test_an_epoch_that_is_left_does_not_disturb_the_next() -> None:
    data = make_adapter(Counting(workers=2))
    first = data.epoch()
    next(first)
    assert [int(x[0, 0]) for (x,) in data.epoch()] == list(range(50))
    assert not workers()


def test_an_item_that_raises_stop_iteration_does_not_end_the_epoch_quietly() -> None:
    class Stops(Counting):
        def __getitem__(self, index: int) -> Any:
            raise StopIteration

    for number in (1, 2):
        with pytest.raises(RuntimeError, match="StopIteration"):
            list(make_adapter(Stops(workers=number)).epoch())


def test_what_was_made_while_a_wait_ran_out_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    go = threading.Event()
    values = Ahead(range(2), [lambda x: x if go.wait(LONGEST) else None], ahead=3, name="late")
    changed, threads = values._shared.changed, values._threads

    def wait(timeout: float) -> bool:
        """As where the one who waits is not woken in time: the thread makes everything and ends."""
        changed.release()
        go.set()
        for thread in threads:
            thread.join()
        changed.acquire()
        return False

    monkeypatch.setattr(changed, "wait", wait)
    assert list(values) == [0, 1]


def test_whoever_waits_long_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dl_train.data.ahead._LONG", 0.0)
    release = threading.Event()
    values = Ahead(range(1), [lambda i: release.wait(30)], 1, "slow")
    threading.Timer(1.5, release.set).start()
    with pytest.warns(RuntimeWarning, match="slow: number 0 has been in the making"):
        assert next(values) is True
