"""Where the binary is."""

import os
import shutil
import sysconfig

NAME = "soda-mock.exe" if os.name == "nt" else "soda-mock"


class MissingBinary(Exception):
    """There is no soda-mock on this machine; the message says how to get it."""


def find_binary(named=None):
    """The path of the binary: the one that is named, else that of SODA_MOCK, else that of this Python environment, else
    that of PATH."""
    named = named or os.environ.get("SODA_MOCK")
    if named:
        if found := shutil.which(named):
            return found
        raise MissingBinary(f"{named} is not a program; name the soda-mock binary, or leave SODA_MOCK unset")
    # The user's own scripts too, as `pip install --user` puts it there.
    schemes = ["", f"{os.name}_user"]
    folders = [sysconfig.get_path("scripts", scheme) if scheme else sysconfig.get_path("scripts") for scheme in schemes]
    found = shutil.which(NAME, path=os.pathsep.join(folders)) or shutil.which(NAME)
    if found:
        return found
    raise MissingBinary(
        "the soda-mock binary is not here. The wheel for this platform has it (pip install --force-reinstall soda-mock); "
        "else build it (cargo install soda-mock) and name it in SODA_MOCK or by --soda-mock"
    )
