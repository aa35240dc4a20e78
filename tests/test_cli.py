import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from interneg import cli
from interneg.model.base import SHIPPED
from interneg.model.fill import FillNetwork
from interneg.model.show import save_show
from interneg.production.store import Store
from interneg.service.lock import HomeLock
from interneg_bridge.client import Client
from stage import header_of
from stand_in_daemon import daemon, write_plate

STAND_IN = Path(__file__).with_name("stand_in_daemon.py")
RENDER_KEYS = {"operator", "frames", "delivered", "failed", "seconds", "seen", "synthesised", "paths", "model"}


class Shell:
    """The command line as a user has it: in this process for speed, or as a process of its own."""

    def __init__(self, home: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
        self.home, self.folder = home, folder
        self._monkeypatch, self._capsys = monkeypatch, capsys
        monkeypatch.setenv("INTERNEG_HOME", str(home))
        monkeypatch.chdir(folder)
        self.daemons: list[subprocess.Popen[bytes]] = []

    def run(self, *words: object) -> tuple[int, str, str]:
        """Exit code, standard output, standard error."""
        self._monkeypatch.setattr(sys, "argv", ["interneg", *map(str, words)])
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        told = self._capsys.readouterr()
        code = ended.value.code
        return (0 if code is None else int(code)), told.out, told.err

    def process(self, *words: object) -> subprocess.Popen[str]:
        program = Path(sys.prefix) / "bin" / "interneg"
        return subprocess.Popen(
            [program, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=self.folder
        )

    def serve(self) -> subprocess.Popen[bytes]:
        log = (self.home.parent / "daemon.log").open("ab")
        with log:
            started = subprocess.Popen([sys.executable, str(STAND_IN)], stdout=log, stderr=log, start_new_session=True)
        self.daemons.append(started)
        deadline = time.monotonic() + 60
        while not self.answers():
            assert started.poll() is None, (self.home.parent / "daemon.log").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        return started

    def answers(self) -> bool:
        from interneg_bridge.errors import DaemonError

        try:
            Client(str(self.home / "run" / "interneg.sock")).connect()
        except DaemonError:
            return False
        return True


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Shell]:
    """A shell in a folder of its own, with no daemon."""
    (tmp_path / "here").mkdir()
    made = Shell(tmp_path / "home", tmp_path / "here", monkeypatch, capsys)
    yield made
    for started in made.daemons:
        started.kill()
        started.wait()


def with_show(shell: Shell) -> Shell:
    assert shell.run("production", "create", "show")[0] == 0
    write_plate(shell.folder / "plates", 1001, 1004)
    return shell


@pytest.fixture
def shell(bare: Shell) -> Iterator[Shell]:
    """A shell with a show, and a daemon within this process."""
    with daemon(bare.home):
        yield with_show(bare)


@pytest.fixture
def apart(bare: Shell) -> Shell:
    """A shell with a show, and a daemon that is a process of its own."""
    bare.serve()
    return with_show(bare)


def reframe(*more: object, frames: str = "1001-1003", out: str = "out/o.####.exr") -> tuple[object, ...]:
    return ("reframe", "show", "--plate", "plates/plate.####.exr", "--frames", frames, "--out", out, *more)


def test_frames_are_delivered_and_told(shell: Shell) -> None:
    code, out, err = shell.run(*reframe())
    assert code == 0, err
    assert out == f"reframe: 3 of 3 frames delivered to {shell.folder}/out/o.####.exr\n"
    assert "the show has learnt nothing yet" in err and "1002: " in err and err.count("grey") == 1
    assert sorted(path.name for path in (shell.folder / "out").iterdir()) == [f"o.{n}.exr" for n in (1001, 1002, 1003)]
    assert sorted(path.name for path in shell.folder.iterdir()) == ["out", "plates"], "nothing else is left here"


def test_json_is_one_object_on_standard_output(shell: Shell) -> None:
    code, out, err = shell.run(*reframe("--json", frames="1003-1005"))
    told = json.loads(out)
    assert code == 1
    assert told.keys() >= RENDER_KEYS
    assert (told["operator"], told["frames"], told["delivered"], told["failed"]) == ("reframe", 3, 2, 1)
    assert told["paths"] == [str(shell.folder / "out" / f"o.{frame}.exr") for frame in (1003, 1004)]
    assert told["seconds"] == pytest.approx({"decode": 0.2, "compute": 0.4, "encode": 0.6})
    assert (told["seen"], told["synthesised"], told["model"]) == (0.75, 0.25, "classical")
    assert [each["frame"] for each in told["failures"]] == [1005]
    assert "frames that failed: 1005" in err


WRONG_USE = [
    ("no range", ("--frames", "abc")),
    ("a range the wrong way round", ("--frames", "10-1")),
    ("a frame no number holds", ("--frames", "9999999999")),
    ("punch-in of nothing", ("--punch-in", "0")),
    ("punch-in that is no number", ("--punch-in", "nan")),
    ("pan that is a word", ("--pan", "left")),
    ("a negative seed", ("--seed", "-1")),
    ("no such option", ("--clarity", "1")),
    ("keys that are not there", ("--keys", "nowhere.json")),
    ("keys beside numbers", ("--keys", "nowhere.json", "--pan", "0.1")),
]


@pytest.mark.parametrize("words", [case[1] for case in WRONG_USE], ids=[case[0] for case in WRONG_USE])
def test_wrong_use_exits_2_and_is_one_object_too(bare: Shell, words: tuple[str, ...]) -> None:
    code, out, err = bare.run(*reframe("--json", *words))
    assert code == 2, err
    told = json.loads(out)
    assert told["error"] and told["delivered"] == 0 and told.keys() >= RENDER_KEYS
    assert err and "Traceback" not in err


def test_a_wish_that_is_refused_says_why_and_no_more(shell: Shell) -> None:
    code, out, err = shell.run(*reframe("--plate", "nowhere/p.####.exr"))
    assert (code, out) == (1, "")
    assert err.count("\n") == 1 and "nowhere/p.####.exr" in err


KEYS = [
    ("not JSON", "{"),
    ("no frames", '{"frames": {}}'),
    ("a frame that is no number", '{"frames": {"one": {}}}'),
    ("an unknown key", '{"frames": {"1": {"zoom": 2}}}'),
    ("out of range", '{"frames": {"1": {"punch_in": 0}}}'),
    ("a frame no number holds", '{"frames": {"9999999999": {}}}'),
    ("no object", "[]"),
]


@pytest.mark.parametrize("text", [case[1] for case in KEYS], ids=[case[0] for case in KEYS])
def test_keys_that_are_wrong_are_told(bare: Shell, text: str) -> None:
    (bare.folder / "keys.json").write_text(text)
    code, out, err = bare.run(*reframe("--keys", "keys.json"))
    assert code == 2, err
    assert out == "" and "key" in err


def test_keys_are_sent(shell: Shell) -> None:
    (shell.folder / "keys.json").write_text('{"frames": {"1002": {"pan": 0.1}, "1001": {"punch_in": 1.1, "tilt": 0}}}')
    assert shell.run(*reframe("--keys", "keys.json"))[0] == 0


def test_create_of_an_existing_show_exits_1_and_leaves_it(shell: Shell) -> None:
    before = shell.run("production", "show", "show", "--json")[1]
    code, out, err = shell.run("production", "create", "show")
    assert (code, out) == (1, "") and "show" in err
    assert shell.run("production", "show", "show", "--json")[1] == before


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("production", "show", "nobody"), 1),
        (("production", "create", "no/such"), 2),
        (("production", "delete", "nobody"), 1),
        (("dailies", "list", "nobody"), 1),
        (("dailies", "watch", "show", "nowhere"), 1),
        (("learn", "show", "--minutes", "0"), 2),
        (("learn", "show"), 1),
        (("jobs", "watch", "clean-9"), 1),
        (("jobs", "cancel", "clean-9"), 1),
        (("jobs", "list"), 0),
        (("production", "list"), 0),
        (("dailies", "list", "show"), 0),
    ],
)
def test_each_verb_exits_as_it_should(shell: Shell, words: tuple[str, ...], code: int) -> None:
    got, _, err = shell.run(*words)
    assert got == code, err
    assert "Traceback" not in err


