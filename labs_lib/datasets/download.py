"""Downloading one file: mirrors in turn, checked, going on where it stopped.

pooch verifies the file and puts it in its place. Its own downloader begins anew each time, which
a gigabyte over a student's line does not deserve: the one here asks for what is missing.
"""

from __future__ import annotations

from pathlib import Path

import pooch
import requests

from labs_engine.base.progress import byte_bar
from labs_engine.base.storage import explained
from labs_lib.datasets.registry import Archive

CONNECT_SECONDS = 10.0
STALL_SECONDS = 30.0  # without a byte, after which a connection is given up
_TRIES = 3  # at each mirror, as long as trying again can help
_BLOCK = 1 << 16


class DownloadError(OSError):
    """No mirror gave the right file; the message says what each of them did."""


class _Failure(Exception):
    """One try failed; `again` tells whether the same mirror may do better."""

    def __init__(self, reason: str, again: bool) -> None:
        super().__init__(reason)
        self.again = again


def download(archive: Archive, folder: Path) -> Path:
    """Download a file, or go on with a download that was stopped.

    Args:
        archive: What to download.
        folder: Where to put it.

    Returns:
        The file; its hash is right.

    Raises:
        DownloadError: No mirror gave the right file.
        StorageError: No space, or no right to write there.
    """
    pooch.get_logger().setLevel("WARNING")  # the progress bar says it
    failures = []
    with explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for url in archive.urls:
            for _ in range(_TRIES):
                try:
                    return _retrieve(url, archive, folder)
                except _Failure as failure:
                    failures.append(f"  {url}: {failure}")
                    if not failure.again:
                        break
    what_to_do = "Look at the network connection and call again; what has arrived is kept."
    raise DownloadError("\n".join([f"{archive.file} could not be downloaded.", *failures, what_to_do]))


def _retrieve(url: str, archive: Archive, folder: Path) -> Path:
    fetch = _Resuming(folder / f"{archive.file}.part", archive.size)
    try:
        path = pooch.retrieve(url, archive.hash, fname=archive.file, path=folder, downloader=fetch)
    except ValueError:
        # What was there before may be to blame, so only a file in one piece speaks against its mirror.
        reason = "what it gives is another file than expected (its hash differs)"
        raise _Failure(reason, again=fetch.resumed) from None
    except requests.HTTPError as error:
        raise _Failure(f"it answers {str(error).partition(' for url')[0]}", False) from None
    except requests.ConnectTimeout:
        raise _Failure(f"no connection within {CONNECT_SECONDS:g} s", False) from None
    except requests.Timeout:
        raise _Failure(f"nothing arrived for {STALL_SECONDS:g} s", True) from None
    except requests.exceptions.ChunkedEncodingError:
        raise _Failure("the connection broke off", True) from None
    except requests.ConnectionError as error:
        # requests reports a stall in the middle of a body as a connection error.
        stalled = "timed out" in str(error).lower()
        reason = f"nothing arrived for {STALL_SECONDS:g} s" if stalled else "no connection"
        raise _Failure(reason, stalled) from None
    except requests.RequestException as error:
        raise _Failure(str(error), False) from None
    return Path(path)


class _Resuming:
    """Fetches a URL for pooch, going on with what an earlier try left."""

    def __init__(self, part: Path, size: int | None) -> None:
        self._part = part
        self._size = size
        self.resumed = False

    def __call__(self, url: str, output_file: str, _: object) -> None:
        done = self._part.stat().st_size if self._part.is_file() else 0
        headers = {"Accept-Encoding": "identity"}
        if done:
            headers["Range"] = f"bytes={done}-"
        timeout = (CONNECT_SECONDS, STALL_SECONDS)
        with requests.get(url, headers=headers, stream=True, timeout=timeout) as response:
            if response.status_code == requests.codes.requested_range_not_satisfiable:
                self._part.unlink()
                raise _Failure("it has less than an earlier try left here, which is given up", True)
            response.raise_for_status()
            self.resumed = response.status_code == requests.codes.partial_content
            self._write(response, done if self.resumed else 0)
        self._part.replace(output_file)

    def _write(self, response: requests.Response, done: int) -> None:
        announced = response.headers.get("Content-Length")
        total = self._size or (done + int(announced) if announced else None)
        with self._part.open("ab" if done else "wb") as part, byte_bar("downloading", done, total) as bar:
            for block in response.iter_content(_BLOCK):
                part.write(block)
                bar.update(len(block))
                done += len(block)
                if self._size is not None and done > self._size:
                    break  # another file, perhaps one without an end: the hash will say so
        if self._size is not None and done < self._size:
            raise _Failure(f"the connection broke off after {done:,} of {self._size:,} bytes", True)
