"""A bridge without a daemon, for hosts' tests: it speaks the bridge's JSON lines and really writes EXRs.

What it does is steered by the show's name: `show` multiplies the plate by two where the matte is 1 (clean), by the
frame's punch-in (reframe), or by the stops of its lights, whose layers it writes (relight); `fails-N` fails on frame N;
`slow` takes its time on every frame; `dies` ends in the middle; `refuses` refuses; `garbage` prints what is no JSON
first. It notes its environment and each request beside the output.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time

import plain_exr

_lock = threading.Lock()
_cancelled = threading.Event()
_folders = []


def say(message):
    with _lock:
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()


def render(request):
    number, show = request["id"], request["show"]
    if show == "refuses":
        say(
            {
                "id": number,
                "error": {"kind": "NotFoundError", "message": "There is no production 'refuses'. Create it."},
            }
        )
        return
    if show == "garbage":
        sys.stdout.write("what a library prints\n12\n")
    say({"id": number, "event": "accepted", "job": "job-1", "model": "classical", "notices": ["A notice."]})
    os.makedirs(os.path.dirname(request["output"]), exist_ok=True)
    _folders.append(os.path.dirname(request["output"]))
    note = {"request": request, "environment": sorted(os.environ)}
    with open(os.path.join(os.path.dirname(request["output"]), "note.json"), "w") as out:
        json.dump(note, out)
    for frame in range(request["first_frame"], request["last_frame"] + 1):
        if show == "slow":
            _cancelled.wait(0.3)
        if _cancelled.is_set():
            say({"id": number, "result": {"state": "cancelled", "message": ""}})
            return
        if show == "dies" and frame == request["first_frame"] + 1:
            sys.stderr.write("the last words\n")
            sys.stderr.flush()
            os._exit(3)
        deliver(request, frame)
    say({"id": number, "result": {"state": "done", "message": ""}})


def deliver(request, frame):
    number = request["id"]
    if request["show"] == f"fails-{frame}":
        say({"id": number, "event": "failed", "frame": frame, "message": "The matte is missing."})
        return
    try:
        plate = plain_exr.read(request["plate"] % frame)
        if request["operator"] == "clean":
            matte = plain_exr.read(request["matte"] % frame).channels["A"]
            factors = [1 + value for value in matte]
        elif request["operator"] == "relight":
            factors = [light_up(request, frame, plate)] * len(next(iter(plate.channels.values())))
        else:
            keys = {key["frame"]: key["punch_in"] for key in request["keys"]}
            factors = [keys.get(frame, next(iter(keys.values())))] * len(next(iter(plate.channels.values())))
    except (OSError, KeyError) as error:
        say({"id": number, "event": "failed", "frame": frame, "message": f"cannot read: {error}"})
        return
    for name in "RGBA" if request["operator"] != "relight" else "RGB":
        if name in plate.channels:
            plate.channels[name] = [value * factor for value, factor in zip(plate.channels[name], factors)]
    path = request["output"] % frame
    plain_exr.write(path, plate)
    times = {"decode_seconds": 0.1, "compute_seconds": 0.2, "encode_seconds": 0.1, "seen": 0.9, "synthesised": 0.1}
    say({"id": number, "event": "delivered", "frame": frame, "path": path, "notices": [], **times})


def light_up(request, frame, plate):
    """Adds the layers of the lights, half, a quarter and the whole of the plate; what all give is what is returned."""
    keys = {key["frame"]: key for key in request["keys"]}
    stops = keys.get(frame, next(iter(keys.values())))
    weights, given = {}, 0.0
    for layer, share in (("as_shot_key", 0.5), ("as_shot_rest", 0.25), ("key", 1.0)):
        burns = stops[layer + "_stops"] > -20
        if layer == "key" and not burns:
            continue
        weights[layer] = [2.0 ** stops[layer + "_stops"] if burns else 0.0] * 3
        for axis in "RGB":
            plate.channels[layer + "." + axis] = [value * share for value in plate.channels[axis]]
        given += share * weights[layer][0]
    plate.attributes["interneg.weights"] = json.dumps(weights)
    return given


def preview(request):
    """Notes the request beside the picture, which is none."""
    if not os.path.exists(request["plate"] % request["first_frame"]):
        error = {"kind": "NotFoundError", "message": "The plate is not there."}
        say({"id": request["id"], "error": error})
        return
    with open(request["png"], "wb") as out:
        out.write(b"PNG")
    with open(request["png"] + ".json", "w") as out:
        json.dump(request, out)
    say({"id": request["id"], "result": {"path": request["png"], "notices": ["A notice."]}})


def answer(request):
    if request["call"] == "render":
        render(request)
    elif request["call"] == "preview":
        preview(request)
    elif request["call"] == "productions":
        steered = ["show", "slow", "dies", "refuses", "garbage"] + [f"fails-{frame}" for frame in range(1001, 1031)]
        say({"id": request["id"], "result": {"shows": [{"show": show} for show in steered]}})
    elif request["call"] == "cancel":
        for folder in _folders:
            open(os.path.join(folder, "cancelled"), "w").close()
        _cancelled.set()
        say({"id": request["id"], "result": {"job": request["job"], "state": "running"}})
    else:
        say({"id": request["id"], "error": {"kind": "RequestError", "message": "no such call"}})


def main():
    for line in sys.stdin:
        threading.Thread(target=answer, args=(json.loads(line),), daemon=True).start()
    time.sleep(0)


if __name__ == "__main__":
    main()