def test_versions_are_shown_used_and_carried_away(shell: Shell) -> None:
    production = Store(shell.home / "productions").open("show")
    version = production.new_version()
    with production.writing_model(version) as folder:
        save_show(
            folder / "show.safetensors", {"fill": FillNetwork()}, replace(header_of("show", version), base_hash="")
        )
    production.record_verdict(version, False, {"fill.candidate": 30.25, "fill.in_use": 30.5})
    code, out, _ = shell.run("learn", "show", "--history")
    assert code == 0 and "v001" in out and "NG" in out and "30.25" in out
    assert shell.run("model", "export", "show", "m.safetensors")[0] == 1, "nothing is in use"
    assert shell.run("model", "use", "show", "v001")[0] == 0
    assert shell.run("model", "export", "show", "m.safetensors")[0] == 0
    code, out, _ = shell.run("model", "import", "show", "m.safetensors")
    assert code == 0 and "v002" in out
    (first, second) = json.loads(shell.run("learn", "show", "--history", "--json")[1])["versions"]
    assert first["in_use"] and first["verdict"] == "NG" and second["verdict"] == "imported"
    code, _, err = shell.run("model", "use", "show", "v009")
    assert code == 1 and "v009" in err


def test_learning_tells_its_verdict(shell: Shell) -> None:
    cv2 = pytest.importorskip("cv2")
    for frame in (1, 2):
        assert cv2.imwrite(str(shell.folder / f"12A-3.{frame:04d}.png"), np.full((8, 12, 3), 10 * frame, np.uint8))
    code, out, err = shell.run("dailies", "add", "show", "12A-3.####.png")
    assert (code, out) == (0, "1 added, 0 known, 0 refused\n"), err
    (take,) = json.loads(shell.run("dailies", "list", "show", "--json")[1])["takes"]
    assert (take["path"], take["frames"]) == (str(shell.folder / "12A-3.####.png"), 2)
    code, out, err = shell.run("learn", "show", "--minutes", "0.01", "--json")
    told = json.loads(out)
    assert (code, told["operator"], told["circled"], told["version"]) == (0, "learn", True, "v001"), err
    code, out, _ = shell.run("learn", "show", "--minutes", "0.01")
    assert code == 0 and "circled: " in out and "31" in out


