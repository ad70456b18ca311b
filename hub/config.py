"""The hub's settings: one TOML file, every knob named, unknown ones refused.

Secrets are not settings: they lie in files of their own (secret_files). What is not set has the value given here, and
``deploy/hub.toml`` shows every knob with that value.
"""

from __future__ import annotations

import enum
import ipaddress
import re
import tomllib
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

import msgspec
from msgspec import Meta

from hub.secret_files import SecretPlace
from hub.store.writer import MAX_GROUP, MAX_QUEUED
from keys.errors import LocalError
from keys.files import write_durably
from keys.statements import Address, Profile

FILE_NAME: Final = "hub.toml"
_LOOPBACK: Final = ("http://127.0.0.1:", "http://[::1]:", "http://localhost:")
_LOOPBACK_DOORS: Final = ("127.0.0.1:", "[::1]:", "localhost:")
_LOOPBACK_HOST: Final = re.compile(r"(127\.0\.0\.1|\[::1\]|localhost)(:[0-9]+)?")

Count = Annotated[int, Meta(ge=1, le=10_000_000)]
Seconds = Annotated[float, Meta(gt=0, le=31 * 86_400)]
Door = Annotated[str, Meta(max_length=60, pattern=r"^(|[0-9A-Za-z.:\[\]-]+:[0-9]{1,5})\Z")]
HexId = Annotated[str, Meta(pattern=r"^[0-9a-f]{32}\Z")]


