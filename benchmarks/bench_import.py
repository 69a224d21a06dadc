"""How long `import cemkit` takes beside `import pandas`: paired fresh interpreters, median of 9, as a ratio."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

PAIRS = 9


def seconds(code: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - start


def main() -> None:
    subprocess.run([sys.executable, "-c", "import cemkit, cemkit.scores"], check=True)  # byte code is there
    empty, pandas, cemkit, used = [], [], [], []
    for _ in range(PAIRS):
        empty.append(seconds("pass"))
        pandas.append(seconds("import pandas"))
        cemkit.append(seconds("import cemkit"))
        used.append(seconds("import cemkit; cemkit.nps"))
    start = statistics.median(empty)
    base = statistics.median(pandas) - start
    print(f"interpreter          {start * 1e3:7.0f} ms")
    print(f"import pandas        {base * 1e3:7.0f} ms")
    for name, times in (("import cemkit", cemkit), ("cemkit.nps used", used)):
        own = statistics.median(times) - start
        ratio = statistics.median((b - a) / (c - a) for a, b, c in zip(empty, times, pandas, strict=True))
        print(f"{name:20s} {own * 1e3:7.0f} ms   {ratio:.2f} x pandas (wanted: under 1.6)")


if __name__ == "__main__":
    main()