def test_a_bad_file_is_named_and_the_rest_go_on(shell: Shell) -> None:
    (shell.folder / "broken.mov").write_bytes(b"not a movie")
    code, out, err = shell.run("dailies", "add", "show", "broken.mov", "nowhere", "--json")
    told = json.loads(out)
    assert code == 1 and told["refused"] == 2
    assert "refused" in err and "broken.mov" in err and "nowhere" in err


def test_a_frame_of_another_size_is_told_in_a_line(shell: Shell) -> None:
    cv2 = pytest.importorskip("cv2")
    for frame in (1, 2, 3):
        pixels = np.zeros((9 if frame == 2 else 8, 12, 3), np.uint8)
        assert cv2.imwrite(str(shell.folder / f"9B-1.{frame:04d}.png"), pixels)
    code, out, err = shell.run("dailies", "add", "show", "9B-1.####.png", "--json")
    (told,) = json.loads(out)["dailies"]
    assert (code, told["outcome"]) == (0, "added")
    assert told["notice"].startswith("9B-1.0002.png is 12x9; the take is 12x8.")
    (line,) = [line for line in err.splitlines() if line.startswith("added")]
    assert line.endswith(told["notice"])


def test_status_without_a_daemon_says_so_and_starts_none(bare: Shell) -> None:
    code, out, _ = bare.run("status")
    assert code == 1 and "no daemon is running" in out
    assert json.loads(bare.run("status", "--json")[1])["running"] is False
    assert bare.run("stop")[0] == 0
    assert not bare.home.exists()