class ClientAddress(enum.StrEnum):
    """How the hub learns which address a connection comes from; it keeps it in memory only (PROTOCOL 4.1)."""

    CONNECTION = "connection"  # the connection's own: nothing stands before the hub
    PROXY_LINE = "proxy-line"  # the first line of the connection, which the proxy writes (PROXY protocol 1)
    HEADER = "header"  # the last address in X-Forwarded-For, which the proxy writes


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All settings.

    Attributes:
        profile: ``real`` or ``demo``; must be that of the federation's root.
        hub_id: 16 bytes in hex.
        address: where devices find the hub, as the roots signed it.
        host, port: where it listens; port 0 takes a free one. TLS ends in the proxy before it (deploy/).
        client_address: how the address behind a proxy is learned; see ClientAddress.
        trusted_proxies: addresses whose word about that is taken; where a proxy is named, all others are closed.
        key_file: where ``hub.key`` lies; see secret_files.
        monitor: host and port for /healthz, /readyz and /metrics, as ``127.0.0.1:8471``; empty: not served.
        admin: host and port for the operator's page; loopback only; empty: not served.
        admin_token_file: where the page's token lies; see secret_files. Made at the first start where it is a file.
        certificates: PEM files of the proxy, so that the hub can say when they run out; it uses them for nothing.
        min_free_mib: with less room on the disk the hub says that it is not ready, while it still takes deposits.
        database: empty: SQLite in the data folder; else ``postgresql://user@host1,host2/name``, without a password;
            with ``?sslmode=verify-full`` where that is another machine.
        database_passfile: where the file with its password lies (libpq's form); see secret_files.
        database_connections, database_seconds: most connections of this process; longest time for one statement.
        max_waiting: envelopes in one mailbox.
        mailbox_rate, mailbox_burst: deposits per second and at once into one mailbox.
        max_blobs, max_blobs_in_all: blobs of 256 KiB for one mailbox, and on the disk of this hub.
        blob_rate, blob_burst: blobs per second and at once for one mailbox.
        source_rate, source_burst: requests per second and at once from one address.
        max_connections, source_connections: open connections in all and from one address.
        request_seconds: longest time for one request, its body included.
        wake_seconds: between two signs of life on a wake connection.
        snapshot_seconds: between two snapshots while batches change.
        snapshot_idle_seconds: between two snapshots while none does; senders want one younger than a day.
        snapshot_delay_seconds: from the first batch of a device to the snapshot that covers it.
        job_seconds: between two rounds of pruning and expiry.
        witnesses: addresses of the witnesses to ask for cosignatures; https, or loopback.
        witness_seconds: between two rounds of asking while the log does not grow; clients want one younger than a day.
        max_group, max_queued: writes in one transaction, and writes that may wait.
        clock_offset_seconds: moves the clock, in the demo only.
        strict_logs: an unlisted log field stops the program instead of being dropped; for tests.
    """

    profile: Profile
    hub_id: HexId
    address: Address
    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65_535)] = 8470
    client_address: ClientAddress = ClientAddress.CONNECTION
    trusted_proxies: tuple[str, ...] = ("127.0.0.1", "::1")
    key_file: SecretPlace = ""
    monitor: Door = ""
    admin: Door = ""
    admin_token_file: SecretPlace = ""
    certificates: tuple[str, ...] = ()
    min_free_mib: Count = 512
    database: Annotated[str, Meta(max_length=500, pattern=r"^(|postgres(ql)?://.+)\Z")] = ""
    database_passfile: SecretPlace = ""
    database_connections: Annotated[int, Meta(ge=2, le=100)] = 8
    database_seconds: Seconds = 10.0
    max_waiting: Count = 20_000
    mailbox_rate: Seconds = 20.0
    mailbox_burst: Count = 400
    max_blobs: Count = 20_000
    max_blobs_in_all: Count = 400_000
    blob_rate: Seconds = 50.0
    blob_burst: Count = 1_000
    source_rate: Seconds = 50.0
    source_burst: Count = 500
    max_connections: Count = 4_000
    source_connections: Count = 400
    request_seconds: Seconds = 20.0
    wake_seconds: Seconds = 30.0
    snapshot_seconds: Seconds = 3_600.0
    snapshot_idle_seconds: Seconds = 6 * 3_600.0
    snapshot_delay_seconds: Seconds = 5.0
    job_seconds: Seconds = 10.0
    witnesses: tuple[Address, ...] = ()
    witness_seconds: Seconds = 1_800.0
    max_group: Count = MAX_GROUP
    max_queued: Count = MAX_QUEUED
    clock_offset_seconds: int = 0
    strict_logs: bool = False

    def __post_init__(self) -> None:
        """Refuse what would be dangerous for real."""
        if self.profile is Profile.REAL and self.clock_offset_seconds:
            raise ValueError("clock_offset_seconds is for profile demo only")
        if not all(address.startswith(("https://", *_LOOPBACK)) for address in self.witnesses):
            raise ValueError("a witness is asked over https, or on this machine")
        if self.admin and not self.admin.startswith(_LOOPBACK_DOORS):
            raise ValueError("the operator's page is served on this machine only")
        parts = urlsplit(self.database)
        if parts.password is not None or "password" in parts.query:
            raise ValueError("the database's password belongs into database_passfile")
        if not _is_here(parts) and parse_qs(parts.query).get("sslmode") != ["verify-full"]:
            raise ValueError("a database on another machine is reached with sslmode=verify-full")
        for address in self.trusted_proxies:
            ipaddress.ip_address(address)


def _is_here(database: SplitResult) -> bool:
    """Whether every host of a database's address is this machine: loopback, or the folder of a socket."""
    named = [*database.netloc.rpartition("@")[2].split(","), *parse_qs(database.query).get("host", [])]
    hosts = [unquote(host) for one in named for host in one.split(",")]
    return all(host.startswith("/") or _LOOPBACK_HOST.fullmatch(host) for host in hosts if host)


def load_config(data: Path) -> Config:
    """Read ``hub.toml`` from the data folder.

    Raises:
        LocalError: code ``CONFIG``; missing, not TOML, an unknown knob, or a value out of range.
    """
    path = data / FILE_NAME
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
        return msgspec.convert(values, Config, strict=True)
    except FileNotFoundError as error:
        raise LocalError("CONFIG", file=FILE_NAME, reason="not in that folder: check --data") from error
    except (OSError, ValueError) as error:
        raise LocalError("CONFIG", file=FILE_NAME, reason=str(error)[:200]) from error


def write_config(data: Path, config: Config) -> None:
    """Write ``hub.toml`` with the settings that differ from the standard.

    Raises:
        LocalError: code ``DISK``.
    """
    standard = {field.name: field.default for field in msgspec.structs.fields(Config)}
    values = msgspec.to_builtins(config)
    lines = [
        f"{name} = {msgspec.json.encode(value).decode()}" for name, value in values.items() if value != standard[name]
    ]
    write_durably(data / FILE_NAME, ("\n".join(lines) + "\n").encode(), mode=0o644)
