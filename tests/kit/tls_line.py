"""TLS before a PostgreSQL that was built without it: answers the request for TLS as the server would, and passes on.

async with line(port, certificate) as address:    # 127.0.0.1:port of the line; certificate: a PEM file with its key
    ...

Certificates are made here too: ``authority()``, and ``certificate(folder, authority, "localhost")`` signed by it.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import datetime
import ipaddress
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

SSL_REQUEST: Final = bytes.fromhex("0000000804d2162f")  # length 8 and 80877103, of PostgreSQL's protocol
_DAY: Final = datetime.timedelta(days=1)


@dataclasses.dataclass(frozen=True)
class Authority:
    """Whoever signs certificates."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    def write(self, path: Path) -> Path:
        """Its certificate as a PEM file."""
        path.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))
        return path


def authority() -> Authority:
    """A new one."""
    key, name = ec.generate_private_key(ec.SECP256R1()), _name("authority")
    return Authority(
        key, _certificate(name, name, key.public_key(), key, x509.BasicConstraints(ca=True, path_length=0))
    )


def certificate(path: Path, signer: Authority, name: str) -> Path:
    """A server's certificate for a name or an address, with its key in the same PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    made = _certificate(
        _name(name), signer.certificate.subject, key.public_key(), signer.key,
        x509.BasicConstraints(ca=False, path_length=None), x509.SubjectAlternativeName([_general(name)]),
    )  # fmt: skip
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return path


@contextlib.asynccontextmanager
async def line(port: int, pem: Path) -> AsyncIterator[str]:
    """A door that speaks TLS and passes on to a server on ``port``; gives ``127.0.0.1:port`` of it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    passing: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        passing.add(task)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            if await reader.readexactly(len(SSL_REQUEST)) == SSL_REQUEST:
                writer.write(b"S")
                await writer.start_tls(context)
                await _both_ways(reader, writer, port)
        writer.close()
        passing.discard(task)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield "{}:{}".format(*server.sockets[0].getsockname())
    finally:
        server.close()
        for task in list(passing):
            task.cancel()
        await asyncio.gather(*passing, return_exceptions=True)


async def _both_ways(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
    inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_pass_on(reader, inner_writer))
            tasks.create_task(_pass_on(inner_reader, writer))
    finally:
        inner_writer.close()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _certificate(
    subject: x509.Name, issuer: x509.Name, public: ec.EllipticCurvePublicKey, key: ec.EllipticCurvePrivateKey,
    *extensions: x509.ExtensionType,
) -> x509.Certificate:  # fmt: skip
    now = datetime.datetime.now(datetime.UTC)
    made = x509.CertificateBuilder(issuer, subject, public, x509.random_serial_number(), now - _DAY, now + _DAY)
    for extension in extensions:
        made = made.add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
    return made.sign(key, hashes.SHA256())
