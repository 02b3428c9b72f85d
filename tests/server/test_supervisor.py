"""The supervisor with tiny commands: what dies comes back, what is asked to stop stops, in order."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.waiting import until

from server.embedded.process import Command, last_lines, open_log
from server.gate import Gate
from server.stop_signals import StopRequested, StopSignals
from server.supervisor import Backoff, Supervisor

STAYS = "import signal; signal.pause()"
TELLS_ITS_END = (
    "import signal, sys, time\n"
    "def end(*_):\n"
    "    open({file!r}, 'a').write({name!r} + '\\n'); sys.exit()\n"
    "signal.signal(signal.SIGTERM, end); open({file!r} + '.ready', 'a').write({name!r}); signal.pause()"
)
IGNORES = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); open({file!r}, 'w').write('x'); signal.pause()"


@pytest.fixture
def signals() -> Iterator[StopSignals]:
    with StopSignals().heard() as signals:
        yield signals


def command(folder: Path, code: str, name: str = "tiny") -> Command:
    return Command(name, [sys.executable, "-c", code], folder / f"{name}.log")


def soon(action: object, *arguments: object, when: object) -> threading.Thread:
    """Does something from another thread once `when` is true, while the main thread watches."""

    def run() -> None:
        until(when)  # type: ignore[arg-type]
        action(*arguments)  # type: ignore[operator]

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_a_program_that_dies_is_started_again_later_each_time(signals: StopSignals, tmp_path: Path) -> None:
    said: list[str] = []
    supervisor = Supervisor(signals, Backoff(first=0.01, most=0.04), said.append)
    with supervisor:
        [child] = supervisor.start([command(tmp_path, "import sys; sys.exit(7)")])
        thread = soon(os.kill, os.getpid(), signal.SIGTERM, when=lambda: len(said) >= 4)
        supervisor.watch()
        thread.join()
    assert child.deaths >= 4
    delays = [line.split("，")[1] for line in said[:4]]
    assert delays == ["0.01 秒后重新启动", "0.02 秒后重新启动", "0.04 秒后重新启动", "0.04 秒后重新启动"]
    assert "退出码 7" in said[0]


def test_a_killed_program_comes_back_as_another_process(signals: StopSignals, tmp_path: Path) -> None:
    supervisor = Supervisor(signals, Backoff(first=0.01), lambda line: None)
    with supervisor:
        [child] = supervisor.start([command(tmp_path, STAYS)])
        killed = child.process.pid
        child.process.kill()
        back = lambda: child.process.pid != killed and child.is_alive  # noqa: E731
        thread = soon(os.kill, os.getpid(), signal.SIGTERM, when=back)
        supervisor.watch()
        thread.join()
        assert child.process.pid != killed
    assert not child.is_alive


def test_a_program_that_cannot_be_started_is_tried_again(signals: StopSignals, tmp_path: Path) -> None:
    said: list[str] = []
    supervisor = Supervisor(signals, Backoff(first=0.01, most=0.02), said.append)
    program = tmp_path / "program"
    program.write_text(f"#!{sys.executable}\nimport sys\n")
    program.chmod(0o755)
    with supervisor:
        supervisor.start([Command("lost", [program], tmp_path / "lost.log")])
        program.unlink()
        thread = soon(os.kill, os.getpid(), signal.SIGTERM, when=lambda: len(said) >= 3)
        supervisor.watch()
        thread.join()
    assert "No such file" in said[1]


def test_the_last_started_stops_first(signals: StopSignals, tmp_path: Path) -> None:
    file = str(tmp_path / "ends")
    ready = Path(file + ".ready")
    with Supervisor(signals) as supervisor:
        for name in ("database", "web"):
            supervisor.start([command(tmp_path, TELLS_ITS_END.format(file=file, name=name), name)])
        until(lambda: ready.exists() and len(ready.read_text()) == len("databaseweb"))
    assert Path(file).read_text().split() == ["web", "database"]


def test_a_second_ctrl_c_forces(signals: StopSignals, tmp_path: Path) -> None:
    mark = tmp_path / "ignores"
    supervisor = Supervisor(signals)
    [child] = supervisor.start([command(tmp_path, IGNORES.format(file=str(mark)))])
    until(mark.exists)
    signals.interrupts = False
    os.kill(os.getpid(), signal.SIGINT)
    thread = soon(os.kill, os.getpid(), signal.SIGINT, when=lambda: signals.requests == 1)
    assert supervisor.stop() is True
    thread.join()
    assert child.process.returncode == -signal.SIGKILL


def test_a_repeated_sigterm_does_not_force(signals: StopSignals) -> None:
    signals.interrupts = False
    for _ in range(3):
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGHUP)
    assert signals.requests >= 2
    assert not signals.forced


def test_a_request_during_the_start_interrupts_it(signals: StopSignals, tmp_path: Path) -> None:
    with Supervisor(signals) as supervisor, pytest.raises(StopRequested):
        supervisor.start([command(tmp_path, STAYS)])
        os.kill(os.getpid(), signal.SIGTERM)
        until(lambda: None, seconds=5)
    assert not any(child.is_alive for child in supervisor.children)


def test_handlers_are_put_back(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGTERM)
    with StopSignals().heard():
        assert signal.getsignal(signal.SIGTERM) != before
    assert signal.getsignal(signal.SIGTERM) == before


def test_a_job_and_what_it_started_end_with_the_rest(signals: StopSignals, tmp_path: Path) -> None:
    mark = tmp_path / "grandchild"
    code = f"import subprocess, sys\np = subprocess.Popen([sys.executable, '-c', {STAYS!r}])\n"
    code += f"open({str(mark)!r}, 'w').write(str(p.pid)); p.wait()"
    with Supervisor(signals) as supervisor:
        job = supervisor.start_job(command(tmp_path, code))
        until(lambda: mark.exists() and mark.read_text())
    from tests.processes import until_gone

    until_gone([job.pid, int(mark.read_text())])


def test_a_shut_gate_holds_until_it_opens_and_never_again(signals: StopSignals, tmp_path: Path) -> None:
    gate, mark = Gate(), tmp_path / "passed"
    code = f"from server.gate import pass_gate; pass_gate(); open({str(mark)!r}, 'a').write('x')"
    waiting = Command("gated", [sys.executable, "-c", code], tmp_path / "gated.log",
                      env=os.environ | gate.env, pass_fds=(gate.descriptor,))  # fmt: skip
    with Supervisor(signals) as supervisor:
        first = supervisor.start_job(waiting)
        assert first.poll() is None
        assert not mark.exists()
        gate.open()
        assert first.wait(60) == 0
        assert supervisor.start_job(waiting).wait(60) == 0
    assert mark.read_text() == "xx"


def test_logs_do_not_grow_for_ever(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "web.log"
    open_log(log).close()
    with log.open("wb") as file:
        file.truncate(17 * 2**20)
    open_log(log).close()
    assert log.stat().st_size == 0
    assert log.with_suffix(".log.1").exists()


def test_the_end_of_a_log_skips_empty_lines(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes("一\n二 \xff\n\n".encode("latin-1", "ignore") + "三\n\n".encode())
    assert last_lines(tmp_path / "log") == "三"
    assert last_lines(tmp_path / "missing") == ""


@given(deaths=st.integers(1, 10_000), first=st.floats(0.01, 1), most=st.floats(1, 60))
def test_backing_off_never_falls_and_has_a_bound(deaths: int, first: float, most: float) -> None:
    backoff = Backoff(first, most)
    assert first <= backoff.delay(deaths) <= backoff.delay(deaths + 1) <= most
