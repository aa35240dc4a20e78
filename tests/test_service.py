import os
import stat
from collections.abc import Iterator
from pathlib import Path

import cv2
import grpc
import numpy as np
import pytest

from interneg.production.store import Store
from interneg_bridge import errors
from interneg_bridge.client import Client
from interneg_proto.v1 import job_pb2, job_service_pb2, job_service_pb2_grpc, plate_service_pb2
from stand_in_daemon import daemon, write_plate


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    with daemon(tmp_path / "home") as settings, Client(str(settings.socket_path)) as made:
        made.create_production("show")
        yield made


def wish(plate: str, out: Path | str, first: int = 1001, last: int = 1003, **fields: object):
    request = plate_service_pb2.RenderRequest(show="show", **fields)
    request.plate.path = plate
    request.plate.frames.first_frame, request.plate.frames.last_frame = first, last
    request.output.path = str(out)
    request.reframe.keys.add(frame=first, punch_in=1.0)
    return request


def kinds(events) -> list[str]:
    return [event.WhichOneof("event") for event in events]


def test_a_wish_is_answered_frame_by_frame(client: Client, tmp_path: Path) -> None:
    plate = write_plate(tmp_path / "plates", 1001, 1002)
    events = list(client.render(wish(plate, tmp_path / "out" / "out.####.exr")))
    assert kinds(events) == ["accepted", "delivered", "delivered", "failed", "finished"]
    assert events[0].accepted.notices == ["the show has learnt nothing yet"]
    assert events[1].delivered.path == str(tmp_path / "out" / "out.1001.exr")
    assert events[3].failed.frame == 1003 and "is not on disk" in events[3].failed.message
    assert events[4].finished.state == job_pb2.JOB_STATE_DONE
    assert not events[4].finished.HasField("learn")
    (job,) = client.list_jobs()
    assert (job.operator, job.frames_total, job.frames_delivered, job.frames_failed) == ("reframe", 3, 2, 1)
    assert list(client.watch_job(job.id)) == events


def test_the_socket_is_its_users_alone(client: Client, tmp_path: Path) -> None:
    folder = tmp_path / "home" / "run"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "interneg.sock").stat().st_mode) == 0o600


@pytest.mark.parametrize("folder", ["x" * 120, "with space & %41#", "é"])
def test_a_home_of_any_name_is_reached(tmp_path: Path, folder: str) -> None:
    home = tmp_path / folder / ("y" * 40)
    with daemon(home) as settings:
        assert settings.socket_path.is_socket()
        with Client(str(settings.socket_path)) as made:
            assert made.status().home == str(home)
    assert not settings.socket_path.exists(), "the socket goes with its daemon"


def test_a_stale_socket_is_replaced(tmp_path: Path) -> None:
    import socket

    run = tmp_path / "home" / "run"
    run.mkdir(parents=True)
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(run / "interneg.sock"))
    with daemon(tmp_path / "home") as settings, Client(str(settings.socket_path)) as made:
        assert made.list_productions() == []


def test_a_dropped_stream_does_not_cancel_the_job(client: Client, tmp_path: Path) -> None:
    plate = write_plate(tmp_path / "plates", 1001, 1003)
    events = client.render(wish(plate, tmp_path / "out.####.exr", seed=100))
    job_id = next(events).accepted.job.id
    events.close()
    assert kinds(client.watch_job(job_id)) == ["accepted", "delivered", "delivered", "delivered", "finished"]
    assert (tmp_path / "out.1003.exr").read_bytes() == b"frame 1003"


def test_cancel_ends_a_job_within_its_frame(client: Client, tmp_path: Path) -> None:
    plate = write_plate(tmp_path / "plates", 1001, 1003)
    events = client.render(wish(plate, tmp_path / "out.####.exr", seed=60_000))
    client.cancel_job(next(events).accepted.job.id)
    (finished,) = events
    assert finished.finished.state == job_pb2.JOB_STATE_CANCELLED
    assert not list(tmp_path.glob("*.exr"))


