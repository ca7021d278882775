"""A playlist into the user's own account on Spotify, through spotipy (extra ``songscape[spotify]``).

First a plan, which needs neither network nor account and says what would be done; then, on demand, the push: one
request makes the playlist (private unless told otherwise), one more adds each hundred tracks. The credentials are the
user's own, from spotipy's environment variables; the token stays in the user's cache folder, readable by nobody else.
Spotify's "429: too many requests" is waited for when it is short; everything else is one clear message, which also
says what had already been done.
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from songscape.errors import InputError, MissingExtraError, ServiceError
from songscape.playlist.formats.items import PlaylistFile, PlaylistItem, one_line
from songscape.wording import counted

API = "https://api.spotify.com/v1/"
ACCOUNTS = "https://accounts.spotify.com/"
CREDENTIALS = ("SPOTIPY_CLIENT_ID", "SPOTIPY_CLIENT_SECRET", "SPOTIPY_REDIRECT_URI")
"""The environment variables that spotipy reads."""

BATCH = 100
"""Tracks in one request: the most that Spotify takes."""

_MOST_TRACKS = 10_000
_LONGEST_NAME, _LONGEST_NOTE = 100, 300
_LONGEST_WAIT = 30.0  # seconds that a "too many requests" may ask for and is waited for
_MOST_WAITS = 3
_TIMEOUT = 20  # seconds
_SCOPE = {True: "playlist-modify-public", False: "playlist-modify-private"}

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class PushPlan:
    """What a push would do.

    Attributes
    ----------
    name, note : str
        As Spotify takes them: in one line, at most 100 and 300 characters.
    public : bool
    uris : tuple of str
        ``spotify:track:…``, in order.
    left_out : tuple of PlaylistItem
        Tracks without an id of Spotify.
    """

    name: str
    note: str
    public: bool
    uris: tuple[str, ...]
    left_out: tuple[PlaylistItem, ...]

    @property
    def batches(self) -> list[list[str]]:
        """The tracks, a hundred to a request."""
        return [list(self.uris[first : first + BATCH]) for first in range(0, len(self.uris), BATCH)]

    def lines(self) -> list[str]:
        """Return the plan in sentences, for the dry run."""
        kind = "public" if self.public else "private"
        told = [
            f"Would make the {kind} playlist '{self.name}' in your Spotify account.",
            f"Would add {counted(len(self.uris), 'track')} in {counted(len(self.batches), 'request')}.",
        ]
        if self.left_out:
            told.append(f"{counted(len(self.left_out), 'track')} without a Spotify id would be left out:")
            told += [f"  {item.line or item.id or item.uri}" for item in self.left_out]
        return told


@dataclass(frozen=True, slots=True)
class Pushed:
    """A playlist that was made.

    Attributes
    ----------
    id, link : str
        Of the new playlist.
    n_added : int
        Tracks in it.
    left_out : tuple of PlaylistItem
        Tracks without an id of Spotify.
    """

    id: str
    link: str
    n_added: int
    left_out: tuple[PlaylistItem, ...]


def plan_push(playlist: PlaylistFile, *, public: bool = False) -> PushPlan:
    """Say what pushing a playlist would do; nothing is sent.

    Raises
    ------
    InputError
        If no track has an id of Spotify, or more than 10 000 have one.

    Examples
    --------
    >>> heroes = PlaylistItem("Heroes", id="7Jh1bpe76CNTCgdgAdBw4Z")
    >>> for line in plan_push(PlaylistFile((heroes, PlaylistItem("Home tape")), "Berlin")).lines():
    ...     print(line)
    Would make the private playlist 'Berlin' in your Spotify account.
    Would add 1 track in 1 request.
    1 track without a Spotify id would be left out:
      Home tape
    """
    uris = tuple(item.spotify_uri for item in playlist.items if item.spotify_uri)
    if not uris:
        raise InputError(
            f"None of the {counted(len(playlist.items), 'track')} has a Spotify id, so there is nothing to push."
            " Build the atlas from a catalog with a column 'id' or 'uri'."
        )
    if len(uris) > _MOST_TRACKS:
        raise InputError(
            f"A playlist on Spotify holds at most 10 000 tracks. Got {len(uris)}. Divide it into several playlists."
        )
    name = one_line(playlist.name)[:_LONGEST_NAME] or "Songscape playlist"
    left_out = tuple(item for item in playlist.items if not item.spotify_uri)
    return PushPlan(name, one_line(playlist.note)[:_LONGEST_NOTE], public, uris, left_out)


def connect(*, public: bool = False, token_file: Path | None = None, api: str = API, accounts: str = ACCOUNTS) -> Any:
    """Return a spotipy client for the user's account; the first request asks for consent in the browser.

    Parameters
    ----------
    public : bool
        Whether public playlists shall be made: the consent that is asked for is no wider than needed.
    token_file : Path or None
        Where the token is kept; by default in the user's cache folder.
    api, accounts : str
        The servers, with a slash at the end.

    Raises
    ------
    MissingExtraError
        If spotipy is not installed.
    ServiceError
        If the credentials are not in the environment, or the token cannot be kept.
    """
    try:
        import requests
        import spotipy
    except ImportError:
        raise MissingExtraError(
            "Pushing to Spotify needs spotipy, which is not installed. Install it with"
            " `pip install 'songscape[spotify]'`, or write the playlist to a file: -o mine.m3u8."
        ) from None
    absent = [name for name in CREDENTIALS if not os.environ.get(name)]
    if absent:
        raise ServiceError(
            f"Spotify needs your own credentials; not set: {', '.join(absent)}. Make an app on"
            " https://developer.spotify.com/dashboard, enter http://127.0.0.1:8888/callback as its redirect URI, and"
            " set the environment variables SPOTIPY_CLIENT_ID, SPOTIPY_CLIENT_SECRET and SPOTIPY_REDIRECT_URI."
        )
    keeper = spotipy.CacheFileHandler(cache_path=str(_private(token_file or _token_file())))
    consent = spotipy.SpotifyOAuth(scope=_SCOPE[public], cache_handler=keeper, requests_timeout=_TIMEOUT)
    consent.OAUTH_TOKEN_URL = f"{accounts}api/token"
    consent.OAUTH_AUTHORIZE_URL = f"{accounts}authorize"
    # A session of our own: spotipy's would silently wait for hours where Spotify asks for that.
    client = spotipy.Spotify(auth_manager=consent, requests_session=requests.Session(), requests_timeout=_TIMEOUT)
    client.prefix = api
    return client


def _token_file() -> Path:
    root = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    return (Path(root) if root else Path.home() / ".cache") / "songscape" / "spotify-token.json"


def _private(path: Path) -> Path:
    """Make the file before a token is in it, so that nobody else can ever read one."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        path.chmod(0o600)
    except OSError as error:
        raise ServiceError(
            f"The Spotify token cannot be kept in '{path}': {error.strerror}. Set XDG_CACHE_HOME to a folder"
            " of yours."
        ) from None
    return path


