"""Run the command line with `python -m fvproof`."""

from fvproof.cli.main import main

if __name__ == "__main__":
    main()
