"""`python main.py URL [NAME] …`: the command line of reelin, from a checkout."""

import sys

try:
    from reelin.cli import main
except ModuleNotFoundError as error:
    if error.name != "reelin":
        raise
    sys.exit("reelin is not installed here yet; run: python -m pip install -e '.[full]'")

if __name__ == "__main__":
    main()
