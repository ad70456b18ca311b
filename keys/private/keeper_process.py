"""The keeper as a process of its own: the only one in which a device's private keys ever are.

Its life:
1. Started by ``keeper_client`` with two pipes as standard input and output, and nothing else of the parent.
2. Hardens itself, runs the self-tests, and waits for ``Unlock``: the passphrase comes through the pipe, never as an
   argument or in the environment.
3. Answers one request at a time.
4. After seeds were deleted it replaces its own image (``execv``): Python and the libraries leave copies in freed memory
   that nobody can zero, and the kernel hands out no page of the old image without zeroing it. Only the ring's key
   passes over, through a pipe.
5. Ends when the parent closes the pipe or dies, and after ``idle_seconds`` without ``Touch``.

It takes no signal from the terminal: Ctrl-C is for the parent, which then ends it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from io import FileIO
from pathlib import Path
from typing import Final

from keys.codec import Bytes32, Record, Uint32, decode, encode
from keys.envelope import parse_envelope
from keys.errors import FormatError, LockedError, PeerError, SlussError
from keys.ids import DeviceId
from keys.private import selftest
from keys.private.hardening import harden
from keys.private.keeper import LocalKeeper
from keys.private.keeper_frames import (
    Advance,
    Answer,
    Bytes,
    Forget,
    ForgetAll,
    Learn,
    NewBatch,
    Number,
    Open,
    OpenCard,
    Opened,
    PathText,
    Request,
    Seal,
    Sign,
    SignLogin,
    Token,
    Touch,
    Unlock,
    Unlocked,
    failed,
    read_request,
    receive,
    send,
)
from keys.private.office_keys import unlock_office
from keys.private.ring_file import RingFile
from keys.private.seal import Target

EXIT_IDLE: Final = 3
_RESUME: Final = "resume"
_MAX_STATE_BYTES: Final = 16 * 1024
#: Runs this module from the very folder that the parent runs from, whatever the environment says (``python -I``).
_BOOT: Final = (
    "import sys; root = sys.argv[1]; root in sys.path or sys.path.insert(0, root);"
    " from keys.private.keeper_process import main; main(sys.argv[2:])"
)


class _State(Record, frozen=True):
    """What passes over to the next image."""

    ring_key: Bytes32
    ring_file: PathText
    idle_seconds: Uint32
    touched: Uint32

    def __repr__(self) -> str:
        return "_State(…)"


def command() -> list[str]:
    """How to start a keeper process."""
    root = Path(__file__).resolve().parents[2]
    return [sys.executable, "-I", "-c", _BOOT, str(root)]


def main(arguments: list[str]) -> None:
    """Serve until the parent goes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.excepthook = _tell_type_only
    desk = _Desk()
    if arguments[:1] == [_RESUME]:
        desk.resume(int(arguments[1]))
    else:
        harden(lock_memory=False)
    with FileIO(0, "rb", closefd=False) as requests, FileIO(1, "wb", closefd=False) as answers:
        _serve(desk, requests, answers)


def _serve(desk: _Desk, requests: FileIO, answers: FileIO) -> None:
    while data := receive(requests):
        with desk.busy:
            answer = desk.answer(data)
        # Not while ``busy``: a parent that asked ahead and reads late, or never, keeps no key longer than its time.
        with contextlib.suppress(BrokenPipeError):  # the parent is gone; the next read says so too
            send(answers, answer)
        if desk.has_remains:
            with desk.busy:
                desk.replace_image()


