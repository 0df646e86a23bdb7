"""Starts a command that dies with its parent, as another account where one is named.

Run as `python leash.py SIGNAL ACCOUNT COMMAND...`; ACCOUNT may be `-`. A test run that is killed leaves nothing
running, and PostgreSQL, which refuses to run as root, gets an account without rights.
"""

import ctypes
import os
import pwd
import signal
import sys

PR_SET_PDEATHSIG = 1


def become(account: str) -> None:
    """Drop to *account*, with none of the groups of the caller."""
    entry = pwd.getpwnam(account)
    os.setgroups([])
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)
    os.environ["HOME"] = "/"


def die_with_parent(signal_name: str) -> None:
    """Have the kernel send *signal_name* when the parent ends. Changing the account forgets it, so this comes after."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(signal.Signals[signal_name]))


def command(argv: list[str], *, last_signal: str = "SIGKILL", account: str | None = None) -> list[str]:
    """Return *argv* on a leash."""
    return [sys.executable, "-S", "-E", __file__, last_signal, account or "-", *argv]


def main() -> None:
    last_signal, account, *argv = sys.argv[1:]
    if account != "-":
        become(account)
    die_with_parent(last_signal)
    os.execv(argv[0], argv)


if __name__ == "__main__":
    main()
