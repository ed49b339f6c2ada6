"""Run the command line with `python -m fvproof`."""

from fvproof.main import main

if __name__ == "__main__":
    main()
