"""Puts the binary that SODA_MOCK_BINARY names into a wheel for the platform that SODA_MOCK_WHEEL_PLATFORM names.

`packages/build` sets both; a wheel without a binary is not built.
"""

import os
import re
from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface


class Binary(BuildHookInterface):
    PLUGIN_NAME = "custom"

    def initialize(self, version, build_data):
        if version == "editable":
            return
        binary = Path(os.environ["SODA_MOCK_BINARY"])
        name = "soda-mock.exe" if binary.suffix == ".exe" else "soda-mock"
        build_data["shared_scripts"] = {str(binary): name}
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{os.environ['SODA_MOCK_WHEEL_PLATFORM']}"


class Version(MetadataHookInterface):
    PLUGIN_NAME = "custom"

    def update(self, metadata):
        crate = os.environ.get("SODA_MOCK_CRATE", Path(self.root).parent.parent)
        text = (Path(crate) / "Cargo.toml").read_text(encoding="utf-8")
        metadata["version"] = re.search(r'^version = "(.+)"$', text, re.MULTILINE).group(1)