def push(plan: PushPlan, client: Any, *, wait: Callable[[float], None] = time.sleep) -> Pushed:
    """Make the playlist and add its tracks.

    Parameters
    ----------
    plan : PushPlan
        What `plan_push` returned.
    client : spotipy.Spotify
        What `connect` returned.
    wait : callable
        Waits for seconds; called when Spotify asks for at most 30 of them.

    Raises
    ------
    ServiceError
        If Spotify refuses or cannot be reached; the message says what had been done by then.
    """
    made = _ask(
        lambda: client.current_user_playlist_create(plan.name, public=plan.public, description=plan.note),
        "Nothing was changed in your account.",
        wait,
    )
    if not isinstance(made, dict) or not isinstance(made.get("id"), str):
        raise ServiceError("Spotify answered without the id of a new playlist. Look into your account and try again.")
    playlist = made["id"]
    link = str((made.get("external_urls") or {}).get("spotify") or f"https://open.spotify.com/playlist/{playlist}")
    n_added = 0
    for batch in plan.batches:
        done = f"The playlist was made, with {n_added} of {counted(len(plan.uris), 'track')}: {link}."
        _ask(_adding(client, playlist, batch), done, wait)
        n_added += len(batch)
    return Pushed(playlist, link, n_added, plan.left_out)


def _adding(client: Any, playlist: str, batch: list[str]) -> Callable[[], Any]:
    return lambda: client.playlist_add_items(playlist, batch)


def _ask(request: Callable[[], Result], done: str, wait: Callable[[float], None]) -> Result:
    """Send a request, waiting where Spotify asks for a short time; anything else becomes one message."""
    import requests
    import spotipy

    for attempt in range(_MOST_WAITS + 1):
        try:
            return request()
        except spotipy.SpotifyException as error:
            asked = _seconds_asked(error)
            if asked is None or asked > _LONGEST_WAIT or attempt == _MOST_WAITS:
                raise ServiceError(f"{_reason(error, asked)} {done}") from None
            wait(asked)
        except spotipy.SpotifyOauthError as error:
            raise ServiceError(
                f"Spotify refuses the sign-in: {error}. Check SPOTIPY_CLIENT_ID, SPOTIPY_CLIENT_SECRET and that"
                f" SPOTIPY_REDIRECT_URI is one of the app's redirect URIs. {done}"
            ) from None
        except requests.exceptions.RequestException as error:
            late = (
                " What was sent last may have arrived." if isinstance(error, requests.exceptions.ReadTimeout) else ""
            )
            raise ServiceError(
                f"Spotify cannot be reached ({type(error).__name__}). Check the network and try again. {done}{late}"
            ) from None
        except AttributeError:  # spotipy expects an error to be an object; proxies answer otherwise
            raise ServiceError(f"What answers in place of Spotify speaks another language. {done}") from None
        except (EOFError, OSError) as error:  # no terminal to paste the address into, or the port is taken
            raise ServiceError(
                f"The sign-in at Spotify was not finished ({error or 'no terminal to answer in'}). Run the command"
                f" in a terminal once, with a browser at hand. {done}"
            ) from None
    raise AssertionError("the last attempt returns or raises")


def _seconds_asked(error: Any) -> float | None:
    """Return how long Spotify asks to wait; None where it does not say so in seconds, or for another error."""
    told = str((error.headers or {}).get("Retry-After", "")) if error.http_status == 429 else ""
    return float(told) if told.isdecimal() else None


def _reason(error: Any, asked: float | None) -> str:
    said = one_line(str(error.msg)).rpartition(": ")[2] or "no reason given"
    status = error.http_status
    if status == 401:
        return f"Spotify refuses the token (401: {said}). Remove {_token_file()} and sign in again."
    if status == 403:
        return (
            f"Spotify forbids it (403: {said}). Sign in again and allow changes to playlists; while the app is in"
            " development mode, your account must be on its list of users."
        )
    if status == 429:
        again = f"in {asked:.0f} seconds" if asked is not None else "later"
        return f"Spotify gets too many requests (429). Try again {again}."
    return f"Spotify answers with an error ({status}: {said}). Try again later."
