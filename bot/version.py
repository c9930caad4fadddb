"""Which version of Potkeeper this is."""

from importlib.metadata import PackageNotFoundError, version


def program_version() -> str:
    """The installed version; "0" when the program runs from a folder that was never installed."""
    try:
        return version("potkeeper")
    except PackageNotFoundError:
        return "0"