REFUSED = [
    ("no such show", {"show": "shw"}, errors.NotFoundError, "show"),
    ("a show that is a path", {"show": "../show"}, errors.RequestError, "../show"),
    ("no such version", {"model_version": "v007"}, errors.NotFoundError, "v007"),
    ("a relative plate", {"plate.path": "plates/p.####.exr"}, errors.RequestError, "absolute"),
    ("a relative output", {"output.path": "out.####.exr"}, errors.RequestError, "absolute"),
    ("a host's own path", {"plate.path": "P:\\show\\p.####.exr"}, errors.RequestError, "path_map"),
    ("a plate that is not there", {"plate.path": "/nowhere/p.####.exr"}, errors.RefusedError, "/nowhere"),
    ("a range the wrong way round", {"plate.frames.last_frame": 1}, errors.RequestError, "1001-1"),
    ("a fault of ours", {"plate.colourspace": "unforeseen"}, errors.RefusedError, "log says more"),
]


@pytest.mark.parametrize(("fields", "kind", "said"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_a_wrong_wish_is_refused_by_name(client: Client, tmp_path: Path, fields, kind, said) -> None:
    request = wish(write_plate(tmp_path / "plates", 1001, 1003), tmp_path / "out.####.exr")
    for path, value in fields.items():
        *parents, name = path.split(".")
        message = request
        for parent in parents:
            message = getattr(message, parent)
        setattr(message, name, value)
    with pytest.raises(kind, match=said.replace(".", r"\.")) as caught:
        list(client.render(request))
    assert "Traceback" not in str(caught.value)
    assert client.list_jobs() == []


def test_a_wish_without_an_operator_is_refused(client: Client, tmp_path: Path) -> None:
    request = wish(write_plate(tmp_path / "plates", 1001, 1003), tmp_path / "out.####.exr")
    request.ClearField("reframe")
    with pytest.raises(errors.RequestError, match="clean, reframe, relight or wires"):
        list(client.render(request))


def test_productions_are_created_once_and_deleted(client: Client) -> None:
    with pytest.raises(errors.AlreadyExistsError, match="show"):
        client.create_production("show")
    client.create_production("another")
    assert [production.show for production in client.list_productions()] == ["another", "show"]
    assert client.get_production("another").takes == 0
    client.delete_production("another")
    with pytest.raises(errors.NotFoundError, match="another"):
        client.get_production("another")


def test_a_production_that_a_job_works_for_is_not_deleted(client: Client, tmp_path: Path) -> None:
    plate = write_plate(tmp_path / "plates", 1001, 1003)
    events = client.render(wish(plate, tmp_path / "out.####.exr", seed=60_000))
    job_id = next(events).accepted.job.id
    with pytest.raises(errors.RefusedError, match="cancel it first"):
        client.delete_production("show")
    client.cancel_job(job_id)
    list(events)
    client.delete_production("show")


def test_learning_needs_takes_and_minutes(client: Client) -> None:
    with pytest.raises(errors.RefusedError, match="no takes"):
        list(client.learn("show", 1.0))
    for minutes in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(errors.RequestError, match="minutes"):
            list(client.learn("show", minutes))


def test_a_status_tells_the_daemon(client: Client, tmp_path: Path) -> None:
    status = client.status()
    assert status.process_id == os.getpid()
    assert status.home == str(tmp_path / "home")
    assert status.device in ("cpu", "cuda")
    assert status.colour_config


def write_take(folder: Path, name: str, frames: int = 3) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for frame in range(1, frames + 1):
        pixels = np.full((8, 12, 3), 10 * frame, np.uint8)
        pixels[0, 0] = sum(name.encode()) % 255
        assert cv2.imwrite(str(folder / f"{name}.{frame:04d}.png"), pixels)


def test_dailies_are_added_known_and_refused_one_by_one(client: Client, tmp_path: Path) -> None:
    write_take(tmp_path / "dailies" / "day1", "sc12_tk03")
    write_take(tmp_path / "dailies" / "day1", "sc12_tk04")
    (tmp_path / "dailies" / "broken.mov").write_bytes(b"not a movie")
    events = list(client.add_dailies("show", [str(tmp_path / "dailies")]))
    outcomes = {Path(event.path).name: event.WhichOneof("outcome") for event in events}
    assert outcomes == {"broken.mov": "refused", "sc12_tk03.####.png": "added", "sc12_tk04.####.png": "added"}
    assert {
        event.WhichOneof("outcome") for event in client.add_dailies("show", [str(tmp_path / "dailies" / "day1")])
    } == {"known"}
    first, second = client.list_takes("show")
    assert (first.setup, first.take, second.take, first.frames, first.width) == ("12", "03", "04", 3, 12)
    assert client.get_production("show").takes == 2


def test_a_watch_tells_of_settled_takes_until_it_is_let_go(tmp_path: Path) -> None:
    folder = tmp_path / "incoming"
    folder.mkdir()
    with daemon(tmp_path / "home", settle_seconds=0.2) as settings, Client(str(settings.socket_path)) as made:
        made.create_production("show")
        events = made.watch_dailies("show", str(folder))
        first = next(events)
        assert not first.HasField("event") and not first.learn_job, "the watch stands"
        write_take(folder, "sc1_tk1")
        assert next(events).event.added.frames == 3
        events.close()


def test_new_takes_are_learnt_once_it_is_quiet_and_once_only(tmp_path: Path) -> None:
    folder = tmp_path / "incoming"
    folder.mkdir()
    quick = {"settle_seconds": 0.2, "quiet_seconds": 0.5}
    with daemon(tmp_path / "home", **quick) as settings, Client(str(settings.socket_path)) as made:
        made.create_production("show")
        events = made.watch_dailies("show", str(folder), 0.1 / 60)
        next(events)
        write_take(folder, "sc1_tk1")
        assert next(events).event.added.frames == 3
        job_id = next(events).learn_job
        assert kinds(made.watch_job(job_id))[-1] == "finished"
        write_take(folder, "sc1_tk2")
        assert next(events).event.added.frames == 3
        assert next(events).learn_job != job_id
        assert [job.operator for job in made.list_jobs()] == ["learn", "learn"]
        events.close()


def test_learning_is_a_job_with_progress_and_a_verdict(client: Client, tmp_path: Path) -> None:
    write_take(tmp_path / "dailies", "sc12_tk03")
    list(client.add_dailies("show", [str(tmp_path / "dailies")]))
    events = list(client.learn("show", 0.5 / 60))
    assert kinds(events)[0] == "accepted" and "progress" in kinds(events)
    learnt = events[-1].finished.learn
    assert (learnt.circled, learnt.version, learnt.takes_learnt) == (True, "v001", 1)
    (fill,) = learnt.experts
    assert (
        fill.steps > 1
        and fill.circled
        and fill.unit == "dB"
        and dict(fill.peers) == {"classical": 30.0, "telea_ns": 29.0}
    )
    assert client.list_jobs()[0].operator == "learn"


TCP = {"tcp_address": "127.0.0.1:0", "tcp_token": "a-long-token"}


def free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def tcp(tmp_path: Path) -> Iterator[str]:
    address = f"127.0.0.1:{free_port()}"
    (tmp_path / "shared").mkdir()
    flags = {"tcp_address": address, "tcp_token": "a-long-token", "roots": [str(tmp_path / "shared")]}
    with daemon(tmp_path / "home", path_map=[["P:\\show", str(tmp_path / "shared")]], **flags) as settings:
        with Client(str(settings.socket_path)) as local:
            local.create_production("show")
        yield address


@pytest.mark.parametrize("token", [None, "", "another-token", "a-long-toke", "é"])
def test_tcp_without_the_token_is_refused(tcp: str, token: str | None) -> None:
    with pytest.raises(errors.ClientError) as caught, Client(tcp, token):
        pass
    assert "token" in str(caught.value)


def test_tcp_maps_paths_and_keeps_to_its_roots(tcp: str, tmp_path: Path) -> None:
    write_plate(tmp_path / "shared" / "plates", 1001, 1003)
    with Client(tcp, "a-long-token") as remote:
        events = list(remote.render(wish("p:/Show\\plates\\plate.####.exr", "P:\\show\\out\\o.####.exr")))
        assert kinds(events)[-1] == "finished"
        assert events[1].delivered.path == "P:\\show\\out\\o.1001.exr"
        assert (tmp_path / "shared" / "out" / "o.1003.exr").exists()
        outside = write_plate(tmp_path / "private", 1001, 1003)
        (tmp_path / "shared" / "link").symlink_to(tmp_path / "private")
        write_plate(tmp_path / "shared" / "some", 1001, 1002)
        (tmp_path / "shared" / "some" / "plate.1003.exr").symlink_to(tmp_path / "private" / "plate.1003.exr")
        good = str(tmp_path / "shared" / "o.####.exr")
        for plate, out in [
            (outside, good),
            (str(tmp_path / "shared" / "link" / "plate.####.exr"), good),
            (str(tmp_path / "shared" / ".." / "private" / "plate.####.exr"), good),
            (str(tmp_path / "shared" / "some" / "plate.####.exr"), good),
            (str(tmp_path / "shared" / "plates" / "plate.####.exr"), str(tmp_path / "shared" / "link" / "o.####.exr")),
            (str(tmp_path / "shared" / "plates" / "plate.####.exr"), str(tmp_path / "shared-not" / "o.####.exr")),
        ]:
            with pytest.raises(errors.NotAllowedError, match="roots"):
                list(remote.render(wish(plate, out)))
        with pytest.raises(errors.NotAllowedError, match="roots"):
            list(remote.add_dailies("show", [str(tmp_path / "shared")]))
        with pytest.raises(errors.NotAllowedError, match="over TCP"):
            remote.stop()


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ({"tcp_address": "127.0.0.1:0"}, "tcp_token"),
        ({"tcp_address": "127.0.0.1:0", "tcp_token": "a-long-token"}, "roots"),
        ({**TCP, "tcp_address": "192.0.2.1:1", "roots": ["/"]}, "192.0.2.1:1"),
        ({**TCP, "roots": ["/"], "tcp_key": "/nowhere"}, "tcp_certificate"),
    ],
)
def test_tcp_that_is_half_configured_is_refused(tmp_path: Path, flags: dict[str, object], said: str) -> None:
    from interneg.errors import RequestError

    with pytest.raises(RequestError, match=said), daemon(tmp_path / "home", **flags):
        pass


