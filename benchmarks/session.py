"""A person without a browser: one session of the running app, in Streamlit's own protocol.

Keeps what the page shows, polls what polls, and acts as a browser would: one websocket, protobuf
messages both ways, files by PUT. Loopback only.
"""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Callable
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urlparse

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import FileURLs
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

from benchmarks.serving import get, put

PATIENCE: Final = 900.0
APPEAR: Final = 120.0  # for a widget that ought to be there


class Session:
    """One visitor of the app at `address`; use as an async context manager."""

    def __init__(self, address: str) -> None:
        host = urlparse(address).hostname
        if host not in {"127.0.0.1", "localhost"}:
            raise ValueError(f"this client speaks to its own machine only, not to {host}")
        self.address = address
        self.received = 0  # bytes
        self.exceptions: list[str] = []
        self._shown: dict[tuple[int, ...], tuple[str, Element]] = {}
        self._widgets: dict[str, WidgetState] = {}
        self._finished: Counter[str] = Counter()  # runs of a part; "" is the whole page
        self._part_of: dict[str, str] = {}  # widget -> the part that is drawn with it, "" for none
        self._is_running = False  # the whole page
        self._run = ""
        self._page_hash, self.session_id, self._query = "", "", ""
        self._pages: dict[str, str] = {}
        self._urls: dict[str, FileURLs] = {}
        self._polls: dict[str, asyncio.Task[None]] = {}
        self._news = asyncio.Condition()
        self._socket: ClientConnection
        self._reader: asyncio.Task[None]

    async def __aenter__(self) -> Self:
        """Connect and wait for the first page."""
        url = f"{self.address.replace('http', 'ws', 1)}/_stcore/stream"
        self._socket = await connect(url, max_size=None, proxy=None, ping_interval=None)
        self._reader = asyncio.create_task(self._read())
        await self.act()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        """Leave, as a closed tab does."""
        self._stop_polling(list(self._polls))
        await self._socket.close()
        with contextlib.suppress(asyncio.CancelledError, OSError):
            await self._reader

    # --- what a person does ---

    async def act(self, *states: WidgetState, page: str | None = None) -> float:
        """Change widgets, or go to a page, and wait until it is drawn; seconds it took.

        A widget of a part of the page has only that part drawn.
        """
        part = self._part_of.get(states[0].id, "") if states else ""
        before, whole, started = self._finished[part], self._finished[""], time.perf_counter()
        await self._rerun(*states, page=page, fragment=part)
        await self.until(lambda: self._finished[part] > before or self._finished[""] > whole)
        return time.perf_counter() - started

    async def press(self, label: str) -> float:
        """Press a button."""
        button = await self.widget("button", label)
        return await self.act(WidgetState(id=button.id, trigger_value=True))

    async def upload(self, label: str, name: str, data: bytes) -> float:
        """Give a file to an uploader; seconds until the page was drawn with it."""
        started = time.perf_counter()
        uploader = await self.widget("file_uploader", label)
        ask = BackMsg()
        ask.file_urls_request.request_id = name
        ask.file_urls_request.file_names.append(name)
        ask.file_urls_request.session_id = self.session_id
        await self._socket.send(ask.SerializeToString())
        await self.until(lambda: name in self._urls)
        urls = self._urls[name]
        await asyncio.to_thread(put, self.address, urls.upload_url, name, data)
        state = WidgetState(id=uploader.id)
        info = state.file_uploader_state_value.uploaded_file_info.add()
        info.name, info.size, info.file_id = name, len(data), urls.file_id
        info.file_urls.CopyFrom(urls)
        await self.act(state)
        return time.perf_counter() - started

    async def fetch(self, url: str) -> bytes:
        """Fetch what a page links to, such as a download."""
        return await asyncio.to_thread(get, f"{self.address}{url}")

    # --- what a person sees ---

    async def widget(self, kind: str, label: str) -> Any:  # noqa: ANN401 - one of many messages
        """The element of a kind whose label begins with these words, as soon as it is there.

        A page that is just being drawn again may lack it for a moment.
        """
        await self.until(lambda: self.find(kind, label) is not None, APPEAR)
        return self.find(kind, label)

    def find(self, kind: str, label: str) -> Any:  # noqa: ANN401
        """As `widget`; None when it is not there now."""
        for _, element in self._shown.values():
            if element.WhichOneof("type") == kind:
                message = getattr(element, kind)
                if message.label.startswith(label):
                    return message
        return None

    def says(self, words: str) -> bool:
        """Whether some element holds these words."""
        return any(words in str(element) for _, element in self._shown.values())

    async def until(self, true: Callable[[], bool], seconds: float = PATIENCE) -> None:
        """Wait for something to be shown.

        Raises:
            TimeoutError: it does not come.
            ConnectionError: the server closed the session.
        """
        async with asyncio.timeout(seconds), self._news:
            while not true():
                if self._reader.done():
                    raise ConnectionError("the server closed the session")
                await self._news.wait()

    # --- the protocol ---

    async def _rerun(
        self, *states: WidgetState, page: str | None = None, fragment: str = ""
    ) -> None:
        """Ask for a run with all that was set; triggers last for one run."""
        message = BackMsg()
        client = message.rerun_script
        if page is not None:
            self._widgets.clear()
            client.page_script_hash = self._pages[page]
        else:
            client.page_script_hash = self._page_hash
        client.fragment_id, client.is_auto_rerun = fragment, bool(fragment) and not states
        client.context_info.timezone, client.context_info.locale = "UTC", "en"
        triggers = [s for s in states if s.WhichOneof("value") == "trigger_value"]
        self._widgets |= {s.id: s for s in states if s not in triggers}
        client.widget_states.widgets.extend([*self._widgets.values(), *triggers])
        await self._socket.send(message.SerializeToString())

    async def _read(self) -> None:
        """Take in messages until the socket closes."""
        try:
            async for data in self._socket:
                self.received += len(data)
                message = ForwardMsg()
                message.ParseFromString(data if isinstance(data, bytes) else data.encode())
                self._take(message)
                async with self._news:
                    self._news.notify_all()
        finally:
            async with self._news:
                self._news.notify_all()

    def _take(self, message: ForwardMsg) -> None:
        """One message of the server."""
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self._begin(message)
        elif kind == "navigation":
            self._page_hash = message.navigation.page_script_hash
            pages = message.navigation.app_pages
            self._pages = {page.page_name: page.page_script_hash for page in pages}
        elif kind == "delta":
            self._draw(message)
        elif kind == "script_finished":
            self._finish(message)
        elif kind == "file_urls_response":
            answer = message.file_urls_response
            self._urls[answer.response_id] = answer.file_urls[0]
        elif kind == "auto_rerun":
            self._poll(message.auto_rerun.fragment_id, message.auto_rerun.interval)
        elif kind == "stop_auto_rerun":
            self._stop_polling(list(message.stop_auto_rerun.fragment_ids))

    def _begin(self, message: ForwardMsg) -> None:
        """A run begins, of the whole page or of parts of it."""
        self.session_id = message.new_session.initialize.session_id or self.session_id
        if not message.metadata.run.fragment_ids:
            self._run, self._is_running = message.metadata.run.script_run_id, True
            self._stop_polling(list(self._polls))
        elif self._is_running:  # over, though not said: a part that polled overtook the news
            self._end_run()

    def _draw(self, message: ForwardMsg) -> None:
        """Something new at one place of the page."""
        path = tuple(message.metadata.delta_path)
        if message.delta.WhichOneof("type") == "new_element":
            element = message.delta.new_element
            self._shown[path] = (self._run, element)
            self._part_of[_id_of(element)] = message.delta.fragment_id
            if element.WhichOneof("type") == "exception":
                self.exceptions.append(element.exception.message)
        else:
            self._shown.pop(path, None)

    def _finish(self, message: ForwardMsg) -> None:
        """A run has ended.

        One that ended well is reported as cut short when the next begins before the news is sent.
        """
        if message.metadata.run.fragment_ids:
            self._finished.update(message.metadata.run.fragment_ids)
        elif message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
            self._end_run()

    def _end_run(self) -> None:
        """What a run of the whole page did not draw again is gone."""
        self._is_running = False
        self._shown = {path: e for path, e in self._shown.items() if e[0] == self._run}
        self._finished[""] += 1

    def _poll(self, fragment: str, interval: float) -> None:
        """Run a part of the page again and again, as it asked for."""

        async def run() -> None:
            while True:
                await asyncio.sleep(interval)
                await self._rerun(fragment=fragment)

        self._stop_polling([fragment])
        self._polls[fragment] = asyncio.create_task(run())

    def _stop_polling(self, fragments: list[str]) -> None:
        for fragment in fragments:
            if fragment in self._polls:
                self._polls.pop(fragment).cancel()


def _id_of(element: Element) -> str:
    """Id of a widget; "" of anything else."""
    kind = element.WhichOneof("type")
    return "" if kind is None else str(getattr(getattr(element, kind), "id", ""))
