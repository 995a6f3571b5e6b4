"""Virtual time for tests: the loop with which fan-outs are measured too."""

from bot.bench.virtual_time import BEGAN, VirtualLoop, now, on_virtual_time, wall_clock

__all__ = ["BEGAN", "VirtualLoop", "now", "on_virtual_time", "wall_clock"]