class _Desk:
    """The keeper behind the pipe, before and after it is unlocked."""

    def __init__(self) -> None:
        self.busy = threading.Lock()  # held while a request is obeyed: an idle end cuts nothing in half
        self.has_remains = False
        self._keeper: LocalKeeper | None = None
        self._ring_key = bytearray()
        self._ring_file = ""
        self._idle_seconds = 0
        self._touched = _awake_seconds()

    def answer(self, data: bytes) -> Answer:
        """One answer; an error of ours becomes one too."""
        try:
            request = read_request(data)
            if isinstance(request, Unlock):
                return self._unlock(request)
            if self._keeper is None:
                raise LockedError
            return self._obey(self._keeper, request)
        except SlussError as error:
            return failed(error)

    def resume(self, pipe: int) -> None:
        """Go on after the image was replaced."""
        with os.fdopen(pipe, "rb") as file:
            state = decode(file.read(_MAX_STATE_BYTES), _State, max_bytes=_MAX_STATE_BYTES)
        self._touched = state.touched
        self._take(state.ring_key, state.ring_file, state.idle_seconds)
        harden(lock_memory=True)

    def replace_image(self) -> None:
        """Start this program anew in this process, with the ring's key and nothing else; where the system has that."""
        self.has_remains = False
        if sys.platform == "win32":
            return  # there ``execv`` starts another process and the pipes are lost
        state = _State(bytes(self._ring_key), self._ring_file, self._idle_seconds, int(self._touched))
        reader, writer = os.pipe()
        os.write(writer, encode(state))
        os.close(writer)
        os.set_inheritable(reader, True)
        os.execv(sys.executable, [*command(), _RESUME, str(reader)])  # noqa: S606 - our own program, no shell

    def _unlock(self, request: Unlock) -> Unlocked:
        if self._keeper is not None:
            raise FormatError("FMT", rule="twice")
        selftest.run()
        keys = unlock_office(Path(request.key_file), request.passphrase.decode("utf-8", "strict"))
        keeper = self._take(keys.ring_key, request.ring_file, request.idle_seconds)
        return Unlocked(
            device_id=keeper.device_id,
            batch_no=keeper.batch_no,
            counter=keeper.counter,
            profile=keys.profile,
            hardening=harden(lock_memory=True),
            vault_key=keys.vault_key if request.wants_vault_key else b"",
        )

    def _take(self, ring_key: bytes, ring_file: str, idle_seconds: int) -> LocalKeeper:
        store = RingFile(Path(ring_file), ring_key)
        keeper = LocalKeeper(store.load(), store)
        self._keeper, self._ring_key, self._ring_file = keeper, bytearray(ring_key), ring_file
        self._idle_seconds = idle_seconds
        if idle_seconds:
            threading.Thread(target=self._end_when_idle, daemon=True).start()
        return keeper

    def _obey(self, keeper: LocalKeeper, request: Request) -> Answer:
        match request:
            case Open():
                return self._open(keeper, request)
            case Forget():
                gone = keeper.forget(request.trusted_hour, request.drained_hour)
                self.has_remains = gone > 0
                return Number(gone)
            case ForgetAll():
                gone = keeper.forget_all()
                self.has_remains = gone > 0
                return Number(gone)
            case Advance() | Learn():
                return Number(_counted(keeper, request))
            case Touch():
                self._touched = _awake_seconds()
                return Number(0)
            case _:
                return Bytes(_made(keeper, request))

    def _open(self, keeper: LocalKeeper, request: Open) -> Opened:
        """Both steps at once: the content's key stays here."""
        envelope = parse_envelope(request.envelope)
        key = keeper.open_key(envelope, request.mailbox_id)
        try:
            return Opened(keeper.open_content(envelope, request.mailbox_id, key), "", "")
        except PeerError as error:
            return Opened(b"", type(error).__name__, error.code)

    def _end_when_idle(self) -> None:
        while (left := self._touched + self._idle_seconds - _awake_seconds()) > 0:
            time.sleep(min(left, 1.0))
        with self.busy:
            self._ring_key[:] = bytes(len(self._ring_key))
            os._exit(EXIT_IDLE)


def _counted(keeper: LocalKeeper, request: Advance | Learn) -> int:
    """What a request for a number gives."""
    if isinstance(request, Learn):
        return keeper.learn(request.steps, request.copy)
    keeper.advance(request.counter)
    return keeper.counter


def _made(keeper: LocalKeeper, request: Request) -> bytes:
    """What a request for bytes gives."""
    match request:
        case Sign():
            return keeper.sign(request.signed_type, request.payload)
        case SignLogin():
            return keeper.login(request.hub_id, request.nonce)
        case OpenCard():
            return keeper.open_card(request.kind, request.owner_id, request.sealed)
        case Token():
            return keeper.delivery_token(request.mailbox_id, request.week)
        case NewBatch():
            return keeper.new_batch(request.hour, request.dir_size, high_risk=request.high_risk)
        case Seal():
            targets = [Target(DeviceId(one.device_id), one.public) for one in request.targets]
            return keeper.seal(
                request.content, request.mailbox_id, targets, hour=request.hour, recall_hash=request.recall_hash
            )
        case _:
            raise FormatError("FMT", rule="request")


def _awake_seconds() -> float:
    """A clock that also runs while the machine sleeps, where the system has one: sleep is idle too."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if sys.platform == "linux" else time.monotonic()


def _tell_type_only(kind: type[BaseException], _error: BaseException, _trace: object) -> None:
    """A traceback of this process is nobody's business."""
    sys.stderr.write(f"keeper: {kind.__name__}\n")
