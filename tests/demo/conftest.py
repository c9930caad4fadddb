"""A running demo for the tests of a module, put back to its seeded state before each of them."""

from collections.abc import Iterator

import pytest

from tests.demo.demo_process import DemoProcess


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoProcess]:
    demo = DemoProcess(tmp_path_factory.mktemp("demo"))
    demo.start()
    yield demo
    demo.stop()


@pytest.fixture
def demo(running: DemoProcess) -> Iterator[DemoProcess]:
    """The seeded club; afterwards its books must be clean and no address asked for that is not Discord's."""
    running.freshen()
    yield running
    running.check()
    assert running.state()["unknown_routes"] == []