def test_status_tells_the_daemon_and_stop_waits_until_it_is_gone(apart: Shell) -> None:
    told = json.loads(apart.run("status", "--json")[1])
    assert told["process_id"] == apart.daemons[0].pid and told["installation"] == sys.prefix
    assert bool(told["base_version"]) == bool(told["base_hash"])
    assert told["base_version"] or "base.safetensors" in told["base_fault"]
    code, out, _ = apart.run("stop")
    assert code == 0 and str(apart.daemons[0].pid) in out
    assert not HomeLock(apart.home / "run").is_held()
    assert not (apart.home / "run" / "interneg.sock").exists()
    assert apart.daemons[0].wait(10) == 0


def test_a_second_daemon_on_one_home_is_refused(apart: Shell) -> None:
    second = subprocess.run([sys.executable, str(STAND_IN)], capture_output=True, text=True)
    assert second.returncode == 1
    assert f"process {apart.daemons[0].pid}" in second.stderr
    assert apart.answers(), "the first one goes on"


def missing_after_kill(shell: Shell, *words: str) -> tuple[int, str, str]:
    """What a client says whose daemon is killed once its first frame stands."""
    client = shell.process(*reframe("--seed", "300", frames="1001-1004"), *words)
    first = shell.folder / "out" / "o.1001.exr"
    deadline = time.monotonic() + 30
    while not first.exists():
        assert time.monotonic() < deadline and client.poll() is None
        time.sleep(0.01)
    time.sleep(0.1)  # of the 0.3 s that the next frame takes: the first is told of by then
    shell.daemons[0].kill()
    out, err = client.communicate(timeout=60)
    return client.returncode, out, err


def test_a_daemon_killed_in_the_middle_costs_named_frames_that_the_same_request_completes(apart: Shell) -> None:
    code, out, err = missing_after_kill(apart, "--json")
    told = json.loads(out)
    assert code == 1
    assert (told["frames"], told["delivered"], told["failed"]) == (4, 1, 3)
    assert [each["frame"] for each in told["failures"]] == [1002, 1003, 1004]
    assert "frames not delivered: 1002-1004" in err and "Traceback" not in err
    assert [path.name for path in (apart.folder / "out").glob("*.exr")] == ["o.1001.exr"]
    apart.daemons[0].wait()
    apart.serve()
    jobs = json.loads(apart.run("jobs", "list", "--json")[1])["jobs"]
    assert [(job["state"], job["delivered"]) for job in jobs] == [("failed", 1)]
    code, _, err = apart.run("jobs", "watch", jobs[0]["id"])
    assert code == 1 and "the same request again" in err
    assert apart.run(*reframe(frames="1001-1004"))[0] == 0
    assert len(list((apart.folder / "out").glob("*.exr"))) == 4


def test_sigterm_ends_the_daemon_within_a_frame_and_leaves_none_half_written(apart: Shell) -> None:
    client = apart.process(*reframe("--seed", "60000"))
    deadline = time.monotonic() + 30
    while not json.loads(apart.run("jobs", "list", "--json")[1])["jobs"]:
        assert time.monotonic() < deadline and client.poll() is None
        time.sleep(0.05)
    time.sleep(0.2)  # of the minute that its first frame takes
    apart.daemons[0].send_signal(signal.SIGTERM)
    _, err = client.communicate(timeout=30)
    assert client.returncode == 1
    assert "told to end by SIGTERM" in (apart.home.parent / "daemon.log").read_text()
    assert "the daemon was stopped" in err and "frames not delivered: 1001-1003" in err
    assert apart.daemons[0].wait(10) == 0
    assert not list(apart.folder.glob("out/*"))


def test_ctrl_c_cancels_the_job(shell: Shell) -> None:
    client = shell.process(*reframe("--seed", "60000", "--json"))
    deadline = time.monotonic() + 30
    while not (jobs := json.loads(shell.run("jobs", "list", "--json")[1])["jobs"]):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    time.sleep(0.3)
    client.send_signal(signal.SIGINT)
    out, err = client.communicate(timeout=30)
    assert client.returncode == 1, err
    assert json.loads(out)["error"] == "cancelled" and "Traceback" not in err
    after = json.loads(shell.run("jobs", "list", "--json")[1])["jobs"]
    assert [(job["id"], job["state"]) for job in after] == [(jobs[0]["id"], "cancelled")]


