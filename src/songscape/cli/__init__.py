"""The command line: one command per public function, ``songscape build``, ``evaluate`` and ``synth``."""

import gc
import sys


def main() -> None:
    """Run the command line; Ctrl-C leaves without a traceback from its first moment on."""
    try:
        from songscape.cli.app import run

        run()
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        gc.freeze()  # or Python looks for cycles in a whole atlas, half a second, before it lets go of everything
