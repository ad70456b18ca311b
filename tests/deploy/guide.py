"""The commands of deploy/README.md as one script: `make packages` runs it in an empty Debian, a test reads it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

GUIDE: Final = Path(__file__).resolve().parents[2] / "deploy" / "README.md"
MUNICIPALITIES: Final = ("Lillköping", "Storköping", "Mellanköping")
_BLOCK: Final = re.compile(r"<!-- (once|each) -->\n```\n(.*?)```", re.DOTALL)


def blocks() -> list[tuple[str, str]]:
    """Every block: run once, or for each municipality; and its commands."""
    return [(match[1], match[2]) for match in _BLOCK.finditer(GUIDE.read_text("utf-8"))]


# What stands in for what an empty Debian does not have (section 10 of the guide).
PRELUDE: Final = r"""
set -eu -o pipefail
export LC_ALL=C.UTF-8 HOME=/root ADDRESS=http://127.0.0.1:8470
mkdir -p /run/guide /srv/guide && cd /srv/guide
printf 'korrekt häst batteri häftklammer sjutton\n' >/run/guide/words
apt() {
  case $1 in
    install) dpkg -i "/packages/$(basename "$2")" ;;
    remove) dpkg -r "$2" ;;
  esac
}
systemctl() {
  [ "$1" = stop ] || sed -i /client_address/d /var/lib/sluss-hub/hub.toml
  command systemctl "$@"
  [ "$1" = stop ] || for _ in $(seq 200); do curl -sf $ADDRESS/healthz >/dev/null && break; sleep 0.2; done
}
sluss-keys() {
  local given=() word count=0
  for word in "$@"; do [ "$word" = --key ] && count=$((count + 1)); done
  case "$1 $2" in
    "root create") count=5 ;;
    "organisation admin-key") count=1 ;;
    "device approve") given=(--yes) ;;
  esac
  for _ in $(seq $count); do given+=(--passphrase-file /run/guide/words); done
  command sluss-keys "$@" "${given[@]}" | tee /run/guide/said
}
sluss() {
  case $3 in
    enrol) set -- "$@" --yes ;;
  esac
  command sluss --passphrase-file /run/guide/words "$@"
}
"""


# What is asked of the units beside the guide: fences that hold, a hub that comes back, a backup that counts.
UNITS: Final = r"""
command systemctl start sluss-hub.service
pid=$(command systemctl show --property MainPID --value sluss-hub.service)
[ "$(stat -c %U /proc/$pid)" = sluss-hub ]
grep -qx 'CapEff:	0000000000000000' /proc/$pid/status
grep -qx 'NoNewPrivs:	1' /proc/$pid/status
grep -qx 'Seccomp:	2' /proc/$pid/status
if nsenter --target $pid --mount touch /usr/lib/sluss-hub/stranger; then exit 1; fi
command systemctl start sluss-hub-backup.service
made=$(ls -d /var/lib/sluss-hub-backup/2* | tail -1)
runuser -u sluss-hub -- sluss-hub restore "$made" --verify
kill -KILL $pid
for _ in $(seq 200); do
  [ "$(command systemctl show --property NRestarts --value sluss-hub.service)" -ge 1 ] && break
  sleep 0.2
done
for _ in $(seq 200); do curl -sf $ADDRESS/healthz >/dev/null && break; sleep 0.2; done
curl -sf $ADDRESS/healthz >/dev/null
systemd-analyze verify sluss-hub.service sluss-hub-backup.service sluss-hub-backup.timer sluss-witness.service
for unit in sluss-hub sluss-hub-backup sluss-witness; do
  systemd-analyze security --no-pager --threshold=20 $unit.service | tail -1
done
"""


# A witness, on the machine that the hub has left for it: both of them would take port 8471 here.
WITNESS: Final = r"""
data=/var/lib/sluss-witness url=http://127.0.0.1:8471/add-checkpoint
curl -sf $ADDRESS/checkpoint >/run/guide/note
log=$(runuser -u sluss-hub -- sluss-hub status --data /var/lib/sluss-hub | sed -n 's/^log key  *//p')
command systemctl stop sluss-hub.service
install -d -o sluss-witness -g sluss-witness -m 0700 $data
runuser -u sluss-witness -- /usr/bin/sluss-keys witness create --data $data --name w1.example
origin=$(head -1 /run/guide/note)
runuser -u sluss-witness -- /usr/bin/sluss-keys witness follow --data $data --origin "$origin" --log "$log"
command systemctl enable --now sluss-witness.service
asked() {
  for _ in $(seq 200); do curl -s -o /dev/null $url && break; sleep 0.2; done
  { printf 'old %s\n\n' "$1"; cat /run/guide/note; } | curl -sf --data-binary @- $url | grep -q 'w1[.]example'
}
asked 0
pid=$(command systemctl show --property MainPID --value sluss-witness.service)
[ "$(stat -c %U /proc/$pid)" = sluss-witness ]
grep -qx 'CapEff:	0000000000000000' /proc/$pid/status
grep -qx 'NoNewPrivs:	1' /proc/$pid/status
grep -qx 'Seccomp:	2' /proc/$pid/status
if nsenter --target $pid --mount touch /usr/lib/sluss/stranger; then exit 1; fi
kill -KILL $pid
for _ in $(seq 200); do
  [ "$(command systemctl show --property NRestarts --value sluss-witness.service)" -ge 1 ] && break
  sleep 0.2
done
asked "$(sed -n 2p /run/guide/note)"
if asked 0; then exit 1; fi
command systemctl stop sluss-witness.service
"""


def script() -> str:
    """All blocks in order, with what the text between them says to write down."""
    parts = [PRELUDE]
    for how, commands in blocks():
        if "systemctl stop" in commands and "apt remove" in commands:
            parts.append(f"echo '-- units' >&2\n{UNITS}\necho '-- witness' >&2\n{WITNESS}")
        for name in MUNICIPALITIES if how == "each" else ("",):
            if how == "each":
                parts.append(f"NAME={name}; [ ! -f /run/guide/{name} ] || . /run/guide/{name}\n")
            # The doctor says that this rig's address is not https, and is right.
            tolerant = re.sub(r"(sluss-hub doctor .*)", r"\1 || [ $? = 1 ]", commands)
            parts.append(f"echo '-- {how} {name}' >&2\n{tolerant}")
            if "organisation add" in commands:
                parts.append(f"sed -n 's/^org_id: /ORGANISATION=/p' /run/guide/said >/run/guide/{name}\n")
            if "unit add" in commands:
                wanted = "s/^unit_id: /UNIT=/p;s/^mailbox_id: /MAILBOX=/p"
                parts.append(f"sed -n '{wanted}' /run/guide/said >>/run/guide/{name}\n")
            if commands.endswith(" units\n"):
                parts.append(f'[ "$(sluss --office {name} units | grep -c socialtjänst)" = 3 ]\n')
    return "".join(parts)