def test_jobs_are_cancelled_and_watched_from_elsewhere(shell: Shell) -> None:
    client = shell.process(*reframe("--seed", "60000"))
    deadline = time.monotonic() + 30
    while not (jobs := json.loads(shell.run("jobs", "list", "--json")[1])["jobs"]):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    code, out, _ = shell.run("jobs", "cancel", jobs[0]["id"])
    assert code == 0 and "cancel" in out
    client.communicate(timeout=30)
    assert client.returncode == 1
    code, _, err = shell.run("jobs", "watch", jobs[0]["id"])
    assert code == 1 and "cancelled" in err


def test_a_foreign_daemon_is_refused_and_named(apart: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = "/opt/other/.venv"
    monkeypatch.setattr(sys, "prefix", elsewhere)
    for words in (("production", "list"), ("stop",), ("status",)):
        code, _, err = apart.run(*words)
        assert code == 1
        assert str(Path(sys.executable).parents[1]) in err and f"process {apart.daemons[0].pid}" in err
        assert f"INTERNEG_HOME={apart.home}" in err and "bin/interneg stop" in err
    assert apart.daemons[0].poll() is None


def test_an_unforeseen_fault_of_the_client_is_no_traceback(bare: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    from interneg.commands import productions

    monkeypatch.setattr(productions, "connected", lambda: 1 / 0)
    code, out, err = bare.run("production", "list", "--json")
    assert code == 1 and "ZeroDivisionError" in json.loads(out)["error"]
    assert "Traceback" not in err
    assert "Traceback" in (bare.home / "log" / "client.log").read_text()


def test_help_names_every_verb(bare: Shell) -> None:
    _, out, _ = bare.run("--help")
    listed = {line.split()[1] for line in out.splitlines() if line.startswith("│ ")}
    verbs = "serve stop status doctor learn clean reframe install uninstall production dailies jobs"
    assert listed >= set(verbs.split())


def test_doctor_looks_without_starting_a_daemon(bare: Shell) -> None:
    code, out, _ = bare.run("doctor", "--json")
    rows = {what: (ok, said) for what, ok, said in json.loads(out)["rows"]}
    assert code in (0, 1)
    assert rows["daemon"] == (True, "not running; a verb that needs one starts it")
    assert {"python", "home", "socket", "colour config", "gpu", "setting home"} <= rows.keys()
    usable, said = rows["base model"]
    assert usable == SHIPPED.is_file() and (usable or "install Interneg again" in said)
    assert not bare.home.exists()


def test_doctor_names_what_is_wrong(bare: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTERNEG_TCP_ADDRESS", "127.0.0.1:50051")
    monkeypatch.setenv("INTERNEG_HOEM", "/somewhere")
    monkeypatch.setenv("INTERNEG_ROOTS", '["/nowhere"]')
    code, out, _ = bare.run("doctor", "--json")
    bad = {what for what, ok, _ in json.loads(out)["rows"] if not ok}
    assert code == 1
    assert {"tcp", "root", "setting INTERNEG_HOEM"} <= bad


@pytest.mark.slow
def test_a_verb_with_no_daemon_starts_one_in_a_session_of_its_own(bare: Shell) -> None:
    code, _, err = bare.run("production", "list")
    try:
        assert code == 0, err
        assert "started one" in err and str(bare.home / "log" / "daemon.log") in err
        told = json.loads(bare.run("status", "--json")[1])
        process_id = told["process_id"]
        assert os.getsid(process_id) == process_id
        words = Path(f"/proc/{process_id}/cmdline").read_bytes().split(b"\0") if Path("/proc").exists() else []
        assert not words or words[-3:-1] == [str(Path(sys.prefix) / "bin" / "interneg").encode(), b"serve"]
        assert "no daemon was running" not in bare.run("production", "list")[2]
    finally:
        assert bare.run("stop")[0] == 0
    assert list(bare.folder.iterdir()) == []
