"""Run the command line as `python -m civmap`."""

from civmap.cli import main

if __name__ == "__main__":
    main()
