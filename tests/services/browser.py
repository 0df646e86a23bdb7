"""A headless Chromium, spoken to in its own protocol through two pipes; nothing listens on a port.

Source: Chrome DevTools Protocol; `--remote-debugging-pipe` reads from descriptor 3, writes to 4, messages end with NUL.
"""

import fcntl
import json
import os
import select
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

from tests.services import leash

ANSWER_BYTES = 1 << 16
ANSWER_SECONDS_MAX = 60
ABOVE_STANDARD = 10
MOVE = "import os, sys; a, b, *c = sys.argv[1:]; os.dup2(int(a), 3); os.dup2(int(b), 4); os.execvp(c[0], c)"
"""Moves whatever the pipes are to the two numbers that the browser wants."""
NAMES = ("chromium", "chromium-browser", "google-chrome")


def program() -> str:
    """Return where the browser is. Raise RuntimeError that says how to get one."""
    known = [os.environ.get("CYNOSURE_BROWSER"), *map(shutil.which, NAMES)]
    found = next((name for name in known if name), None)
    if found is None:
        raise RuntimeError("no browser: run scripts/browser, or leave these tests out with -m 'not browser'")
    return found


class Browser:
    """One window of the browser. `seen` holds what it told unasked: requests, words on the console, faults."""

    def __init__(self, profile: Path) -> None:
        words = [program(), "--headless", "--disable-gpu", "--no-first-run", "--remote-debugging-pipe"]
        words += [
            f"--user-data-dir={profile}",
            "--disable-dev-shm-usage",
            *(["--no-sandbox"] if not os.getuid() else []),
        ]
        self.seen: list[dict[str, Any]] = []
        self._last = 0
        self._rest = b""
        hears, self._in = _pipe()
        self._out, speaks = _pipe()
        moved = [sys.executable, "-S", "-E", "-c", MOVE, str(hears), str(speaks), *words]
        self._process = subprocess.Popen(leash.command(moved), pass_fds=(hears, speaks), stderr=subprocess.DEVNULL)
        os.close(hears)
        os.close(speaks)
        self._session: str | None = None

    def __enter__(self) -> Self:
        target = self("Target.createTarget", url="about:blank")["targetId"]
        self._session = self("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self(f"{domain}.enable")
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(timeout=30)
        os.close(self._in)
        os.close(self._out)

    def __call__(self, method: str, **params: Any) -> dict[str, Any]:
        """Ask for something and return its answer."""
        self._last += 1
        message: dict[str, Any] = {"id": self._last, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._in, json.dumps(message).encode() + b"\0")
        while (told := self._next()).get("id") != self._last:
            self.seen.append(told)
        if "error" in told:
            raise RuntimeError(f"{method}: {told['error']['message']}")
        result: dict[str, Any] = told["result"]
        return result

    def open(self, page: Path, *, width: int = 1100, height: int = 800, phone: bool = False) -> None:
        """Open a page and wait until it has loaded; what was seen before is forgotten."""
        self.seen.clear()
        self(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=2 if phone else 1,
            mobile=phone,
        )
        self("Page.navigate", url=page.as_uri())
        while not any(told.get("method") == "Page.loadEventFired" for told in self.seen):
            self.seen.append(self._next())

    def ask(self, expression: str) -> Any:
        """Return what an expression of JavaScript is on the page."""
        told = self("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    def press(self, key: str) -> None:
        """Press a key and let it go."""
        for kind in ("keyDown", "keyUp"):
            self("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode={"Tab": 9}[key])

    def requests(self) -> list[str]:
        """Return the addresses that were asked for."""
        return [
            told["params"]["request"]["url"] for told in self.seen if told.get("method") == "Network.requestWillBeSent"
        ]

    def complaints(self) -> list[dict[str, Any]]:
        """Return what the console was told."""
        words = {"Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded"}
        return [told for told in self.seen if told.get("method") in words]

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._out], [], [], ANSWER_SECONDS_MAX)
            if not ready:
                raise TimeoutError(f"the browser has said nothing for {ANSWER_SECONDS_MAX} s")
            more = os.read(self._out, ANSWER_BYTES)
            if not more:
                raise RuntimeError("the browser has gone")
            self._rest += more
        said, _, self._rest = self._rest.partition(b"\0")
        told: dict[str, Any] = json.loads(said)
        return told


def _pipe() -> tuple[int, int]:
    """Return a pipe whose ends are no numbers that the browser wants for itself."""
    low = os.pipe()
    read, write = (fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, ABOVE_STANDARD) for end in low)
    for end in low:
        os.close(end)
    return read, write
