"""The wall clock of a cluster's processes, to be stepped. PostgreSQL and clients
keep the machine's. The processes' own questions for the time are answered by a
library before the C library's: setting a machine's clock needs a machine that
nobody else uses."""

import mmap
import pathlib
import struct

from cluster import run

SOURCE = pathlib.Path(__file__).resolve().parent / "stepped_clock.c"


class SteppedClock:
    def __init__(self, folder):
        self.library = folder / "libstepped_clock.so"
        run("cc", "-O1", "-Wall", "-shared", "-fPIC", "-o", self.library, SOURCE, "-ldl",
            "-lpthread")
        self.path = folder / "clock-step"
        self.path.write_bytes(bytes(8))
        with open(self.path, "r+b") as file:
            self.shared = mmap.mmap(file.fileno(), 8)

    def environment(self):
        """For processes whose clock it shall be."""
        return {"LD_PRELOAD": str(self.library), "STEPPED_CLOCK": str(self.path)}

    def step(self, seconds):
        """So many seconds ahead of the machine's clock from now on."""
        self.shared[:8] = struct.pack("@q", seconds)
