"""The real command line, run in this process on the town."""

import json

from click.testing import CliRunner

from civmap.cli import main


class Civmap:
    """Runs `civmap …` with a city's settings; keeps nothing between two runs."""

    def __init__(self, home, url=None, now="2026-05-20T09:00:00+08:00"):
        self.home = home
        self.environ = {"CIVMAP_HOME": str(home), "CIVMAP_SECRET_KEY": "k" * 48, "CIVMAP_LANG": "zh"}
        if url:
            self.environ["CIVMAP_DATABASE_URL"] = url
        if now:
            self.environ |= {"CIVMAP_NOW": now, "CIVMAP_TESTING": "1"}

    def run(self, *arguments, stdin=None, **environ):
        """Return the finished command: exit_code, stdout, stderr."""
        return CliRunner().invoke(main, [str(part) for part in arguments], input=stdin, env=self.environ | environ)

    def json(self, *arguments, exit_code=0, **environ):
        """Return the one JSON document on stdout of a command that ended as expected."""
        done = self.run(*arguments, "--json", **environ)
        assert done.exit_code == exit_code, (done.exit_code, done.stdout, done.stderr, done.exception)
        return json.loads(done.stdout)

    def refused(self, *arguments, stdin=None, **environ):
        """Return the sentence of a command that was refused."""
        done = self.run(*arguments, stdin=stdin, **environ)
        assert done.exit_code == 1, (done.exit_code, done.stdout, done.stderr, done.exception)
        assert done.stdout == ""
        assert done.stderr.strip()
        return done.stderr