def test_large_messages_pass(client: Client, tmp_path: Path) -> None:
    """gRPC's own limit is 4 MiB."""
    name = "n" * (5 * 2**20)
    with pytest.raises(errors.NotFoundError, match="nnn"):
        client.cancel_job(name)


def test_a_job_that_is_not_there_is_told_with_its_status(client: Client, tmp_path: Path) -> None:
    with grpc.insecure_channel(f"unix:{tmp_path}/home/run/interneg.sock") as channel:
        stub = job_service_pb2_grpc.JobServiceStub(channel)
        with pytest.raises(grpc.RpcError) as caught:
            stub.CancelJob(job_service_pb2.CancelJobRequest(id="clean-9"), timeout=5)
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


def test_a_clean_that_came_to_its_end_leaves_its_matte_to_be_learnt_from(client: Client, tmp_path: Path) -> None:
    plate = write_plate(tmp_path / "plates", 1001, 1002)
    production = Store(tmp_path / "home" / "productions").open("show")
    list(client.render(wish(plate, tmp_path / "out" / "out.####.exr", last=1002)))
    assert production.cleaned_shots() == (), "a reframe has no matte"
    request = wish(plate, tmp_path / "out" / "clean.####.exr", last=1002)
    request.clean.matte.path, request.clean.matte.channel = plate, "R"
    list(client.render(request))
    (shot,) = production.cleaned_shots()
    assert (shot.plate, shot.matte, shot.matte_channel) == (plate, plate, "R")
    assert (shot.first_frame, shot.last_frame) == (1001, 1002)
